"""Runs notebooks and stores what they show, where that has changed.

`python -m course.dev.outputs [--check | --anew] [NN …]`: without numbers, every notebook.
A cell whose sanitised outputs are the same keeps the stored ones, byte for byte. So ids and times
of one notebook come from several runs after a while; `--anew` stores those of one run again.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode

from course.catalogue import catalogue
from course.dev.normalise import clean_outputs, normalised, notebooks, parsed
from course.errors import CourseError
from course.testing import sanitise
from course.testing.session import CELL_TIMEOUT, Session, TookTooLong, error_of, may_raise


@dataclass(frozen=True)
class Change:
    """A cell that shows something else now.

    Attributes:
        cell: Its id.
        diff: Of the sanitised outputs, one string a line.
    """

    cell: str
    diff: tuple[str, ...]


def refresh(
    path: Path, *, check: bool = False, anew: bool = False, cell_timeout: int = CELL_TIMEOUT
) -> list[Change]:
    """Runs one notebook in a fresh kernel and stores the outputs that changed.

    Args:
        path: The notebook file.
        check: Run and compare, write nothing.
        anew: Store what did not change, too: all of it is of this one run then.
        cell_timeout: Seconds that one cell may take.

    Raises:
        CourseError: A cell raised, took too long or ended the kernel; nothing is written.
    """
    before = path.read_text(encoding="utf-8")
    notebook = parsed(before)
    if anew:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.execution_count = None
    changes = _run(notebook, path, cell_timeout)
    after = normalised(notebook)
    if after != before and not check:
        path.write_text(after, encoding="utf-8", newline="\n")
    return changes


def _run(notebook: NotebookNode, path: Path, cell_timeout: int) -> list[Change]:
    changes: list[Change] = []
    with Session(notebook, path.parent, cell_timeout) as session:
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                changes += _take(cell, _fresh(session, path, index, cell))
    return changes


def _fresh(session: Session, path: Path, index: int, cell: NotebookNode) -> NotebookNode:
    try:
        fresh = session.run(index)
    except (TookTooLong, DeadKernelError) as error:
        raise _failed(path, cell, str(error) or "The kernel died.") from error
    error_output = error_of(fresh)
    if error_output and not may_raise(cell):
        raise _failed(path, cell, "\n".join(error_output.traceback))
    return fresh


def _failed(path: Path, cell: NotebookNode, got: str) -> CourseError:
    return CourseError(
        f"Ran {path.name}, cell {cell.get('id')}:\n\n{cell.source}\n\n",
        got,
        "\n\nThe notebook was not written: mend the cell, then run this again.",
    )


def _take(cell: NotebookNode, fresh: NotebookNode) -> list[Change]:
    """Puts the fresh outputs into the cell, unless they say the same as its own."""
    stored, now = (_form(one.outputs) for one in (cell, fresh))
    is_new = cell.execution_count is None
    if is_new or stored != now:
        cell.outputs = clean_outputs(fresh.outputs)
        cell.execution_count = fresh.execution_count
    if stored == now:
        return []
    return [Change(str(cell.get("id")), tuple(difflib.unified_diff(stored, now, lineterm="", n=1)))]


def _form(outputs: list[Any]) -> list[str]:
    """Returns the sanitised outputs as lines."""
    lines = []
    for one in sanitise.outputs(outputs):
        text = json.dumps(one, indent=1, sort_keys=True, ensure_ascii=False)
        lines += text.replace("\\n", "\n").splitlines()
    return lines


def _paths(numbers: list[str]) -> list[Path]:
    if not numbers:
        return notebooks()
    return [catalogue().chapter(number).notebook for number in numbers]


def _refuse_other_engine() -> None:
    if engine := os.environ.get("COURSE_ENGINE"):
        raise CourseError(
            f"Looked for the engine that shows what notebooks store: COURSE_ENGINE is {engine!r}.",
            "What another engine shows is no output to store.",
            "Unset it; what differs there belongs into tests/notebooks/engines.toml.",
        )


def _tell(path: Path, changes: list[Change], *, check: bool) -> None:
    print(f"{path.name}: {len(changes)} cells changed" if changes else f"{path.name}: the same")
    for change in changes:
        print(f"  {path.name}:{change.cell}:")
        for line in change.diff if check else ():
            print(f"    {line}")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="course.dev.outputs", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NN", help="chapters")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing; 1 where cells changed")
    how.add_argument("--anew", action="store_true", help="store what did not change, too")
    given = parser.parse_args(arguments)
    failed = False
    try:
        _refuse_other_engine()
        for path in _paths(given.numbers):
            changes = refresh(path, check=given.check, anew=given.anew)
            _tell(path, changes, check=given.check)
            failed |= bool(changes) and given.check
    except CourseError as error:
        print(error, file=sys.stderr)
        return 2
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
