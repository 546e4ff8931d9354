"""A wait as a cell shows it: a bar while it lasts, then one line that stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import docker
from IPython.core.getipython import get_ipython
from IPython.display import display

from course.engine.wait import wait
from course.report import Report, silent


class Seconds(float):
    """How long a wait took. A cell that ends with it shows nothing more: its line says it."""

    def _ipython_display_(self) -> None:
        """Nothing; IPython asks for this before it asks for a repr."""


def wait_in_cell(
    connect: Callable[[], docker.DockerClient],
    name: str,
    command: str | Sequence[str] | None,
    timeout: float,
) -> Seconds:
    """Waits, and shows it in the running cell, if there is one.

    Raises:
        CourseError: As `course.engine.wait.wait` says.
    """
    return in_cell(name, lambda report: wait(connect, name, command, timeout, report))


def in_cell(name: str, work: Callable[[Report], tuple[float, str]]) -> Seconds:
    """Waits for something, and shows it in the running cell, if there is one.

    Args:
        name: Of what is waited for.
        work: Waits, reports, and returns the seconds that it took and what it saw, if anything.
    """
    line = _Line() if get_ipython() else None
    if line is None:
        return Seconds(work(silent)[0])
    try:
        seconds, saw = work(line)
    except BaseException:  # the interrupt button too: no bar may stay as if it went on
        line.say(f"Stopped waiting for {name}.")
        raise
    line.say(f"{name} is ready after {seconds:.1f} s" + (f": {saw}" if saw else ""))
    return Seconds(seconds)


class _Line:
    """One output of a cell, rewritten in place; what the cell had shown before stays."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __call__(self, step: str, done: float = 0, total: float | None = None) -> None:
        if total is None or done >= total:
            return
        bar = f'<progress value="{done:.1f}" max="{total}"></progress>'
        text = f"{step}: {done:.0f} s of {total:.0f}"
        self._show(text, f"{bar} {escape(text)} …")

    def say(self, text: str) -> None:
        """Puts a sentence in the place of the bar."""
        self._show(text, escape(text))

    def _show(self, text: str, html: str) -> None:
        bundle: Any = {"text/plain": text, "text/html": f"<div>{html}</div>"}
        if self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(bundle, raw=True)
