"""What was done to an engine, and when the page showed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Something done from outside.

    Attributes:
        start: When, in seconds since the epoch.
        action: The event that it makes.
        words: What the picture says then.
    """

    start: float
    action: str
    words: str


def late(
    steps: Sequence[Step], events: Sequence[tuple[float, str]], seen: Sequence[tuple[float, str]]
) -> list[tuple[str, float]]:
    """Returns each step's action and the milliseconds from its event to the page.

    Args:
        steps: What was done.
        events: Time (seconds) and action of what the engine told.
        seen: Time (milliseconds) and words of each change of the page.

    Raises:
        StopIteration: The page never showed a step, or the engine did not tell of it.
    """
    found = []
    for step in steps:
        told_at = next(at for at, act in events if act == step.action and at >= step.start)
        seen_at = next(at for at, words in seen if step.words in words and at >= step.start * 1000)
        found.append((step.action, seen_at - told_at * 1000))
    return found
