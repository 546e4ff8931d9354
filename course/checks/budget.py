"""How long a check may still take."""

from __future__ import annotations

import time

SECONDS = 5.0  # a learner waits this long for a verdict and no longer


class OutOfTimeError(Exception):
    """The check has used up its time."""


class Budget:
    """Counts down from `seconds`.

    Args:
        seconds: For the whole check, from now on.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Returns the seconds that are left, always more than 0.

        Raises:
            OutOfTimeError: There are none.
        """
        rest = self._end - time.monotonic()
        if rest <= 0:
            raise OutOfTimeError
        return rest
