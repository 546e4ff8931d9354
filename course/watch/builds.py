"""Builds: several builds side by side as one moment, and as a table."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from course.watch.build import Build, Step
from course.watch.feed import Feed
from course.watch.frames import size
from course.watch.recorder import Source

COLUMNS = ("step", "instruction", "cached", "seconds", "size", "layer")
DIGEST = 12  # characters of a digest that the docker CLI shows


@dataclass(frozen=True)
class Builds:
    """What stands side by side."""

    builds: tuple[Build, ...] = ()
    seq: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of any of them."""
        return all(build.is_over for build in self.builds)


class SideBySide(Feed[Builds]):
    """Publishes Builds whenever one of the recorders does."""

    def __init__(self, recorders: Sequence[Source]) -> None:
        super().__init__(Builds(tuple(recorder.state for recorder in recorders), 1))
        self._recorders = tuple(recorders)
        self._turn = threading.Lock()
        self._leave = [recorder.subscribe(self._hear) for recorder in recorders]
        self._hear()

    def settle(self, timeout: float = 5.0) -> Builds:
        """Returns all of them as they are now."""
        self._hear()
        return self.state

    def _hear(self, _: Build | None = None) -> None:
        with self._turn:
            builds = tuple(recorder.state for recorder in self._recorders)
            if builds != self.state.builds:
                self.publish(Builds(builds, self.state.seq + 1))


def steps_frame(builds: Sequence[Build]) -> pd.DataFrame:
    """Returns a row for each step of each build.

    Returns:
        Columns step (from 1), instruction, cached, seconds (NaN where nobody measured), size (as
        `docker history` writes it) and layer (the digest's first 12 digits; empty without one).
        With more than one build, the column build comes first.
    """
    rows = [
        (build.name or f"build {number}", *_row(at, step))
        for number, build in enumerate(builds, 1)
        for at, step in enumerate(build.steps, 1)
    ]
    frame = pd.DataFrame(rows, columns=["build", *COLUMNS])
    return frame if len(builds) > 1 else frame.drop(columns="build")


def _row(number: int, step: Step) -> tuple[object, ...]:
    seconds = float("nan") if step.seconds is None else round(step.seconds, 1)
    told = "" if step.size is None else size(step.size)
    digest = step.layer.removeprefix("sha256:")[:DIGEST]
    return number, step.instruction, step.state == "cached", seconds, told, digest
