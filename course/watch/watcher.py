"""Watcher: follows an engine's events and keeps one State of all that it holds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from docker import DockerClient

from course.watch.feed import Feed
from course.watch.history import History
from course.watch.session import Session
from course.watch.state import Event, State

LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())  # else Python prints warnings into whichever cell runs

INTERVAL = 0.05  # seconds between two States; the first after a pause goes out at once
LOOK = 1.0  # seconds of silence after which it looks for what engines tell no event of
DELAYS = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds before each further attempt to reach a lost engine

_STOP = object()


class Watcher(Feed[State]):
    """Subscribes to the engine's events, then lists, then reads again what events touched.

    States go to subscribers at most every 50 ms, the first one at once. When the engine goes
    away the State says so, and the watcher tries again until it is back.

    Args:
        connect: Gives a new client; called twice for each attempt to reach the engine.
    """

    def __init__(self, connect: Callable[[], DockerClient]) -> None:
        super().__init__(State())
        self._connect = connect
        self._history = History()
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts watching; a second call does nothing."""
        with self._lock:
            if self._thread is None and not self._over.is_set():
                self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)
                self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Stops for good; waits up to `timeout` seconds for the thread."""
        self._over.set()
        self._queue.put(_STOP)
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def settle(self, timeout: float = 5.0) -> State:
        """Returns a State that holds all that the engine did before this call.

        When the engine does not answer within `timeout` seconds it is the last one known.
        """
        thread = self._thread
        if thread is None or thread is threading.current_thread() or not thread.is_alive():
            return self._state
        future: Future[State] = Future()
        self._queue.put(future)
        try:
            return future.result(timeout)
        except FutureTimeoutError:
            return self._state

    def _run(self) -> None:
        attempt = 0
        while not self._over.is_set():
            problem = self._watch()
            attempt = 0 if self._state.connected else attempt + 1
            if not self._over.is_set():
                self._lost(problem, DELAYS[min(attempt, len(DELAYS) - 1)])
        self._release(self._queue.qsize())

    def _watch(self) -> Exception | None:
        """Follows one connection to its end, and returns why it ended."""
        try:
            with Session(self._connect, self._history, self._queue) as session:
                self._tell(session.everything())
                return self._follow(session)
        except Exception as problem:  # an engine that goes away raises from many libraries
            LOG.info("the engine went away", exc_info=True)
            return problem

    def _follow(self, session: Session) -> Exception | None:
        due = 0.0
        while True:
            batch = self._batch(due)
            asked = [item for item in batch if isinstance(item, Future)]
            for item in batch:
                if isinstance(item, Event):
                    session.record(item)
            try:
                self._tell(session.settle() if asked else session.refresh(idle=not batch))
            finally:
                for future in asked:
                    future.set_result(self._state)
            for item in batch:
                if item is None or item is _STOP or isinstance(item, Exception):
                    return item if isinstance(item, Exception) else None
            due = time.monotonic() + INTERVAL

    def _batch(self, due: float) -> list[Any]:
        """Waits for something to do, then collects what comes until `due`; empty after a while."""
        try:
            batch = [self._queue.get(timeout=LOOK)]
        except Empty:
            return []
        while isinstance(batch[-1], Event) and (left := due - time.monotonic()) > 0:
            try:
                batch.append(self._queue.get(timeout=left))
            except Empty:
                break
        batch.extend(self._queue.get() for _ in range(self._queue.qsize()))
        return batch

    def _tell(self, state: State) -> None:
        state = replace(state, seq=self._state.seq)
        if state == self._state:
            return
        self.publish(replace(state, seq=state.seq + 1))

    def _lost(self, problem: Exception | None, delay: float) -> None:
        """Says that the engine is gone, and waits before the next attempt."""
        words = str(problem) if problem else "The engine closed its stream of events."
        self._tell(replace(self._state, connected=False, problem=words))
        until = time.monotonic() + delay
        while (left := until - time.monotonic()) > 0 and not self._over.is_set():
            self._over.wait(min(left, 0.1))
            self._release(self._queue.qsize())

    def _release(self, count: int) -> None:
        """Answers those who asked in vain; events of a stream that is over go, too."""
        for _ in range(count):
            item = self._queue.get()
            if isinstance(item, Future):
                item.set_result(self._state)
