"""Answers that are no state of an engine: read them as generously as a teacher would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from course.checks.verdict import NotAttempted, NotYet


def text_of(answer: Any) -> str:
    """Returns an answer as text without white space around it.

    Takes text, bytes, a number, and what `lab.run` and `exec_run` give: (exit code, output).
    """
    if isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], bytes):
        answer = answer[1]
    if isinstance(answer, bytes):
        answer = answer.decode(errors="replace")
    return str(answer).strip()


def number_of(answer: Any) -> int | None:
    """Returns an answer as a whole number; None for what is none."""
    text = text_of(answer).replace(",", "").replace("_", "")
    return int(text) if re.fullmatch(r"-?[0-9]{1,30}", text) else None


def has_dots(answer: Any) -> bool:
    """Tells whether the dots that stand for an answer are still there, or in a part of it."""
    if isinstance(answer, str):
        return answer.strip() in ("...", "…")
    if isinstance(answer, (tuple, list, set, frozenset)):
        return any(has_dots(part) for part in answer)
    return answer is ...


def need(task_id: str, answer: Any, what: str) -> None:
    """Raises NotAttempted where no answer was given.

    Args:
        task_id: As "1.1".
        answer: What the learner gave.
        what: What the answer is to be, as in "the engine's version".
    """
    if answer is None:
        raise NotAttempted(
            f"This task wants an answer: {what}.", f'lab.check("{task_id}", answer=...)'
        )


def choose(answer: Any, right: str, wrong: Mapping[str, str], look: str = "") -> None:
    """Expects one letter of several.

    Args:
        answer: "b", "B" and "b)" are the same.
        right: The letter that solves.
        wrong: Each other letter, and why it is wrong.
        look: Where to see it.
    """
    letter = text_of(answer).lower().rstrip(").")
    if letter in wrong:
        raise NotYet(wrong[letter], look)
    if letter != right:
        letters = ", ".join(sorted([right, *wrong]))
        raise NotYet(f"`{letter[:20]}` is none of the options: {letters}.")
