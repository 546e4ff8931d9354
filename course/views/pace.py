"""The pace of frames: at once while they are few, evenly when they never end."""

from __future__ import annotations

import time
from collections.abc import Callable

# A burst of thousands of events stays below 1 MB, and the server's queue is never full.
BYTES_PER_SECOND = 30_000.0
SAVED = 100_000.0  # bytes that quiet times save up: some twenty pictures in a row
FRAME = 2_000  # bytes besides the picture: the page's answer, and what the kernel says of that


class Pace:
    """An account of bytes: quiet times fill it, frames are paid from it.

    Args:
        clock: Seconds that only go up.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left, self._at = SAVED, clock()

    def spend(self, size: int) -> float:
        """Pays for a frame that was sent; returns the seconds that the next one has to wait.

        Args:
            size: Bytes of its picture as sent.
        """
        now = self._clock()
        earned = (now - self._at) * BYTES_PER_SECOND
        self._left, self._at = min(self._left + earned, SAVED) - size - FRAME, now
        return max(-self._left / BYTES_PER_SECOND, 0.0)
