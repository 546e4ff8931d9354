"""How long Python takes to draw a Lifecycle of 200 containers, and a map of 20 networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

from course.views.engine import EngineView
from course.views.lifecycle import Lifecycle
from course.views.network import NetworkMap
from course.watch.state import Container, Endpoint, Event, Network, Port, State
from tests.bench.row import Row, at_most

COUNT, TIMES = 200, 50
STATES = ("created", "running", "paused", "exited", "restarting")
BOUND = 5.0  # milliseconds
HANGING, NETWORKS, MAP_BOUND = 50, 20, 10.0


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


def _town(turn: int) -> State:
    """Every third container is on two networks, every tenth on three."""
    networks = tuple(
        Network(f"n{at}", f"net-{at:02}", "bridge", subnets=(f"172.20.{at}.0/24",), created=at)
        for at in range(NETWORKS)
    )
    containers = tuple(_citizen(number, turn) for number in range(HANGING))
    return State(containers=containers, networks=networks, connected=True, seq=turn)


def _citizen(number: int, turn: int) -> Container:
    on = {(number + turn) % NETWORKS}
    on |= {(number * 3 + 1) % NETWORKS} if number % 3 == 0 else set()
    on |= {(number * 7 + 2) % NETWORKS} if number % 10 == 0 else set()
    return Container(
        f"{number:064x}",
        f"service-{number:02}",
        state="running",
        created=float(number),
        networks=tuple(
            Endpoint(f"net-{at:02}", f"172.20.{at}.{number + turn}") for at in sorted(on)
        ),
        ports=(Port(80, "tcp", 8000 + number, "0.0.0.0"),) if number % 9 == 0 else (),
    )


def measure() -> Iterator[Row]:
    """Draws 50 different States of each kind, so that no frame is the one before."""
    yield _row(f"Lifecycle of {COUNT} containers drawn", Lifecycle(), _state, BOUND)
    what = f"Network map of {HANGING} containers on {NETWORKS} networks drawn"
    yield _row(what, NetworkMap(), _town, MAP_BOUND)


def _row(what: str, view: EngineView, made: Callable[[int], State], bound: float) -> Row:
    took = []
    for state in [made(turn) for turn in range(TIMES)]:
        start = time.perf_counter()
        picture = view.draw(state)
        took.append((time.perf_counter() - start) * 1000)
    note = f"median of {TIMES}; best {min(took):.2g} ms, {len(picture) / 1000:.0f} kB"
    return at_most(what, median(took), bound, "ms", note)
