"""The course's own containers on an attached engine: no picture shows them."""

from __future__ import annotations

from collections.abc import Mapping

from course.engine.attached import HELPER
from course.watch.state import Event


def is_helper(labels: Mapping[str, str] | None) -> bool:
    """Whether a container with these labels is one of the course's own."""
    return HELPER in (labels or ())


class Helpers:
    """Tells the events of helpers from those of everybody else."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def did(self, event: Event) -> bool:
        """Whether a helper acted; that of a network names it by id only, after its creation."""
        if event.type == "container" and is_helper(event.attributes):
            self._seen.add(event.id)
            return True
        return event.type == "network" and event.attributes.get("container") in self._seen
