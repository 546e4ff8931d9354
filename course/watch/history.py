"""The last events of an engine, each once, however often the engine tells it."""

from __future__ import annotations

import time
from collections import deque

from course.watch.state import EVENTS_KEPT, Container, Event

DRIFT = 0.5  # seconds that an event may take to us before we think the clocks differ


class History:
    """Events in the order they came, and what is known of the engine's clock."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self.newest = time.time()  # engine time; from here on the engine is asked for events
        self._late = float("inf")  # least seconds by our clock from an event to its arrival

    def record(self, event: Event) -> bool:
        """Keeps an event; returns False when it is here already."""
        if event.time <= self.newest and event in self.events:
            return False
        if len(self.events) == self.events.maxlen:
            self._forget()
        self.events.append(event)
        self.newest = max(self.newest, event.time)
        self._late = min(self._late, time.time() - event.time)
        return True

    def _forget(self) -> None:
        """Makes room: what ran inside containers first, for health checks tell of nothing else."""
        for event in self.events:
            if event.action.startswith("exec_"):
                self.events.remove(event)
                return

    def now(self) -> float:
        """Returns the engine's time as far as its events tell; ours while they agree."""
        agree = 0 <= self._late <= DRIFT or self._late == float("inf")
        return time.time() - (0 if agree else self._late)

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
