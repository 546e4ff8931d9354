"""Compose and Restarts in JupyterLab: they follow what `docker compose` does from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

from course.images import supply

CELLS = [
    'import course\nlab = course.open("06")',
    "import json\nprint(json.dumps(lab.nodes[0].machine.address.container))",
    'lab.compose("shop")',
    "lab.restarts()",
    "lab.close()",
]
OPEN, WHERE, COMPOSE, RESTARTS, CLOSE = range(5)
STILL = 700  # milliseconds after which everything has glided to its place
SOON = 30_000  # milliseconds for a command and its events, on a busy machine
FILE = """
services:
  db: {image: busybox, command: sleep 600, stop_signal: SIGKILL, volumes: ["rows:/rows"]}
  web:
    image: busybox
    command: sleep 600
    stop_signal: SIGKILL
    restart: always
    depends_on: [db]
volumes: {rows: {}}
"""


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("compose.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    for cell in (WHERE, COMPOSE, RESTARTS):
        whole_page.run(cell)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.run(CLOSE)
    whole_page.close()


@pytest.fixture(scope="module")
def shell(notebook: JupyterLab) -> Callable[[str], None]:
    """Runs a script on the notebook's Docker host, as somebody else would."""
    container = json.loads("".join(notebook.outputs(WHERE)[0]["text"]))
    sandbox = supply.ensure().host.client.containers.get(container)

    def run(script: str) -> None:
        made = f"cd /tmp && cat > compose.yaml <<'END'\n{FILE}\nEND\n{script}"
        code, out = sandbox.exec_run(["sh", "-c", made])
        assert code == 0, out.decode()

    return run


def picture(page: JupyterLab, cell: int) -> Locator:
    return page.cell(cell).locator(".dk-live > svg")


def shows(page: JupyterLab, cell: int, words: str) -> None:
    expect(picture(page, cell)).to_have_attribute("aria-label", re.compile(words), timeout=SOON)


def test_compose_follows_up_scale_and_stop(
    notebook: JupyterLab, shell: Callable[[str], None]
) -> None:
    shows(notebook, COMPOSE, "Nothing here belongs to a project shop")
    shell("docker compose -p shop up -d")
    shows(notebook, COMPOSE, r"db 1 running; web 1 running, after db \(started\)")
    card = picture(notebook, COMPOSE).locator("[data-key='c-shop-db-1']")
    card.evaluate("node => { node.marked = true; }")
    shell("docker compose -p shop up -d --scale web=3")
    shows(notebook, COMPOSE, "web 3 running")
    expect(picture(notebook, COMPOSE).locator("[data-key='c-shop-web-3']")).to_be_attached()
    shell("docker compose -p shop stop db")
    shows(notebook, COMPOSE, r"db 1 exited \(137\); web 3 running")
    assert card.evaluate("node => node.marked"), "another element: it cannot have glided"
    notebook.page.wait_for_timeout(STILL)
    notebook.screenshot("compose-engine")


def test_restarts_follow_a_kill_from_outside(
    notebook: JupyterLab, shell: Callable[[str], None]
) -> None:
    shows(notebook, RESTARTS, r"shop-db-1 \(no\): start, docker stop, exit 137")
    shell("kill -9 $(docker inspect -f '{{.State.Pid}}' shop-web-1)")
    shows(notebook, RESTARTS, "shop-web-1 .always.: start, exit 137, wait 0.1 s, restart 1")
    shows(notebook, COMPOSE, "web 3 running")
    expect(picture(notebook, COMPOSE).locator("[data-key='c-shop-web-1']")).to_contain_text(
        "1 restart", timeout=SOON
    )
    shell("docker compose -p shop down")
    shows(notebook, COMPOSE, "what is left of it: volume shop_rows: no container")


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab) -> None:
    assert notebook.errors == []
    assert notebook.strangers == []
    notebook.cell(RESTARTS)
    notebook.page.wait_for_timeout(STILL)
    notebook.screenshot("restarts-engine")
