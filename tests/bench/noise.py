"""How late this machine wakes a thread: what others on it take from a measurement."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Self

from tests.bench.row import quantile

NAP = 0.005  # seconds


class Noise:
    """Sleeps 5 ms again and again, and notes how much longer it took."""

    def __init__(self) -> None:
        self._late: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="noise", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        while not self._over.is_set():
            start = time.perf_counter()
            time.sleep(NAP)
            self._late.append((time.perf_counter() - start - NAP) * 1000)

    def p95(self) -> float:
        """Returns the milliseconds by which 95 % of all naps were late at most."""
        return quantile(self._late, 0.95)

    def most(self) -> float:
        """Returns the milliseconds by which the worst was late."""
        return max(self._late)
