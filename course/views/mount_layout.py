"""Where the boxes of the Mounts picture stand; pixels, and no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from course.views.mount_model import Cluster, Place, key_of
from course.watch.state import Container, Mount

WIDTH = 980.0
EDGE = 24.0
HEAD, ROW, FOOT = 28.0, 22.0, 5.0  # of a container's box
PLACE = 46.0  # height of a place's box
GAP = 12.0
TALL = 760.0  # pixels: what would be taller stands in two panels


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that stands on the picture."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Panel:
    """A column of containers, and one of places to its right."""

    x: float
    card: float
    between: float
    place: float

    @property
    def right(self) -> float:
        """Where the places begin."""
        return self.x + self.card + self.between


ONE = (Panel(EDGE, 360, 232, 340),)
TWO = (Panel(EDGE, 206, 62, 188), Panel(500, 206, 62, 188))


@dataclass(frozen=True, slots=True)
class Wire:
    """From a mount's row to its place."""

    container: Container
    mount: Mount
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """All boxes and wires; `bottom` is below the last of them."""

    panels: tuple[Panel, ...]
    cards: tuple[tuple[Container, Box], ...]
    places: tuple[tuple[Place, Box], ...]
    wires: tuple[Wire, ...]
    bottom: float


def card_height(container: Container) -> float:
    """Returns the height of a container's box: its name, and a row a mount."""
    return HEAD + ROW * len(container.mounts) + FOOT


def row_middle(box: Box, number: int) -> float:
    """Returns the height at which the wire of a mount leaves its container."""
    return box.y + HEAD + ROW * number + ROW / 2 - 1


def plan(clusters: Sequence[Cluster], top: float) -> Plan:
    """Returns where all stands, from `top` down: in two panels where one were too tall."""
    tall = [_height(cluster) for cluster in clusters]
    panels = TWO if sum(tall) > TALL and max(tall) < 0.6 * sum(tall) else ONE
    bottoms = [top] * len(panels)
    cards: list[tuple[Container, Box]] = []
    places: list[tuple[Place, Box]] = []
    wires: list[Wire] = []
    for cluster in clusters:
        at = bottoms.index(min(bottoms))
        stood = _stack_cards(cluster, panels[at], bottoms[at])
        put = _stack_places(cluster, panels[at], stood)
        wires += _wires(stood, dict(zip((p.key for p, _ in put), (b for _, b in put), strict=True)))
        cards, places = cards + stood, places + put
        bottoms[at] = max(box.y + box.h for _, box in [*stood, *put]) + GAP * 1.5
    return Plan(panels, tuple(cards), tuple(places), tuple(wires), max(bottoms))


def _height(cluster: Cluster) -> float:
    left = sum(card_height(one) + GAP for one in cluster.containers)
    return max(left, len(cluster.places) * (PLACE + GAP))


def _stack_cards(cluster: Cluster, panel: Panel, y: float) -> list[tuple[Container, Box]]:
    stood = []
    for container in cluster.containers:
        box = Box(panel.x, y, panel.card, card_height(container))
        stood.append((container, box))
        y += box.h + GAP
    return stood


def _stack_places(
    cluster: Cluster, panel: Panel, stood: Sequence[tuple[Container, Box]]
) -> list[tuple[Place, Box]]:
    """Puts each place as near as can be to the middle of the rows that mount it."""
    rows: dict[str, list[float]] = {}
    for container, box in stood:
        for number, mount in enumerate(container.mounts):
            rows.setdefault(key_of(container, mount), []).append(row_middle(box, number))
    wish = {key: sum(ys) / len(ys) - PLACE / 2 for key, ys in rows.items()}
    ordered = sorted(cluster.places, key=lambda place: wish[place.key])
    tops = _spread([wish[place.key] for place in ordered], stood[0][1].y)
    return [
        (place, Box(panel.right, y, panel.place, PLACE))
        for place, y in zip(ordered, tops, strict=True)
    ]


def _spread(wishes: Sequence[float], top: float) -> list[float]:
    """Returns tops in the order of `wishes`, near to them, apart, and none above `top`."""
    step = PLACE + GAP
    runs: list[list[float]] = []  # of boxes that touch: sum of their wishes for a top, and count
    for wish in wishes:
        runs.append([wish, 1])
        while len(runs) > 1 and _top(runs[-2], top) + runs[-2][1] * step > _top(runs[-1], top):
            total, count = runs.pop()
            before = runs[-1]
            before[0] += total - count * before[1] * step
            before[1] += count
    tops = [_top(run, top) + at * step for run in runs for at in range(int(run[1]))]
    assert all(one + step <= other + 0.01 for one, other in pairwise(tops))
    return tops


def _top(run: Sequence[float], top: float) -> float:
    return max(run[0] / run[1], top)


def _wires(stood: Sequence[tuple[Container, Box]], places: dict[str, Box]) -> list[Wire]:
    rows = [
        (key_of(container, mount), container, mount, (box.x + box.w, row_middle(box, number)))
        for container, box in stood
        for number, mount in enumerate(container.mounts)
    ]
    found = []
    for key, box in places.items():
        mine = [row for row in rows if row[0] == key]
        for number, (_, container, mount, start) in enumerate(mine, 1):
            end = (box.x, box.y + box.h * number / (len(mine) + 1))
            found.append(Wire(container, mount, start, end))
    return found
