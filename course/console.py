"""How the command line shows progress and errors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from docker.errors import DockerException
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from course.errors import CourseError
from course.report import Report

out = Console()
err = Console(stderr=True)
ADVICE = "Run `course doctor` to see how the engine is."


class _Bars:
    """A `Report` with one bar for each step."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: float = 0, total: float | None = None) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._bars.add_task(step, total=total)
        self._bars.update(self._tasks[step], completed=done, total=total)
        if total is not None and done >= total:
            self._bars.stop_task(self._tasks[step])


class _Lines:
    """A `Report` for a log: a line when a step begins and one when it is over."""

    def __init__(self) -> None:
        self._open: set[str] = set()

    def __call__(self, step: str, done: float = 0, total: float | None = None) -> None:
        over = total is not None and done >= total
        if step not in self._open and not over:
            self._open.add(step)
            print(f"… {step}", flush=True)
        elif over:
            self._open.discard(step)
            print(f"✓ {step}", flush=True)


@contextmanager
def progress() -> Iterator[Report]:
    """Bars on a terminal, lines in a log."""
    if not out.is_terminal:
        yield _Lines()
        return
    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out) as bars:
        yield _Bars(bars)


@contextmanager
def told() -> Iterator[None]:
    """Shows a `CourseError` as its paragraph and exits with 1; no traceback."""
    try:
        yield
    except CourseError as error:
        err.print(f"[bold red]✗[/] {escape(str(error))}", highlight=False)
        sys.exit(1)
    except (DockerException, requests.RequestException) as error:
        err.print(f"[bold red]✗[/] Spoke with the Docker engine. {escape(str(error))}. {ADVICE}")
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("Stopped.")
        sys.exit(130)
