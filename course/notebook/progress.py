"""Progress bars in a cell's output, one for each step, gone when all is done."""

from __future__ import annotations

from html import escape
from typing import Any

from IPython.display import HTML, display


def _markup(text: str) -> Any:
    return HTML(text)  # type: ignore[no-untyped-call]


def _display(text: str) -> Any:
    return display(_markup(text), display_id=True)  # type: ignore[no-untyped-call]


class CellReport:
    """A `Report` that draws into the running cell; nothing appears for what is quick."""

    def __init__(self) -> None:
        self._steps: dict[str, tuple[float, float | None]] = {}
        self._handle: Any = None

    def __call__(self, step: str, done: float = 0, total: float | None = None) -> None:
        """Shows how far a step is."""
        if total is not None and done >= total:
            self._steps.pop(step, None)
        else:
            self._steps[step] = (done, total)
        if self._handle is None and self._steps:
            self._handle = _display(self._html())
        elif self._handle is not None:
            self._handle.update(_markup(self._html()))

    def _html(self) -> str:
        rows = []
        for step, (done, total) in self._steps.items():
            value = "" if total is None else f' value="{done}" max="{total}"'
            rows.append(f"<div><progress{value}></progress> {escape(step)}</div>")
        return "".join(rows)
