"""The status line: which engine a notebook drives, and where its images come from."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.engine.lab import Lab

SOURCES = {
    "kit": "the offline kit (built from Debian packages; it answers under Docker Hub's name here)",
    "hub": "Docker Hub, through this machine's cache",
    "room": "the room's file (Docker Hub's; it answers under Docker Hub's name here)",
    "attached": "whatever the class's engine pulls from",
}


@dataclass(frozen=True)
class Status:
    """One line about a lab.

    Attributes:
        chapter: Its number.
        engine: Version of the engine.
        source: "kit", "hub", "room" or "attached".
    """

    chapter: str
    engine: str
    source: str

    @classmethod
    def of(cls, lab: Lab) -> Status:
        """Asks the lab's engine."""
        return cls(lab.chapter.number, lab.client.version()["Version"], lab.source)

    def __repr__(self) -> str:
        return (
            f"Lab {self.chapter}: your own Docker {self.engine}; "
            f"images come from {SOURCES[self.source]}."
        )

    def _repr_html_(self) -> str:
        return f'<div style="color:var(--jp-ui-font-color2,#616161)">⬢ {escape(repr(self))}</div>'
