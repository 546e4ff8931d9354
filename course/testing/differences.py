"""Where another engine or kernel than that of the stored outputs does something else: the one list.

A cell in it is no exemption. Its output on that engine is written there, and compared as strictly
as the stored one is; and an entry that no longer differs from the stored output fails.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from course.catalogue import ROOT
from course.errors import CourseError
from course.images.inventory import inventory
from course.testing import kernel, sanitise
from course.views.view import Picture

ENVIRONMENT = "COURSE_ENGINE"
Outputs = list[dict[str, Any]]


@dataclass(frozen=True)
class Difference:
    """What one cell shows on some engines, on some kernel, or on some engines on some kernel.

    Attributes:
        notebook: File name, as "03-containers.ipynb".
        cell: The cell's id in the notebook file.
        why: What is otherwise there; the notebook's prose says it, too.
        shows: The text of the cell's only output; of a picture, what it says in words.
        engines: Debian releases whose engine shows this, as "bookworm"; all of them when empty.
        kernel: What the kernel has ("ipvs"); any kernel when empty.
        free: A regular expression of what differs even from run to run there.
        picture: File of the picture that is shown, from the root of this tree.
    """

    notebook: str
    cell: str
    why: str
    shows: str
    engines: tuple[str, ...] = ()
    kernel: str = ""
    free: str = ""
    picture: str = ""

    @property
    def rank(self) -> int:
        """How closely it says where: of two that hold, the higher one counts."""
        return bool(self.engines) + bool(self.kernel)

    def holds(self, engine: str) -> bool:
        """Says whether it is of this engine; `kernel` is for the caller to ask."""
        return not self.engines or engine in self.engines

    def expected(self, stored: Outputs) -> Outputs:
        """Returns the sanitised form of the cell's output there.

        Args:
            stored: The sanitised form of what the notebook file has.
        """
        (one,) = stored
        text = sanitise.text(self.shows)
        if one["output_type"] == "stream":
            return self.freed([one | {"text": text}])
        return self.freed([one | {"data": self._drawn() or {"text/plain": text.rstrip("\n")}}])

    def _drawn(self) -> dict[str, Any]:
        if not self.picture:
            return {}
        svg = (ROOT / self.picture).read_text(encoding="utf-8")
        shown = Picture(svg, self.shows.strip())._repr_mimebundle_()
        return sanitise.bundle(shown)

    def freed(self, outputs: Outputs) -> Outputs:
        """Returns sanitised outputs without what may differ from run to run."""
        if not self.free:
            return outputs
        streams = [one for one in outputs if one["output_type"] == "stream"]
        return [one | {"text": re.sub(self.free, "{free}", one["text"])} for one in streams]


def of_engine(entries: Iterable[Difference], notebook: str) -> dict[str, tuple[Difference, ...]]:
    """Returns cell → entries of one notebook, for the engine that `COURSE_ENGINE` asks for."""
    engine = os.environ.get(ENVIRONMENT) or inventory().engine.suite
    found: dict[str, tuple[Difference, ...]] = {}
    for one in entries:
        if one.notebook == notebook and one.holds(engine):
            found[one.cell] = (*found.get(one.cell, ()), one)
    return found


def of_kernel(entries: Iterable[Difference]) -> Difference | None:
    """Returns which of one cell's entries holds; the kernel is asked where one depends on it.

    Raises:
        CourseError: It has to be asked, and no lab is open.
    """
    found = [one for one in entries if not one.kernel or one.kernel == kernel.kind()]
    return max(found, key=lambda one: one.rank, default=None)


def compared(
    now: Outputs, stored: Outputs, entries: Iterable[Difference]
) -> tuple[Outputs, Outputs]:
    """Returns what a cell shows and what it has to show, in a form that must be the same.

    Args:
        now: The sanitised form of what the cell shows.
        stored: The sanitised form of what the notebook file has.
        entries: Those of the cell.

    Raises:
        CourseError: An entry holds here, and the cell shows what the notebook file has.
    """
    other = of_kernel(entries)
    if other is None:
        return now, stored
    if now == stored:
        raise CourseError(
            f"Looked whether {other.cell} still shows something else here.",
            "It shows what is stored.",
            "Take its entry out of the list, or this engine or kernel out of the entry.",
        )
    return other.freed(now), other.expected(stored)


def read(path: Path) -> tuple[Difference, ...]:
    """Reads the list; a list that is not there is empty.

    Raises:
        CourseError: An entry lacks a field, names nothing other than the stored outputs' engine
            and kernel, or two say just as closely what a cell shows in one place.
    """
    if not path.exists():
        return ()
    raw = tomllib.loads(path.read_text(encoding="utf-8")).get("cell", [])
    entries = tuple(_entry(path, one) for one in raw)
    if twice := sorted(_twice(entries)):
        raise CourseError(
            f"Read {path}.",
            f"Twice there: {twice}.",
            "Of an entry with engines and one with a kernel neither counts before the other: "
            "write one with both.",
        )
    return entries


def _twice(entries: tuple[Difference, ...]) -> set[tuple[str, ...]]:
    """Where (notebook, cell, engine, kernel) two entries of the highest rank hold."""
    found: set[tuple[str, ...]] = set()
    for engine, kind in product(inventory().engine.suites, ("", *kernel.KINDS)):
        ranks: dict[tuple[str, str], list[int]] = {}
        for one in entries:
            if one.holds(engine) and one.kernel in ("", kind):
                ranks.setdefault((one.notebook, one.cell), []).append(one.rank)
        found |= {
            (*cell, engine, kind) for cell, all_ in ranks.items() if Counter(all_)[max(all_)] > 1
        }
    return found


_NEEDED = {"notebook", "cell", "why", "shows"}
_WHERE = {"engines", "kernel"}
_MORE = {"free", "picture"}


def _entry(path: Path, raw: dict[str, Any]) -> Difference:
    engine = inventory().engine
    others = engine.suites.keys() - (set() if "kernel" in raw else {engine.suite})
    engines = tuple(raw.get("engines", ()))
    is_whole = _NEEDED <= raw.keys() <= _NEEDED | _WHERE | _MORE and raw["why"].strip()
    is_somewhere = set(engines) <= others and raw.get("kernel", "") in ("", *kernel.KINDS)
    if not is_whole or not is_somewhere or not (engines or raw.get("kernel")):
        raise CourseError(
            f"Read {path}.",
            f"The entry of cell {raw.get('cell')!r} is not complete, or names no other engine.",
            f"It has {', '.join(sorted(_NEEDED))}, and engines ({', '.join(sorted(others))}) or "
            f"kernel ({', '.join(kernel.KINDS)}) or both.",
        )
    return Difference(**raw | {"engines": engines})
