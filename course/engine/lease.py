"""A connection that tells a sandbox that somebody still needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import docker
import requests
from docker.errors import DockerException

RETRY_SECONDS = 0.5


class Lease:
    """Holds one idle connection to an engine until closed, or until this process dies.

    The sandbox looks for established connections and ends itself when there are none: so it goes
    away even after `kill -9` of the kernel, when no code of ours can run any more.

    Args:
        connect: Makes a client for this thread alone.
    """

    def __init__(self, connect: Callable[[], docker.DockerClient]) -> None:
        self._connect = connect
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._hold, name="sandbox-lease", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Lets go; returns at once."""
        self._closed.set()

    def _hold(self) -> None:
        while not self._closed.is_set():
            try:
                client = self._connect()
                # An event stream that stays silent, for no event has this name.
                for _ in client.events(filters={"event": "lease"}):
                    pass
            except (DockerException, requests.RequestException, OSError):
                pass  # the engine restarts; a sandbox that has gone for good is the reaper's
            self._closed.wait(RETRY_SECONDS)
