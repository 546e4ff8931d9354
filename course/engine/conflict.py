"""A change that another one of the same object came before.

A swarm takes a change of a node or a service only with the number of the version that it was made
from, and refuses all others as "update out of sequence". The other one is often the swarm itself:
it gives addresses and ports, it notes that a node has joined.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from docker.errors import APIError

TRIES, PAUSE = 8, 0.1
REFUSAL = "out of sequence"


def again(change: Callable[[], None]) -> None:
    """Makes a change, and makes it anew where another one came before.

    Args:
        change: Reads the object, its version with it, and then changes it.

    Raises:
        APIError: It was refused for another reason, or `TRIES` times for this one.
    """
    for _ in range(TRIES - 1):
        try:
            return change()
        except APIError as error:
            if REFUSAL not in str(error):
                raise
        time.sleep(PAUSE)
    return change()
