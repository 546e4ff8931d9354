"""How long the whole course takes as a regression test, on two workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from course.dev.matrix import read
from course.dev.normalise import notebooks
from tests.bench.notebooks import NBVAL, TWO, run
from tests.bench.row import Row, at_most

# Chapters up to this one, and the seconds that they may take together.
PARTS = (("07", 300), ("11", 480), ("14", 480))
ELEVEN, WHOLE = 720, 1080  # seconds
ONE = 90  # seconds, each of the first part while no other runs
XML = ("-o", "junit_family=xunit1")


def _parts() -> list[list[Path]]:
    rest, parts = notebooks(), []
    for last, _ in PARTS:
        parts.append([path for path in rest if path.name[:2] <= last])
        rest = rest[len(parts[-1]) :]
    return parts


def measure() -> Iterator[Row]:
    """Runs the chapters in three parts; a sum of parts is no less than one run of them all."""
    total = 0.0
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        for paths, (last, bound) in zip(_parts(), PARTS, strict=True):
            seconds = run((*NBVAL, *TWO, *XML, f"--junitxml={report}"), paths)
            total += seconds
            names = f"Notebooks {paths[0].name[:2]}-{last} on two workers"
            took = {n: c.seconds for n, c in read(report, {p.stem: p for p in paths}).items()}
            slow = max(took, key=lambda name: took[name])
            yield at_most(names, seconds, bound, "s", f"longest: {slow}, {took[slow]:.0f} s")
            if last == "07":
                (longest,) = [path for path in paths if path.stem == slow]
                what = "The longest of these, by itself"
                yield at_most(what, run(NBVAL, [longest]), ONE, "s", slow)
            if last == "11":
                yield at_most("Notebooks 01-11, both parts", total, ELEVEN, "s")
    yield at_most("The whole course, all three parts", total, WHOLE, "s")
