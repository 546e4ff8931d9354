"""Runs chapters as regression tests on every engine that the course knows: `make test-matrix`.

`python -m course.dev.matrix [--suite S …] [--chapter NN …] [PYTEST ARGUMENTS]`: one run of pytest
for each engine, and at the end a table. What a cell shows elsewhere is in
`tests/notebooks/engines.toml`; rules for mere wording are in `course/testing/engines.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from xml.etree import ElementTree

import typer
from rich.table import Table

from course.catalogue import ROOT, Chapter, catalogue
from course.console import out, progress, told
from course.engine.boot import boot
from course.images import supply
from course.images.engine_image import ensure_engine_image, reference
from course.images.inventory import inventory
from course.images.source import made_from

CHAPTERS = ("02", "03", "06", "07", "12a", "12b")
SPARE_SECONDS = 120  # spares of an engine that nobody asks for any more end themselves
NOTHING_RAN = "nothing ran"


@dataclass(frozen=True)
class Cells:
    """What came of the cells of one notebook.

    Attributes:
        passed: How many did.
        failed: Names of those that did not.
        seconds: That they took, with the notebook's kernel and its lab.
    """

    passed: int = 0
    failed: tuple[str, ...] = ()
    seconds: float = 0

    @property
    def is_good(self) -> bool:
        """Whether all passed; a notebook of which nothing ran is not good."""
        return self.passed > 0 and not self.failed

    def __str__(self) -> str:
        if not (self.passed or self.failed):
            return NOTHING_RAN
        bad = f", {len(self.failed)} failed" if self.failed else ""
        return f"{self.passed} passed{bad}, {self.seconds:.0f} s"


@dataclass(frozen=True)
class Run:
    """All notebooks on one engine.

    Attributes:
        engine: Its name, for the table's head.
        code: Exit code of pytest.
        cells: Chapter → what came of it.
    """

    engine: str
    code: int
    cells: Mapping[str, Cells] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether pytest and each notebook say so."""
        return self.code == 0 and all(one.is_good for one in self.cells.values())


def run(
    engine: str, notebooks: Mapping[str, Path], environment: Mapping[str, str], more: Sequence[str]
) -> Run:
    """Runs pytest on notebooks, its output on the terminal.

    Args:
        engine: For the table.
        notebooks: Chapter → its file.
        environment: Variables besides this process's own.
        more: Further arguments of pytest.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        # The old family of reports names the file of each test.
        words = ["-m", "pytest", "-q", "-p", "course.testing.plugin", "--nbval"]
        words += [f"--junitxml={report}", "-o", "junit_family=xunit1", *more]
        words += map(str, notebooks.values())
        env = {**os.environ, **environment}
        code = subprocess.run([sys.executable, *words], env=env, check=False, cwd=ROOT).returncode
        return Run(engine, code, read(report, notebooks))


def read(report: Path, notebooks: Mapping[str, Path]) -> dict[str, Cells]:
    """Reads what came of each chapter from pytest's report; one that is not there has nothing."""
    cases = ElementTree.parse(report).iter("testcase") if report.exists() else ()
    found: dict[str, list[ElementTree.Element]] = {}
    for case in cases:
        found.setdefault(Path(case.get("file", "")).name, []).append(case)
    return {number: _cells(found.get(path.name, [])) for number, path in notebooks.items()}


def _cells(cases: Sequence[ElementTree.Element]) -> Cells:
    bad = [one for one in cases if len(one) and {part.tag for part in one} & {"failure", "error"}]
    names = tuple(one.get("name", "?") for one in bad)
    return Cells(len(cases) - len(bad), names, sum(float(one.get("time", 0)) for one in cases))


def table(runs: Sequence[Run], missing: Sequence[str] = ()) -> Table:
    """Returns a row a chapter, a column an engine; `missing` chapters have no notebook."""
    made = Table("chapter", *(one.engine for one in runs), title="Engine matrix")
    for number in runs[0].cells if runs else ():
        made.add_row(number, *(_coloured(one.cells[number]) for one in runs))
    for number in missing:
        made.add_row(number, *("[red]no notebook[/]" for _ in runs))
    return made


def _coloured(cells: Cells) -> str:
    return str(cells) if cells.is_good else f"[red]{cells}[/]"


def tell(runs: Sequence[Run], missing: Sequence[str] = ()) -> int:
    """Shows the table and which cells failed; returns the exit code."""
    out.print(table(runs, missing))
    for one in runs:
        for number, cells in one.cells.items():
            for name in cells.failed:
                out.print(f"{one.engine}, {number}: {name}", markup=False, highlight=False)
    return 0 if runs and not missing and all(one.is_good for one in runs) else 1


def prepare(suite: str) -> str:
    """Gets the engine of one suite ready; returns what it says of its version."""
    with progress() as report:
        have = supply.ensure(report)
        image = ensure_engine_image(have.host.client, suite, report, made_from(have.source))
    sandbox = boot(have.host, image, purpose="matrix")
    try:
        with closing(sandbox.client()) as client:
            version = client.version()
    finally:
        sandbox.stop()
    return f"{version['Version']} ({suite}, API {version['ApiVersion']})"


def _found(numbers: Sequence[str]) -> tuple[dict[str, Path], list[str]]:
    """Returns the notebooks that are there, and the chapters that have none."""
    chapters: list[Chapter] = [catalogue().chapter(number) for number in numbers]
    there = {one.number: one.notebook for one in chapters if one.notebook.exists()}
    missing = [one for one in chapters if one.number not in there]
    for one in missing:
        out.print(f"Chapter {one.number} has no notebook: {one.notebook.relative_to(ROOT)}.")
    return there, [one.number for one in missing]


def main(
    suite: Annotated[list[str] | None, typer.Option(help="Debian release of an engine.")] = None,
    chapter: Annotated[list[str] | None, typer.Option(help="As 03.")] = None,
    arguments: Annotated[list[str] | None, typer.Argument(help="More for pytest.")] = None,
) -> None:
    """Run chapters on engines of several versions."""
    with told():
        notebooks, missing = _found(chapter or CHAPTERS)
        suites = suite or list(inventory().engine.suites)
        assert all(reference(name) for name in suites)  # tells of an unknown one before any runs
        runs = []
        for name in suites if notebooks else ():  # pytest without a file runs all
            engine = prepare(name)
            out.rule(f"Docker {engine}: chapters {', '.join(notebooks)}")
            wanted = {"COURSE_ENGINE": name, "COURSE_SPARE_SECONDS": str(SPARE_SECONDS)}
            runs.append(run(engine, notebooks, wanted, arguments or ()))
        raise typer.Exit(tell(runs, missing))


if __name__ == "__main__":
    typer.run(main)
