"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Report(Protocol):
    """Called with a step's name each time the step gets further.

    The name is the key: calls with one name are one progress bar. A step is over when `done`
    reaches `total`; a step of unknown length reports `done=0, total=None`, then `done=1, total=1`.
    """

    def __call__(self, step: str, done: float = 0, total: float | None = None) -> None:
        """Reports that `done` of `total` (any unit, or unknown) of `step` is done."""


def silent(step: str, done: float = 0, total: float | None = None) -> None:
    """A `Report` that nobody listens to."""
