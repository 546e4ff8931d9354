"""Line: one connection to one engine, with at most one question under way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from docker import DockerClient

T = TypeVar("T")


class Line(Generic[T]):
    """Asks an engine on a thread that nobody has to wait for: it may hang, or be dead.

    Args:
        connect: Gives a new client; called on the line's own threads.
        question: Asks through a client's low-level API.
    """

    def __init__(self, connect: Callable[[], DockerClient], question: Callable[[Any], T]) -> None:
        self._connect, self._question = connect, question
        self._client: DockerClient | None = None
        self._under_way: Future[T] | None = None
        self._asked = 0.0
        self._over = False

    @property
    def waits(self) -> float:
        """The seconds for which the question under way has been so; 0 when none is."""
        asked = self._under_way
        return 0.0 if asked is None or asked.done() else time.monotonic() - self._asked

    def ask(self) -> Future[T]:
        """Asks, unless a question is under way or its answer was not taken; gives what will be."""
        if self._under_way is None:
            self._under_way, self._asked = Future(), time.monotonic()
            work = threading.Thread(target=self._work, args=(self._under_way,), daemon=True)
            work.start()
        return self._under_way

    def take(self) -> Future[T] | None:
        """Returns the answer, or what was raised instead, once; None while there is none."""
        asked = self._under_way
        if asked is None or not asked.done():
            return None
        self._under_way = None
        return asked

    def close(self) -> None:
        """Asks no more; a question under way closes the connection when it ends."""
        self._over = True
        if self._under_way is None or self._under_way.done():
            self._hang_up()

    def _work(self, asked: Future[T]) -> None:
        try:
            if self._client is None:
                self._client = self._connect()
            answer = self._question(self._client.api)
        except Exception as problem:  # an engine that goes away raises from many libraries
            self._hang_up()
            asked.set_exception(problem)
        else:
            asked.set_result(answer)
        if self._over:
            self._hang_up()

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):  # of a connection that is gone
                client.close()
