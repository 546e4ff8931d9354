"""The last events of an engine, each once, however often the engine tells it."""

from __future__ import annotations

import time
from collections import deque

from course.watch.state import EVENTS_KEPT, Container, Event

DRIFT = 0.05  # seconds by which two clocks may differ and still be taken for one


class History:
    """Events in the order they came, and what is known of the engine's clock."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self.newest = time.time()  # engine time; from here on the engine is asked for events
        self._ahead = 0.0  # seconds by which the engine's clock is ahead of ours
        self._synced = False

    def sync(self, before: float, told: float, after: float) -> None:
        """Learns the engine's clock.

        Args:
            before: Our time when the engine was asked for its own.
            told: What it said.
            after: Our time when it had answered.
        """
        agree = before - DRIFT <= told <= after + DRIFT
        self._ahead = 0.0 if agree else told - before
        if not self._synced:  # rather too early than too late: nothing may fall between
            self.newest += 0.0 if agree else told - after
        self._synced = True

    def record(self, event: Event) -> bool:
        """Keeps an event; returns False when it is here already."""
        if event.time <= self.newest and event in self.events:
            return False
        if len(self.events) == self.events.maxlen:
            self._forget()
        self.events.append(event)
        self.newest = max(self.newest, event.time)
        self._ahead = max(self._ahead, event.time - time.time())
        return True

    def _forget(self) -> None:
        """Makes room: what ran inside containers first, for health checks tell of nothing else."""
        for event in self.events:
            if event.action.startswith("exec_"):
                self.events.remove(event)
                return

    def now(self) -> float:
        """Returns the engine's time; ours while the two agree."""
        return time.time() + self._ahead

    def behind(self, containers: dict[str, Container]) -> bool:
        """Whether a container is further than its events: the engine tells an exit a bit late."""
        last = {
            event.id: event.action  # an engine may tell of the stop before it tells of the end
            for event in self.events
            if event.type == "container" and event.action in ("start", "die")
        }
        return any(
            container.auto_remove or last.get(container.id) == "start"
            for container in containers.values()
            if container.state in ("exited", "removing") and container.id in last
        )
