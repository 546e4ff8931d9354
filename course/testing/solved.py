"""A notebook as a learner leaves it who solves each task as the page itself says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

import nbformat
from nbformat import NotebookNode

TURN = "# Your turn"
_SOLUTION = "<details><summary>Solution"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELL = ("sh", "shell")
_SOLVED = re.compile(r"✔ (\w+\.\w+) ")


def solved(notebook: NotebookNode) -> NotebookNode:
    """Writes each solution's code below the words "Your turn", a cell for each block.

    Args:
        notebook: It is copied and never changed.

    Returns:
        The copy, without outputs.

    Raises:
        ValueError: A task has no solution, or one without code.
    """
    made = deepcopy(notebook)
    cells: list[NotebookNode] = []
    for at, cell in enumerate(made.cells):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if cell.cell_type == "code" and cell.source.startswith(TURN):
            cells += _filled(cell, _solution(made.cells[at:], cell.id))
        else:
            cells.append(cell)
    made.cells = cells
    return made


def _solution(cells: list[NotebookNode], turn: str) -> str:
    for cell in cells:
        if cell.cell_type == "markdown" and _SOLUTION in cell.source:
            return str(cell.source)
    raise ValueError(f"There is no solution below {turn}")


def _filled(turn: NotebookNode, solution: str) -> Iterator[NotebookNode]:
    blocks = [
        f"%%host\n{code}" if language in _SHELL else code
        for language, code in _BLOCK.findall(solution)
    ]
    if not blocks:
        raise ValueError(f"The solution of {turn.id} has no code")
    for number, block in enumerate(blocks):
        source, name = f"{TURN}\n{block.rstrip()}", f"{turn.id}-{number}"
        cell = nbformat.v4.new_code_cell(source, id=name)  # type: ignore[no-untyped-call]
        yield cell


def solved_tasks(text: str) -> set[str]:
    """Returns the ids of tasks whose verdicts in this text say that they are solved."""
    return set(_SOLVED.findall(text))
