"""Registry in JupyterLab: it follows pushes and deletions, and says when nobody answers."""

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

ADDRESS = "localhost:5000"
CELLS = [
    'import course\nlab = course.open("13")',
    "import json\nm = lab.nodes[0].machine\nprint(json.dumps([m.address.url, str(m.folder)]))",
    "from course.checks.make_registry import make_program, make_registry, push\n"
    'lab.client.images.pull("busybox", "latest")\n'
    'registry = make_registry(lab, "shelf", 5000, STORAGE_DELETE_ENABLED="true")\n'
    'for name, count in (("shop:1", 3_000_000), ("shop:2", 900_000), ("team/blog:1", 2_000_000)):\n'
    f'    make_program(lab, f"{ADDRESS}/{{name}}", "busybox", count)\n'
    f'    push(lab, f"{ADDRESS}/{{name}}")',
    f'lab.registry("{ADDRESS}", "/srv/shelf/data")',
    f'push(lab, "{ADDRESS}/shop:3")',
    "lab.close()",
]
OPEN, WHERE, FILL, SHOW, PUSH, CLOSE = range(6)
SOON = 30_000  # milliseconds for a push and the next reading, on a busy machine
STILL = 700  # milliseconds after which everything has glided to its place


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("registry.ipynb", CELLS))
    for cell in (OPEN, WHERE, FILL, SHOW):
        whole_page.run(cell, timeout=240)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.theme("light")
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


def photograph(page: JupyterLab, name: str) -> None:
    """Keeps the picture in both themes."""
    page.page.wait_for_timeout(STILL)
    for theme in ("light", "dark"):
        page.theme(theme)
        picture(page).scroll_into_view_if_needed()
        page.screenshot(f"registry-{name}-{theme}")
    page.theme("light")


def test_repositories_tags_and_what_is_shared(notebook: JupyterLab) -> None:
    shows(notebook, r"localhost:5000 \(plain HTTP\); shop: 1, 2; team/blog: 1")
    shows(notebook, "shared by shop:1 and shop:2 and team/blog:1")
    photograph(notebook, "shared")


def test_it_follows_a_push(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    engine.images.get(f"{ADDRESS}/shop:1").tag(f"{ADDRESS}/shop", "3")
    notebook.run(PUSH)
    shows(notebook, "shop: 1, 2, 3")


def test_a_manifest_that_is_deleted_leaves_its_layers(
    notebook: JupyterLab, engine: docker.DockerClient
) -> None:
    """From the registry's own container: the page's notebook is not asked to."""
    digests = engine.images.get(f"{ADDRESS}/shop:2").attrs["RepoDigests"]
    digest = next(one for one in digests if one.startswith(f"{ADDRESS}/shop@")).partition("@")[2]
    line = f"DELETE /v2/shop/manifests/{digest} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n"
    said = engine.containers.run(
        "busybox",
        ["sh", "-c", f"printf '{line}' | nc localhost 5000"],
        network_mode="host",
        remove=True,
    )
    assert b" 202 " in said
    shows(notebook, "shop: 1, 3;")
    photograph(notebook, "garbage")


def test_it_says_that_nobody_answers(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    engine.containers.get("shelf").stop(timeout=1)
    shows(notebook, "Nobody answers at localhost:5000")
    photograph(notebook, "silent")


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab) -> None:
    assert notebook.cell_errors() == []
    assert notebook.errors == []
    assert notebook.strangers == []
