"""What a check says: one of three outcomes, the first thing that is wrong, where to look."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The three things a check can find."""

    SOLVED = "solved"
    NOT_YET = "not yet"
    NOT_ATTEMPTED = "not attempted"


class UnmetError(Exception):
    """Raised by an expectation that the engine does not meet.

    Args:
        message: The first thing that is wrong, as a sentence.
        look: A `docker` command or a docker-py line that shows it.
    """

    outcome = Outcome.NOT_YET

    def __init__(self, message: str, look: str = "") -> None:
        super().__init__(message)
        self.message, self.look = message, look


class NotYet(UnmetError):  # noqa: N818 - a finding, not an error
    """The learner has begun, and something is still wrong."""


class NotAttempted(UnmetError):  # noqa: N818 - a finding, not an error
    """Nothing on the engine says that the learner has begun."""

    outcome = Outcome.NOT_ATTEMPTED


# A word and a shape beside the colour: colour alone tells nothing to some readers.
_ICON = {Outcome.SOLVED: "✔", Outcome.NOT_YET: "✘", Outcome.NOT_ATTEMPTED: "○"}
_COLOUR = {
    Outcome.SOLVED: "var(--jp-success-color1, #2e7d32)",
    Outcome.NOT_YET: "var(--jp-warn-color1, #e65100)",
    Outcome.NOT_ATTEMPTED: "var(--jp-info-color1, #0277bd)",
}


@dataclass(frozen=True, repr=False)
class Verdict:
    """A check's answer, shown as a card in a notebook and as one paragraph elsewhere.

    Attributes:
        task: The task's id, as "3.2".
        title: The task's title.
        message: The first thing that is wrong, or what is now right.
        look: A `docker` command or docker-py line that shows it; empty when solved.
        note: Something to say that is not about the answer, such as a damaged progress file.
    """

    task: str
    title: str
    outcome: Outcome
    message: str
    look: str = ""
    note: str = ""

    @property
    def solved(self) -> bool:
        """Whether the engine is in the state that the task asks for."""
        return self.outcome is Outcome.SOLVED

    def __repr__(self) -> str:
        look = f" Look: {self.look}" if self.look else ""
        note = f" ({self.note})" if self.note else ""
        head = f"{_ICON[self.outcome]} {self.task} {self.title}: {self.outcome}."
        return f"{head} {self.message}{look}{note}"

    def _repr_html_(self) -> str:
        colour = _COLOUR[self.outcome]
        look = f"<div>Look: {_code(self.look)}</div>" if self.look else ""
        note = f"<div><small>{prose(self.note)}</small></div>" if self.note else ""
        return (
            f'<div role="status" style="border-left:4px solid {colour};padding:4px 12px;'
            'color:var(--jp-ui-font-color1, currentColor)">'
            f'<strong><span style="color:{colour}" aria-hidden="true">{_ICON[self.outcome]}</span> '
            f"{html.escape(self.task)} {html.escape(self.title)}: {self.outcome}</strong>"
            f"<div>{prose(self.message)}</div>{look}{note}</div>"
        )


def _code(text: str) -> str:
    return f"<code>{html.escape(text)}</code>"


def prose(text: str) -> str:
    """Returns text as HTML: everything escaped, `back-ticked` words set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
