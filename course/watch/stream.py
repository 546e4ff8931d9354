"""The engine's events as they come, read on a thread of their own into a queue."""

from __future__ import annotations

import contextlib
import threading
from queue import SimpleQueue
from typing import Any

from docker import DockerClient
from docker.types.daemon import CancellableStream

from course.watch import parse
from course.watch.state import Event

Item = Event | Exception | None
"""What the queue holds: an event, why the stream broke, or None when the stream just ended."""


class Stream:
    """One subscription to `GET /events`; it ends when the engine does, often silently.

    Args:
        client: Used by this object alone, and closed by it.
        since: Engine time in seconds: events from then on come first.
        queue: Where events go.
    """

    def __init__(self, client: DockerClient, since: float, queue: SimpleQueue[Any]) -> None:
        self._client, self._queue = client, queue
        api: Any = client.api  # its types know no fractions of a second; the engine does
        self._stream: CancellableStream[Any] = api.events(since=f"{since:.6f}", decode=True)
        self._closed = False
        self._thread = threading.Thread(target=self._read, name="events", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        end: Exception | None = None
        try:
            for entry in self._stream:
                self._queue.put(parse.event(entry))
        except Exception as problem:  # whatever a broken connection raises, the watcher must know
            end = problem
        if not self._closed:
            self._queue.put(end)

    def close(self, timeout: float = 2.0) -> None:
        """Ends the subscription; waits up to `timeout` seconds for the thread."""
        self._closed = True
        with contextlib.suppress(Exception):  # the socket may be gone already
            self._stream.close()
        self._thread.join(timeout)
        self._client.close()


def missed(client: DockerClient, since: float, until: float) -> list[Event]:
    """Returns the events between two engine times, of the last 256 that the engine keeps.

    An engine refuses an end before the beginning, and waits for one that is to come.
    """
    api: Any = client.api
    span = {"since": f"{since:.6f}", "until": f"{max(since, until):.6f}"}
    return [parse.event(entry) for entry in api.events(decode=True, **span)]
