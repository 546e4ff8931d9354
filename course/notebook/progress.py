"""Progress bars in a cell's output, one for each step, gone when all is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import HTML, clear_output, display

from course.report import Report, silent


@contextmanager
def cell_report() -> Iterator[Report]:
    """A `Report` that draws into the running cell, and leaves nothing there.

    What the cell had shown before goes too: this is for the first thing that a cell does.
    """
    if get_ipython() is None:
        yield silent
        return
    report = _Bars()
    try:
        yield report
    finally:
        report.close()


class _Bars:
    def __init__(self) -> None:
        self._steps: dict[str, tuple[float, float | None]] = {}
        self._handle: Any = None

    def __call__(self, step: str, done: float = 0, total: float | None = None) -> None:
        if total is not None and done >= total:
            self._steps.pop(step, None)
        else:
            self._steps[step] = (done, total)
        picture: Any = HTML(self._html())  # type: ignore[no-untyped-call]
        if self._handle is None:
            self._handle = display(picture, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(picture)

    def close(self) -> None:
        if self._handle is not None:
            clear_output()  # type: ignore[no-untyped-call]

    def _html(self) -> str:
        rows = []
        for step, (done, total) in self._steps.items():
            value = "" if total is None else f' value="{done}" max="{total}"'
            rows.append(f"<div><progress{value}></progress> {escape(step)} …</div>")
        return "".join(rows)
