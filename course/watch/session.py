"""One connection to an engine: a stream of events, a reader, and what they make together."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import requests
from docker import DockerClient

from course.watch.helpers import Helpers
from course.watch.history import History
from course.watch.parse import moment, oldest_first
from course.watch.reader import Reader
from course.watch.state import Event, State
from course.watch.stream import Stream, missed

CLOCK_SECONDS = 2  # that an engine gets to tell its time
SETTLE = 0.5  # seconds that an engine gets to tell what it has already done


class Session:
    """Subscribes first and lists then, so that nothing falls between.

    Args:
        connect: Gives a new client: one for the stream's thread, one for the caller's.
        history: Outlives the session.
        queue: Where the stream puts events, and at its end the reason or None.

    Raises:
        docker.errors.DockerException, OSError: The engine does not answer.
    """

    def __init__(
        self, connect: Callable[[], DockerClient], history: History, queue: SimpleQueue[Any]
    ) -> None:
        self._history, self._helpers = history, Helpers()
        self._reader = Reader(connect())
        try:
            self._sync()
            self._stream = Stream(connect(), history.newest, queue)
        except BaseException:
            self._reader.client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stream.close()
        self._reader.client.close()

    def _sync(self) -> None:
        api: Any = self._reader.client.api
        before = time.time()
        try:
            # With a time limit, which docker-py's `info` has none of: a manager without a quorum
            # looks for its leader before it answers.
            info = api._result(api._get(api._url("/info"), timeout=CLOCK_SECONDS), json=True)
        except requests.Timeout:
            return  # the clocks are taken for one
        told = moment(info.get("SystemTime"))
        if told is not None:
            self._history.sync(before, told, time.time())

    def record(self, event: Event) -> None:
        """Keeps an event and marks what it touched, unless the course's own helpers did it."""
        if not self._helpers.did(event) and self._history.record(event):
            self._reader.touch(event)

    def refresh(self, idle: bool = False) -> State:
        """Reads again what events touched, and returns all as one State.

        Args:
            idle: No event came for a while: look for what engines do without telling.
        """
        if idle:
            self._reader.doubt()
        self._reader.refresh()
        return self._state()

    def everything(self) -> State:
        """Lists all, and returns it."""
        self._reader.everything()
        return self._state()

    def settle(self) -> State:
        """Returns a State with all that the engine has done so far, events and objects."""
        until = time.monotonic() + SETTLE
        while True:
            for event in missed(self._reader.client, self._history.newest, self._history.now()):
                self.record(event)
            self._reader.everything()
            if not self._history.behind(self._reader.containers) or time.monotonic() > until:
                return self._state()
            time.sleep(0.02)

    def _state(self) -> State:
        reader = self._reader
        return State(
            containers=oldest_first(reader.containers.values()),
            images=reader.images,
            networks=reader.networks,
            volumes=reader.volumes,
            events=tuple(self._history.events),
            connected=True,
        )
