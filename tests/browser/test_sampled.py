"""Processes and Stats on a live engine: both are shown, and both move by themselves."""

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
    'import course\nlab = course.open("04")',
    "import json\nm = lab.nodes[0].machine\nprint(json.dumps([m.address.url, str(m.folder)]))",
    "lab.processes()",
    "lab.stats()",
    "lab.close()",
]
OPEN, WHERE, PROCESSES, STATS, CLOSE = range(5)
SOON = 20_000  # milliseconds for a reading, on a busy machine
# It adopts the child of a shell that ends at once, and never asks how it ended.
ZOMBIE = "(sleep 0.2 & exec sleep 600) & exec sleep 700"


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("sampled.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    for index in (WHERE, PROCESSES, STATS):
        whole_page.run(index)
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
    client.images.pull("busybox", "latest")
    yield client
    client.close()


def picture(page: JupyterLab, cell: int) -> Locator:
    return page.cell(cell).locator(".dk-live > svg")


def shows(page: JupyterLab, cell: int, words: str) -> None:
    expect(picture(page, cell)).to_have_attribute("aria-label", re.compile(words), timeout=SOON)


def test_processes_come_and_go(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    shows(notebook, PROCESSES, "no container runs")
    web = engine.containers.run("busybox", ["sh", "-c", ZOMBIE], name="web", detach=True)
    shows(notebook, PROCESSES, r"web: PID 1 sleep, 1 more, 1 zombie \(sleep\)")
    web.reload()
    row = picture(notebook, PROCESSES).locator(f"[data-key='pid:{web.attrs['State']['Pid']}']")
    expect(row).to_contain_text("PID 1")
    expect(picture(notebook, PROCESSES).locator("[data-key='box:web']")).to_have_count(1)
    row.evaluate("node => { node.stayed = true; }")
    before = engine.containers.run("busybox", ["sleep", "600"], name="early", detach=True)
    shows(notebook, PROCESSES, "early: PID 1 sleep")
    assert row.evaluate("node => node.stayed"), "the row was drawn anew and cannot glide"
    before.remove(force=True)
    shows(notebook, PROCESSES, r"Processes\. web:")


def test_curves_grow(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    shows(notebook, STATS, "web running")
    # The first: an ended container has its curve for a minute.
    curve = picture(notebook, STATS).locator("path.curve.new-line").first
    first = str(curve.get_attribute("d"))
    expect(curve).not_to_have_attribute("d", first, timeout=SOON)
    engine.containers.get("web").update(mem_limit="48m", memswap_limit="96m")
    shows(notebook, STATS, r"web running \(limit 48 MiB of memory\)")
    engine.containers.get("web").kill()
    shows(notebook, STATS, "web exited")
    shows(notebook, PROCESSES, "no container runs")


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    busy = ["sh", "-c", "while :; do ping -c1 $(hostname -i) >/dev/null; done"]
    engine.containers.run("busybox", busy, name="busy", detach=True, nano_cpus=500_000_000)
    engine.containers.run("busybox", ["sh", "-c", ZOMBIE], name="zombies", detach=True)
    shows(notebook, STATS, "busy running.*zombies running")
    for theme in ("light", "dark"):
        notebook.theme(theme)
        for cell, name in ((PROCESSES, "processes"), (STATS, "stats")):
            picture(notebook, cell).scroll_into_view_if_needed()
            notebook.screenshot(f"{name}-{theme}")
    assert notebook.errors == []
    assert notebook.strangers == []
