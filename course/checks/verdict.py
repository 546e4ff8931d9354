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
        look: A shell command or a docker-py line that shows it; `Verdict.cell` makes a cell of it.
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


# A line of Python is a call, as `lab.client.ping()`; the first word of a shell command is not.
_CALL = re.compile(r"[A-Za-z_][\w.]*\(")


@dataclass(frozen=True, repr=False)
class Verdict:
    """A check's answer, shown as a card in a notebook and as one paragraph elsewhere.

    Attributes:
        task: The task's id, as "3.2".
        title: The task's title.
        message: The first thing that is wrong, or what is now right.
        look: A shell command for the Docker host, or a docker-py line, that shows it; empty when
            solved. A cell with options of `%%host` is taken as it is.
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

    @property
    def cell(self) -> str:
        """The look as a whole cell, ready to be pasted and run; empty without one."""
        if not self.look or self.look.startswith("%%") or _CALL.match(self.look):
            return self.look
        return f"%%host\n{self.look}"

    def __repr__(self) -> str:
        look = f" Look: {self.cell}" if self.look else ""
        note = f" ({self.note})" if self.note else ""
        head = f"{_ICON[self.outcome]} {self.task} {self.title}: {self.outcome}."
        return f"{head} {self.message}{note}{look}"

    def _repr_html_(self) -> str:
        colour = _COLOUR[self.outcome]
        look = f"<div>Look: {_cell(self.cell)}</div>" if self.look else ""
        note = f"<div><small>{prose(self.note)}</small></div>" if self.note else ""
        return (
            f'<div role="status" style="border-left:4px solid {colour};padding:4px 12px;'
            'color:var(--jp-ui-font-color1, currentColor)">'
            f'<strong><span style="color:{colour}" aria-hidden="true">{_ICON[self.outcome]}</span> '
            f"{html.escape(self.task)} {html.escape(self.title)}: {self.outcome}</strong>"
            f"<div>{prose(self.message)}</div>{look}{note}</div>"
        )


def _cell(text: str) -> str:
    return f'<pre style="margin:4px 0">{html.escape(text)}</pre>'


def prose(text: str) -> str:
    """Returns text as HTML: everything escaped, `back-ticked` words set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
