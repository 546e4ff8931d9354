"""Lifecycle on a live engine: it follows what others do, and its buttons do what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

from course.engine.sandbox import connect
from course.images import supply

CELLS = [
    'import course\nlab = course.open("03")',
    "import json\nm = lab.nodes[0].machine\nprint(json.dumps([m.address.url, str(m.folder)]))",
    "lab.lifecycle()",
    'blocked = lab.client.containers.run("busybox", "sleep 8")',
    "lab.close()",
]
OPEN, WHERE, SHOW, BUSY, CLOSE = range(5)
SOON = 15_000  # milliseconds for an action and its event, on a busy machine


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("lifecycle.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    whole_page.run(WHERE)
    whole_page.run(SHOW)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.run(CLOSE)
    whole_page.close()


@pytest.fixture(scope="module")
def engine(notebook: JupyterLab) -> Iterator[docker.DockerClient]:
    """Somebody else's client of the notebook's engine."""
    url, folder = json.loads("".join(notebook.outputs(WHERE)[0]["text"]))
    client = connect(url, Path(folder))
    yield client
    client.close()


def picture(page: JupyterLab) -> Locator:
    return page.cell(SHOW).locator(".dk-live > svg")


def shows(page: JupyterLab, words: str) -> None:
    expect(picture(page)).to_have_attribute("aria-label", re.compile(words), timeout=SOON)


def press(page: JupyterLab, name: str) -> None:
    button = page.cell(SHOW).get_by_role("button", name=re.compile(rf"^\W*{name}$"))
    expect(button).to_be_enabled(timeout=SOON)
    button.click()


def test_it_follows_what_others_do(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    engine.images.pull("busybox", "latest")
    web = engine.containers.create("busybox", "sleep 600", name="web", stop_signal="SIGKILL")
    shows(notebook, "web created")
    web.start()
    shows(notebook, "web running")
    web.stop()
    shows(notebook, r"web exited \(137\)")


def test_buttons_do_what_they_say(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    press(notebook, "Start")
    shows(notebook, "web running")
    press(notebook, "Pause")
    shows(notebook, "web paused")
    assert engine.containers.get("web").status == "paused"
    press(notebook, "Unpause")
    shows(notebook, "web running")


def test_buttons_work_while_a_call_blocks(
    notebook: JupyterLab, engine: docker.DockerClient
) -> None:
    notebook.start(BUSY)
    press(notebook, "Kill")
    shows(notebook, r"web exited \(137\)")
    assert engine.containers.get("web").status == "exited"
    assert notebook.is_running(BUSY), "the button was heard only after the cell"


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab) -> None:
    assert notebook.errors == []
    assert notebook.strangers == []
    notebook.screenshot("lifecycle-engine")
