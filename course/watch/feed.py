"""Feed: the last of a row of moments, and whoever wants to hear of the next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())  # else Python prints warnings into whichever cell runs

M = TypeVar("M")


class Feed(Generic[M]):
    """Keeps the last moment and tells subscribers of each new one.

    Args:
        first: The moment before anything is known.

    Attributes:
        problem: What a subscriber raised last, else None.
    """

    def __init__(self, first: M) -> None:
        self._state = first
        self._heard: dict[object, Callable[[M], None]] = {}
        self._lock = threading.Lock()
        self.problem: Exception | None = None

    @property
    def state(self) -> M:
        """The last moment; it never changes, a later one replaces it."""
        return self._state

    def subscribe(self, heard: Callable[[M], None]) -> Callable[[], None]:
        """Calls `heard` with each new moment, on the teller's thread, until told otherwise.

        Returns:
            Call it to hear no more.
        """
        key = object()
        with self._lock:
            self._heard[key] = heard

        def leave() -> None:
            with self._lock:
                self._heard.pop(key, None)

        return leave

    def settle(self, timeout: float = 5.0) -> M:
        """Returns the last moment; a feed that can look again does so, for `timeout` seconds."""
        return self._state

    def publish(self, moment: M) -> None:
        """Makes `moment` the last one and tells of it; one thread at a time."""
        self._state = moment
        with self._lock:
            heard = list(self._heard.values())
        for call in heard:
            try:
                call(moment)
            except Exception as problem:
                self.problem = problem
                LOG.exception("a subscriber failed")
