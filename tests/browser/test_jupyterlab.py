"""The harness itself, and what no notebook of the course may do."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from lab_page import JupyterLab

from course.catalogue import catalogue
from course.dev.normalise import notebooks
from course.testing.solved import solved, solved_tasks


def test_cells_run_and_show_what_they_say(jupyterlab: JupyterLab) -> None:
    jupyterlab.open(jupyterlab.write("plain.ipynb", ["# Plain", "n = 3", "print(n)"]))
    jupyterlab.run_all()
    assert jupyterlab.outputs(2)[0]["text"] in ("3\n", ["3\n"])
    assert jupyterlab.cell_errors() == []
    assert jupyterlab.errors == []


def test_errors_of_cells_and_page_are_seen(jupyterlab: JupyterLab) -> None:
    script = "from IPython.display import Javascript\nJavascript('console.error(\"mine\")')"
    jupyterlab.open(jupyterlab.write("wrong.ipynb", [script, "1 / 0"]))
    jupyterlab.run(0)
    jupyterlab.run(1)
    assert "ZeroDivisionError" in jupyterlab.cell_errors()[0]
    assert any("mine" in error for error in jupyterlab.errors)


def test_a_cell_that_does_not_end_is_named(jupyterlab: JupyterLab) -> None:
    sleep = "import time\nprint('well', flush=True)\ntime.sleep(60)"
    jupyterlab.open(jupyterlab.write("long.ipynb", ["# Long", "1", sleep, "2"]))
    with pytest.raises(AssertionError, match=r"(?s)at cell .*time\.sleep\(60\)\nwell\n$"):
        jupyterlab.run_all(timeout=5)


def test_a_stranger_is_seen(jupyterlab: JupyterLab) -> None:
    jupyterlab.open(jupyterlab.write("far.ipynb", ["# ![far](http://far.invalid/x.png)"]))
    jupyterlab.page.wait_for_selector("img[alt=far]", state="attached")
    assert jupyterlab.strangers == ["http://far.invalid/x.png"]


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_a_notebook_runs_without_an_error(jupyterlab: JupyterLab, path: Path) -> None:
    """With each task solved as the page says: nothing that follows may stumble over that."""
    (chapter,) = (one for one in catalogue().chapters if one.notebook.name == path.name)
    copy = jupyterlab.server.folder / "notebooks" / f"{path.stem}-solved.ipynb"
    nbformat.write(solved(nbformat.read(path, as_version=4)), copy)
    jupyterlab.open(f"notebooks/{copy.name}")
    jupyterlab.run_all(timeout=900)  # 12a takes 4 minutes, beside another one more
    assert jupyterlab.cell_errors() == []
    assert jupyterlab.errors == []
    assert jupyterlab.strangers == []
    told = jupyterlab.plain()
    unsolved = {task.id for task in chapter.tasks} - solved_tasks(told)
    assert [line for line in told.splitlines() if any(f" {one} " in line for one in unsolved)] == []
    assert unsolved == set()
    jupyterlab.screenshot(path.stem)
