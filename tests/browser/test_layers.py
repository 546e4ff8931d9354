"""Layers on a live engine: the picture grows while the cell builds, and stays as a still."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

from course.images import supply

MAKE = r"""
import io, tempfile, course
from pathlib import Path
lab = course.open("07")
lab.client.images.pull("busybox", "latest")
folder = Path(tempfile.mkdtemp())
(folder / "Dockerfile").write_text(
    "FROM busybox\nRUN echo '<b>one</b>'; sleep 2\nRUN echo two; sleep 2\nCMD [\"sh\"]\n"
)
"""
CELLS = [
    MAKE,
    "first = lab.client.api.build(path=str(folder), tag='app:one', nocache=True, decode=True)\n"
    "lab.layers(first)",
    "lab.client.images.get('app:one').tags",
    "lab.layers(first, lab.buildkit('docker build --no-cache -t app:kit .', path=folder))",
    "lab.close()",
]
OPEN, CLASSIC, IMAGE, BOTH, CLOSE = range(5)
SOON = 60_000  # milliseconds, on a busy machine


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("layers.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.run(CLOSE)
    whole_page.close()


def picture(page: JupyterLab, cell: int) -> Locator:
    return page.cell(cell).locator(".dk-live > svg")


def shows(page: JupyterLab, cell: int, words: str) -> None:
    expect(picture(page, cell)).to_have_attribute("aria-label", re.compile(words), timeout=SOON)


def ended(page: JupyterLab, cell: int) -> None:
    prompt = page.cell(cell).locator(".jp-InputPrompt")
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=SOON)
    page.page.wait_for_function("() => window.ended")  # what `start` began is done, too


def test_the_picture_grows_while_the_cell_builds(notebook: JupyterLab) -> None:
    notebook.start(CLASSIC)
    shows(notebook, CLASSIC, r"RUN echo '<b>one</b>'; sleep 2: running$")
    assert notebook.is_running(CLASSIC)
    notebook.screenshot("layers-running")
    shows(notebook, CLASSIC, r"one</b>'; sleep 2: built; RUN echo two; sleep 2: running$")
    assert notebook.is_running(CLASSIC)
    ended(notebook, CLASSIC)
    shows(notebook, CLASSIC, r"RUN echo two; sleep 2: built; CMD \[\"sh\"\]: built$")


def test_the_next_cell_finds_the_image(notebook: JupyterLab) -> None:
    notebook.run(IMAGE)
    assert notebook.cell_errors() == []
    (output,) = notebook.outputs(IMAGE)
    assert "app:one" in output["data"]["text/plain"]


def test_the_still_is_the_end_of_the_build(notebook: JupyterLab) -> None:
    (output,) = notebook.outputs(CLASSIC)
    html = "".join(output["data"]["text/html"])
    found = re.search(r"base64,([^\"]+)", html)
    assert found
    still = base64.b64decode(found[1]).decode()
    assert "image" in still
    assert "running" not in still
    assert "sleep 2: running" not in "".join(output["data"]["text/plain"])


def test_two_builds_side_by_side(notebook: JupyterLab) -> None:
    notebook.start(BOTH)
    shows(notebook, BOTH, r"\(classic builder\).*\(BuildKit\).*: running")
    ended(notebook, BOTH)
    shows(notebook, BOTH, r"app:kit \(BuildKit\).*1 layer is shared$")
    expect(picture(notebook, BOTH).locator("[data-key=tie-0]")).to_have_count(1)
    assert notebook.cell_errors() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_photographed_in_both_themes(notebook: JupyterLab, theme: str) -> None:
    notebook.theme(theme)
    expect(picture(notebook, BOTH)).to_be_visible()
    notebook.screenshot(f"layers-{theme}")


def test_what_a_dockerfile_says_is_only_words(notebook: JupyterLab) -> None:
    assert picture(notebook, CLASSIC).locator("b, script, img").count() == 0


def test_no_console_error_came(notebook: JupyterLab) -> None:
    assert notebook.errors == []
    assert notebook.strangers == []
