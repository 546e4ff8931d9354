"""Records the HTTP calls of a docker-py client while a block runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from docker import APIClient, DockerClient

from course.trace.call import Call, kept_headers, read_body, split_url
from course.trace.tap import Tap


class Recorder:
    """Context manager: every call that the client makes inside the block becomes a `Call`.

    Blocks may nest, in any order and from several threads; the client is as before when the last
    one ends. A stream (pull, logs, events, attach) is read as lazily as without a recorder, and
    its call is complete when the stream is.

    Args:
        client: A docker-py client, high or low level.
        on_change: Called, on the thread that made the call, when a call starts and when it ends.
    """

    def __init__(
        self, client: DockerClient | APIClient, on_change: Callable[[], None] | None = None
    ) -> None:
        self._api: APIClient = client if isinstance(client, APIClient) else client.api
        self._on_change = on_change
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls so far, in the order they were started."""
        with self._lock:
            return tuple(self._calls)

    def __enter__(self) -> Recorder:
        Tap.open(self._api, self)
        return self

    def __exit__(self, *fault: object) -> None:
        Tap.close(self._api, self)

    def begin(self, request: Any) -> int:
        """Notes a `requests.PreparedRequest` and returns its index for `update`."""
        version, path, query = split_url(request.url)
        body, payload = read_body(path, request.body)
        headers = kept_headers(request.headers)
        with self._lock:
            number = len(self._calls) + 1
            self._calls.append(
                Call(
                    number, request.method, path, query, version, body, payload, headers,
                    started=time.time(),
                )
            )  # fmt: skip
        self._changed()
        return number - 1

    def update(self, index: int, **changes: Any) -> None:
        """Completes a call with what came back."""
        with self._lock:
            self._calls[index] = replace(self._calls[index], **changes)
        self._changed()

    def _changed(self) -> None:
        if self._on_change is not None:
            self._on_change()
