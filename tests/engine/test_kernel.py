"""What a learner meets in a kernel: the first cell, the closed lab, the refusal."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from course.images.supply import Supply


def outputs(*sources: str) -> list[list[Any]]:
    """Runs the cells in a fresh kernel; gives the outputs of each."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook, timeout=60, kernel_name="python3", allow_errors=True, store_widget_state=False
    )
    client.execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def shown(have: Supply) -> list[list[Any]]:
    return outputs(
        "import course",
        "%%host\nhostname",
        "lab = course.open(3)\nlab.status()",
        "%%host\nhostname",
        'lab.client.containers.run("busybox", "true", name="twice")',
        'lab.client.containers.run("busybox", "true", name="twice")',
        "lab.close()",
        "lab.client",
    )


def test_a_host_cell_before_the_first_lab_says_what_to_do(shown: list[list[Any]]) -> None:
    (error,) = shown[1]
    assert error["ename"] == "CourseError"
    assert "first cell" in error["evalue"]


def test_the_first_cell_leaves_the_status_line_only(shown: list[list[Any]]) -> None:
    (status,) = shown[2]
    assert status["data"]["text/plain"].startswith("Lab 03: your own Docker")


def test_host_cells_run_afterwards(shown: list[list[Any]]) -> None:
    assert shown[3][0]["text"] == "node1\n"


def test_a_refusal_is_two_lines_and_no_wall(shown: list[list[Any]]) -> None:
    (error,) = shown[5]
    assert error["ename"] == "APIError"
    assert len(error["traceback"]) == 2
    assert "already in use" in error["traceback"][0]
    assert "lab.fresh" in error["traceback"][1]


def test_a_closed_lab_says_so(shown: list[list[Any]]) -> None:
    (error,) = shown[7]
    assert error["ename"] == "CourseError"
    assert "This lab is closed" in error["evalue"]
