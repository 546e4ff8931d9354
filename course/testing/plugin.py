"""pytest plugin that makes nbval strict and reliable here; load it with `-p course.testing.plugin`.

nbval collects the notebooks and prints what differs. This plugin runs the cells in a `Session`
(see there), compares sanitised outputs, lets no cell out but those in one list, and tells what the
engine looked like when a cell fails.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode, from_dict
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from course.errors import CourseError
from course.testing import differences, sanitise
from course.testing.differences import Difference
from course.testing.dump import dump
from course.testing.exemptions import Exemption, read
from course.testing.session import CELL_TIMEOUT, OUTPUT_TIMEOUT, Session, TookTooLong, error_of

_NBVAL_CELL_TIMEOUT = 2000  # nbval's default; more than half an hour for a cell is no bound
_EXEMPTIONS = "tests/notebooks/exemptions.toml"
_DIFFERENCES = "tests/notebooks/engines.toml"
_LIST = pytest.StashKey[tuple[Exemption, ...]]()
_OTHERS = pytest.StashKey[tuple[Difference, ...]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds our options to nbval's."""
    group = parser.getgroup("nbval")
    group.addoption(
        "--nbval-output-timeout",
        type=int,
        default=OUTPUT_TIMEOUT,
        help="Seconds to wait for the last messages of a cell that is done.",
    )
    group.addoption(
        "--nbval-exemptions",
        default=None,
        help=f"The list of cells that are run and not compared (default: {_EXEMPTIONS}).",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuses what cannot be strict, and reads the exemptions."""
    options = config.option
    if not (options.nbval or options.nbval_lax):
        return
    if options.nbval_lax:
        raise pytest.UsageError("--nbval-lax compares nothing: use --nbval.")
    _refuse_split(config)
    if options.nbval_cell_timeout == _NBVAL_CELL_TIMEOUT:
        options.nbval_cell_timeout = CELL_TIMEOUT
    path = Path(options.nbval_exemptions or config.rootpath / _EXEMPTIONS)
    try:
        config.stash[_LIST] = read(path)
        config.stash[_OTHERS] = differences.read(config.rootpath / _DIFFERENCES)
    except CourseError as error:
        raise pytest.UsageError(str(error)) from error


def _refuse_split(config: pytest.Config) -> None:
    """The cells of a notebook need one kernel, so one worker."""
    if config.getoption("numprocesses", None) and config.getoption("dist", "no") != "loadfile":
        raise pytest.UsageError(
            "The cells of one notebook must run in one worker: add `--dist loadfile` to `-n`."
        )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(parent: pytest.Collector) -> Generator[None, list[Any], list[Any]]:
    """Puts our notebooks in the place of nbval's."""
    found = yield
    return [
        StrictFile.from_parent(parent, path=node.path) if type(node) is IPyNbFile else node
        for node in found
    ]


class StrictFile(IPyNbFile):  # type: ignore[misc]  # nbval has no types
    """One notebook; its cells share one session."""

    session_: Session

    def collect(self) -> Iterator[StrictCell]:
        """Yields the code cells, named by number and id."""
        listed = [one for one in self.config.stash[_LIST] if one.notebook == self.path.name]
        exempt = {one.cell for one in listed}
        others = differences.of_engine(self.config.stash[_OTHERS], self.path.name)
        cells = list(super().collect())
        if lost := (exempt | others.keys()) - {item.cell.get("id") for item in cells}:
            raise self.CollectError(
                f"{self.path.name}: listed or exempt cells that are not there: {lost}"
            )
        indices = [i for i, cell in enumerate(self.nb.cells) if cell.cell_type == "code"]
        for index, item in zip(indices, cells, strict=True):
            name = f"{item.name} [{item.cell.get('id')}]"
            made = StrictCell.from_parent(
                self, name=name, cell_num=item.cell_num, cell=item.cell, options=item.options
            )
            made.index, made.exempt = index, item.cell.get("id") in exempt
            made.others = others.get(item.cell.get("id"), ())
            yield made

    def setup(self) -> None:
        """Starts the kernel, in the notebook's folder."""
        cell_timeout = int(self.config.option.nbval_cell_timeout)
        output_timeout = self.config.option.nbval_output_timeout
        self.session_ = Session(self.nb, self.path.parent, cell_timeout, output_timeout)
        self.session_.__enter__()

    def teardown(self) -> None:
        """Ends the kernel, dead or not."""
        if hasattr(self, "session_"):
            self.session_.__exit__(None, None, None)


class StrictCell(IPyNbCell):  # type: ignore[misc]  # nbval has no types
    """One code cell: run, and its outputs compared."""

    index: int
    exempt: bool
    others: tuple[Difference, ...]

    def runtest(self) -> None:
        """Runs the cell and compares what it shows with what the notebook file says."""
        self._refuse_tags()
        fresh = self._run()
        error = error_of(fresh)
        if error and not self.options["check_exception"]:
            raise self._error("Cell execution caused an exception", _traceback(error))
        if self.exempt:
            return
        if self.cell.execution_count is None:
            raise self._error("Never run: `python -m course.dev.outputs` stores its outputs")
        self._compare(fresh.outputs)

    def _refuse_tags(self) -> None:
        if self.options["skip"] or not self.options["check"]:
            raise self._error(
                f"nbval's tags and comments let no cell out here: list it in {_EXEMPTIONS}"
            )

    def _run(self) -> NotebookNode:
        try:
            session: Session = self.parent.session_
            return session.run(self.index)
        except TookTooLong as late:
            self.parent.timed_out = True  # nbval expects the cells after it to fail
            error = error_of(late.cell)
            raise self._error(str(late), _traceback(error) if error else "") from None
        except DeadKernelError as died:
            raise self._error("The kernel died") from died

    def _error(self, message: str, details: str = "") -> NbCellError:
        return NbCellError(self.cell_num, message, self.cell.source, details)

    def _compare(self, fresh: list[NotebookNode]) -> None:
        now, stored = sanitise.outputs(fresh), sanitise.outputs(self.cell.outputs)
        try:
            now, stored = differences.compared(now, stored, self.others)
        except CourseError as error:
            raise self._error(f"{_DIFFERENCES}: {error}") from error
        if not self.compare_outputs(_nodes(now), _nodes(stored)):
            raise self._error("Cell outputs differ", "\n".join(self.comparison_traceback))

    def sanitize(self, s: Any) -> Any:
        """Replaces nbval's own sanitiser: nothing is left to do."""
        return s


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the engine's state to the report of a cell that failed."""
    report = yield
    if isinstance(item, StrictCell) and call.when == "call" and report.failed:
        report.sections.append(("Engine at the failure", dump(item.parent.session_.pid)))
    return report


def _nodes(outputs: list[dict[str, Any]]) -> list[NotebookNode]:
    return [from_dict(output) for output in outputs]  # type: ignore[no-untyped-call]


def _traceback(error: NotebookNode) -> str:
    return "\n" + "\n".join(error.traceback)
