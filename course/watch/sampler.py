"""Sampler: reads what an engine tells nobody by itself, again and again while somebody looks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Generic, TypeVar

from docker.errors import APIError, DockerException
from urllib3.exceptions import HTTPError

from course.watch.feed import Feed

LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())  # else Python prints warnings into whichever cell runs

T = TypeVar("T")
_LOST = (OSError, DockerException, HTTPException, HTTPError)  # of sockets, docker-py, HTTP, urllib3


@dataclass(frozen=True, slots=True)
class Sample(Generic[T]):
    """What one reading gave.

    Attributes:
        value: The last that could be read.
        seq: Counts up by one with each sample of a Sampler.
        connected: False while nothing can be read; `value` is then the last known.
        problem: Why nothing can be read; empty when all is well.
        refused: Whether `problem` is what the engine, or whoever read, said to this reading:
            there is an answer, though not the one that was wanted.
        unread: Whether nothing was read yet, and `value` only stands for that.
    """

    value: T
    seq: int = 0
    connected: bool = False
    problem: str = ""
    refused: bool = False
    unread: bool = False


def _nothing() -> None:
    """What a reading needs that takes nothing from elsewhere."""


class Sampler(Feed[Sample[T]]):
    """Reads every so often, on one thread that lives only while somebody subscribes.

    Args:
        read: Gives the value; called on the sampler's thread only, so that it needs a client of
            its own. What it raises is told in `problem`, and it is called again.
        first: The value before anything is read.
        every: Seconds from the start of a reading to the next.
        let_go: Called on that thread when a reading failed and when the thread ends: closes the
            connection. `read` opens another one if it is called again.
        ready: Called by `settle` first, on its caller's thread: brings up to date what `read`
            takes from elsewhere.
        is_read: Whether `first` was read.
    """

    def __init__(
        self,
        read: Callable[[], T],
        first: T,
        every: float = 1.0,
        let_go: Callable[[], None] = _nothing,
        ready: Callable[[], object] = _nothing,
        is_read: bool = False,
    ) -> None:
        super().__init__(Sample(first, unread=not is_read))
        self._read, self._every, self._let_go, self._ready = read, every, let_go, ready
        self._wake = threading.Condition()
        self._asked: list[Future[Sample[T]]] = []
        self._watched = 0
        self._over = False
        self._thread: threading.Thread | None = None

    def subscribe(self, heard: Callable[[Sample[T]], None]) -> Callable[[], None]:
        """Calls `heard` with each new sample, on the sampler's thread, until told otherwise."""
        leave = super().subscribe(heard)
        with self._wake:
            self._watched += 1
            self._start()
        once = threading.Lock()

        def end() -> None:
            leave()
            if once.acquire(blocking=False):
                with self._wake:
                    self._watched -= 1
                    self._wake.notify_all()

        return end

    def settle(self, timeout: float = 5.0) -> Sample[T]:
        """Returns a sample of now, or the last one if none comes within `timeout` seconds."""
        self._ready()
        asked: Future[Sample[T]] = Future()
        with self._wake:
            if self._over or self._thread is threading.current_thread():
                return self._state
            self._asked.append(asked)
            self._start()
        try:
            return asked.result(timeout)
        except FutureTimeoutError:
            return self._state

    def close(self, timeout: float = 5.0) -> None:
        """Reads no more, for good; waits up to `timeout` seconds for a reading under way."""
        with self._wake:
            self._over = True
            self._wake.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    @property
    def is_reading(self) -> bool:
        """Whether its thread lives."""
        return self._thread is not None

    def _start(self) -> None:
        if self._thread is None and not self._over:
            self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _run(self) -> None:
        due = time.monotonic()
        while (asked := self._next(due)) is not None:
            due = time.monotonic() + self._every
            self._sample()
            for future in asked:
                future.set_result(self._state)

    def _next(self, due: float) -> list[Future[Sample[T]]] | None:
        """Waits until it is time to read; gives who asked for it, or None when nobody looks."""
        with self._wake:
            while not self._over and not self._asked and self._watched:
                if (left := due - time.monotonic()) <= 0:
                    break
                self._wake.wait(left)
            asked, self._asked = self._asked, []
            if not self._over and (asked or self._watched):
                return asked
            for future in asked:
                future.set_result(self._state)
            self._let_go_quietly()
            self._thread = None  # under the lock: whoever subscribes now starts another
            return None

    def _sample(self) -> None:
        seq = self._state.seq + 1
        try:
            sample = Sample(self._read(), seq, connected=True)
        except Exception as problem:  # an engine that goes away raises from many libraries
            LOG.info("nothing could be read", exc_info=True)
            self._let_go_quietly()
            words = str(problem) or type(problem).__name__
            refused = not _is_lost(problem)
            sample = replace(self._state, seq=seq, connected=False, problem=words, refused=refused)
        self.publish(sample)

    def _let_go_quietly(self) -> None:
        try:
            self._let_go()
        except Exception:  # of a connection that is gone: there is nothing left to do
            LOG.info("a connection could not be closed", exc_info=True)


def _is_lost(problem: Exception) -> bool:
    """Whether nobody answers; to docker-py what an engine refuses is an OSError, too."""
    return isinstance(problem, _LOST) and not isinstance(problem, APIError)
