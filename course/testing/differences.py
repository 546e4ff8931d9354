"""Where another engine than the one of the stored outputs does something else: the one list.

A cell in it is no exemption. Its output on that engine is written there, and compared as strictly
as the stored one is; and an entry that no longer differs from the stored output fails.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.errors import CourseError
from course.images.inventory import inventory
from course.testing import sanitise

ENVIRONMENT = "COURSE_ENGINE"
Outputs = list[dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """What one cell shows on some engines.

    Attributes:
        notebook: File name, as "03-containers.ipynb".
        cell: The cell's id in the notebook file.
        engines: Debian releases whose engine shows this, as "bookworm".
        why: What the engine does otherwise; the notebook's prose says it, too.
        shows: The text of the cell's only output.
        free: A regular expression of what differs even from run to run on these engines.
    """

    notebook: str
    cell: str
    engines: tuple[str, ...]
    why: str
    shows: str
    free: str = ""

    def expected(self, stored: Outputs) -> Outputs:
        """Returns the sanitised form of the cell's output on these engines.

        Args:
            stored: The sanitised form of what the notebook file has.
        """
        (one,) = stored
        text = sanitise.text(self.shows)
        if one["output_type"] == "stream":
            return self.freed([one | {"text": text}])
        return self.freed([one | {"data": {"text/plain": text.rstrip("\n")}}])

    def freed(self, outputs: Outputs) -> Outputs:
        """Returns sanitised outputs without what may differ from run to run."""
        if not self.free:
            return outputs
        streams = [one for one in outputs if one["output_type"] == "stream"]
        return [one | {"text": re.sub(self.free, "{free}", one["text"])} for one in streams]


def of_engine(entries: tuple[Difference, ...], notebook: str) -> dict[str, Difference]:
    """Returns cell → entry of one notebook, for the engine that `COURSE_ENGINE` asks for."""
    engine = os.environ.get(ENVIRONMENT)
    found = [one for one in entries if one.notebook == notebook and engine in one.engines]
    return {one.cell: one for one in found}


def read(path: Path) -> tuple[Difference, ...]:
    """Reads the list; a list that is not there is empty.

    Raises:
        CourseError: An entry lacks a field, names no other engine of ours, or is there twice.
    """
    if not path.exists():
        return ()
    raw = tomllib.loads(path.read_text(encoding="utf-8")).get("cell", [])
    entries = tuple(_entry(path, one) for one in raw)
    keys = [(one.notebook, one.cell, engine) for one in entries for engine in one.engines]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise CourseError(f"Read {path}.", f"Twice there: {sorted(twice)}.")
    return entries


_NEEDED = {"notebook", "cell", "engines", "why", "shows"}


def _entry(path: Path, raw: dict[str, Any]) -> Difference:
    engine = inventory().engine
    others = engine.suites.keys() - {engine.suite}
    missing, unknown = _NEEDED - raw.keys(), raw.keys() - _NEEDED - {"free"}
    if missing or unknown or not set(raw["engines"]) <= others or not raw["why"].strip():
        raise CourseError(
            f"Read {path}.",
            f"The entry of cell {raw.get('cell')!r} is not complete, or names no other engine.",
            f"It has {', '.join(sorted(_NEEDED))}; engines are of {', '.join(sorted(others))}.",
        )
    return Difference(**raw | {"engines": tuple(raw["engines"])})
