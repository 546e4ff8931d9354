"""Which lab the magics of this kernel mean: the one that was opened last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from docker import DockerClient

from course.errors import CourseError


class AnyLab(Protocol):
    """What the magics need of a lab."""

    is_closed: bool

    @property
    def client(self) -> DockerClient:
        """A docker-py client of the lab's engine."""

    def run(
        self,
        script: str,
        node: str = "node1",
        on_output: Callable[[bytes, bool], None] | None = None,
    ) -> tuple[int, bytes]:
        """Runs a shell script on the lab's Docker host; returns exit code and output."""

    def close(self) -> None:
        """Gives the engine back; a second call does nothing."""


_current: AnyLab | None = None


def set_current(lab: AnyLab | None) -> None:
    """Makes this lab the one that `%%host` and `%%trace` use; None for none."""
    global _current
    _current = lab


def open_before() -> AnyLab | None:
    """Returns the lab that is still open in this kernel, if there is one."""
    return None if _current is None or _current.is_closed else _current


def current() -> AnyLab:
    """Returns the lab that was opened last.

    Raises:
        CourseError: No lab is open.
    """
    lab = open_before()
    if lab is None:
        raise CourseError(
            "This cell needs a lab.",
            "None is open.",
            "Run the notebook's first cell, which opens it.",
        )
    return lab
