"""Notebooks with their solutions written in."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course.dev.normalise import notebooks
from course.testing.solved import solved, solved_tasks

SOLUTION = """<details><summary>Solution</summary>

```{language}
{code}
```

Or so:

```python
n = 2
```

</details>"""


def page(language: str, code: str) -> NotebookNode:
    cells = [
        new_code_cell('lab.task("3.1")', id="task"),
        new_code_cell("# Your turn", id="turn"),
        new_code_cell('lab.check("3.1")', id="check"),
        new_markdown_cell(SOLUTION.format(language=language, code=code), id="solution"),
    ]
    return new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("language", "code", "made"),
    [
        ("python", "n = 1", "# Your turn\nn = 1"),
        ("text", "%%host\ndocker ps", "# Your turn\n%%host\ndocker ps"),
        ("sh", "docker ps", "# Your turn\n%%host\ndocker ps"),
    ],
)
def test_each_block_of_a_solution_takes_its_turn(language: str, code: str, made: str) -> None:
    given = page(language, code)
    cells = solved(given).cells
    assert [cell.id for cell in cells] == ["task", "turn-0", "turn-1", "check", "solution"]
    assert [cell.source for cell in cells[1:3]] == [made, "# Your turn\nn = 2"]
    assert given.cells[1].source == "# Your turn"


def test_a_task_without_a_solution_is_told() -> None:
    given = page("python", "n = 1")
    given.cells.pop()
    with pytest.raises(ValueError, match="no solution below turn"):
        solved(given)


def test_a_solution_without_code_is_told() -> None:
    given = page("python", "n = 1")
    given.cells[-1].source = "<details><summary>Solution</summary>\n\nThink.\n\n</details>"
    with pytest.raises(ValueError, match="turn has no code"):
        solved(given)


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_every_task_of_the_course_has_code_to_solve_it(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    turns = [cell for cell in notebook.cells if cell.source.startswith("# Your turn")]
    assert turns
    assert len(solved(notebook).cells) >= len(notebook.cells)


def test_only_solved_verdicts_count() -> None:
    text = "✔ 3.1 Try: solved. So.\n✘ 3.2 Try: not yet.\n✔ 12a.3 Try: solved."
    assert solved_tasks(text) == {"3.1", "12a.3"}
