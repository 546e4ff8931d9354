"""The one list of cells whose outputs are not compared; it may only shrink."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.errors import CourseError


@dataclass(frozen=True)
class Exemption:
    """A cell that is run and not compared.

    Attributes:
        notebook: File name, as "03-containers.ipynb".
        cell: The cell's id in the notebook file.
        reason: Why no rule of the sanitiser can tell what must stay the same.
    """

    notebook: str
    cell: str
    reason: str


def read(path: Path) -> tuple[Exemption, ...]:
    """Reads the list; a list that is not there is empty.

    Raises:
        CourseError: An entry lacks a field or is there twice, or there are more of them than
            the list's own `at_most`.
    """
    if not path.exists():
        return ()
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    entries = tuple(_entry(path, raw) for raw in data.get("exempt", []))
    _bounded(path, len(entries), data.get("at_most", 0))
    _once(path, entries)
    return entries


def unknown(entries: tuple[Exemption, ...], folder: Path, cells: dict[str, set[str]]) -> list[str]:
    """Returns a message for each entry that names no cell with an output to compare.

    A run sees only the notebooks that it collects: of an entry for one that is gone, only the
    unit test that calls this with all of them can tell.

    Args:
        entries: The list.
        folder: Where the notebooks are, for the message.
        cells: File name of each notebook to the ids of its code cells that have outputs.
    """
    return [
        f"{folder / one.notebook}: cell {one.cell!r} is exempt, and no such cell has an output"
        for one in entries
        if one.cell not in cells.get(one.notebook, set())
    ]


def _entry(path: Path, raw: dict[str, Any]) -> Exemption:
    fields = {name: str(raw.get(name, "")).strip() for name in ("notebook", "cell", "reason")}
    missing = [name for name, value in fields.items() if not value]
    if missing or raw.keys() - fields.keys():
        raise CourseError(
            f"Read the exemptions in {path}.",
            f"The entry {raw} lacks {', '.join(missing) or 'nothing, and has more'}.",
            "Give each entry a notebook, a cell and a reason, and nothing else.",
        )
    return Exemption(**fields)


def _bounded(path: Path, count: int, at_most: int) -> None:
    if count > at_most:
        raise CourseError(
            f"Read the exemptions in {path}.",
            f"It has {count} entries, and at_most is {at_most}.",
            "Make the cell's output the same in every run, or give the sanitiser a rule.",
        )


def _once(path: Path, entries: tuple[Exemption, ...]) -> None:
    keys = [(one.notebook, one.cell) for one in entries]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise CourseError(f"Read the exemptions in {path}.", f"Twice there: {sorted(twice)}.")
