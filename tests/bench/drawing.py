"""How long Python takes to draw a Lifecycle of 200 containers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from course.views.lifecycle import Lifecycle
from course.watch.state import Container, Event, State
from tests.bench.row import Row, at_most

COUNT, TIMES = 200, 50
STATES = ("created", "running", "paused", "exited", "restarting")
BOUND = 5.0  # milliseconds


def _state(turn: int) -> State:
    containers = tuple(
        Container(
            f"{number:064x}",
            f"web-{number:03}",
            "nginx",
            state=STATES[(number + turn) % len(STATES)],
            exit_code=number % 3 or None,
        )
        for number in range(COUNT)
    )
    events = tuple(
        Event(at + turn, "container", "start", f"{at:064x}", f"web-{at}") for at in range(200)
    )
    return State(containers=containers, events=events, connected=True, seq=turn)


def measure() -> Iterator[Row]:
    """Draws 50 different States, so that no frame is the one before."""
    view, took = Lifecycle(), []
    for state in [_state(turn) for turn in range(TIMES)]:
        start = time.perf_counter()
        picture = view.draw(state)
        took.append((time.perf_counter() - start) * 1000)
    note = f"median of {TIMES}; best {min(took):.2g} ms, {len(picture) / 1000:.0f} kB"
    yield at_most(f"Lifecycle of {COUNT} containers drawn", median(took), BOUND, "ms", note)
