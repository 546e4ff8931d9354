"""The ways of wires: from containers to their buses, and to the ports at the edge.

A container of the first row drops from its bus. Every other wire leaves its container to the
right, runs in the gap beside that column and, where its goal is elsewhere, along the channel
above the goal's shelf. Gaps and channels hold no boxes, so no wire ever crosses one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.views.bus_layout import (
    EDGE,
    LANE,
    MORE,
    WIDTH,
    Card,
    Grid,
    Section,
    grid_for,
    put_across,
    put_down,
    sections,
)
from course.views.bus_model import Scene
from course.watch.state import Port

CHIPS = 7  # published ports at the edge; more are only in their containers
CHIP, APART, TALL = 126.0, 6.0, 36.0
NARROW, BROAD = 28.0, 60.0  # a gap, however few or many wires it has
CLEAR = 3.0  # pixels between the ends of two wires in one lane

Point = tuple[float, float]
Span = tuple[float, float]


@dataclass(slots=True)
class Wire:
    """From a row of a container to a bus, or to a chip at the edge (`section` is None then).

    Attributes:
        chip: Where the chip's middle is, in pixels.
        channel: The height at which it runs along.
        track: Its lane there.
        out: Its lane in the gap that it leaves by; `back` in the one that it arrives by.
    """

    card: Card
    row: int
    section: Section | None
    port: Port | None = None
    chip: float = 0.0
    channel: float = 0.0
    track: int = 0
    out: int = 0
    back: int = 0
    points: tuple[Point, ...] = ()

    @property
    def gap(self) -> int:
        """The gap that its goal is reached by: the nearest of those that the bus spans."""
        if self.section is None:
            return -1
        return min(max(self.card.column, self.section.first), self.section.last)

    @property
    def shelf(self) -> int:
        """Above which shelf it runs along."""
        return self.section.shelf if self.section else 0

    @property
    def along(self) -> bool:
        """Whether its goal is beyond its own gap."""
        return self.gap != self.card.column


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is drawn; `bottom` is below the last section."""

    grid: Grid
    sections: tuple[Section, ...]
    wires: tuple[Wire, ...]
    bottom: float

    @property
    def cards(self) -> list[Card]:
        """All containers' boxes."""
        return [card for section in self.sections for card in section.cards]


def plan(scene: Scene, top: float) -> Plan:
    """Returns where all stands and runs, from `top` down."""
    grid = grid_for(scene.buses)
    found = sections(scene.buses, grid)
    edge = _edge(found, grid)
    wires = [*_far(found), *edge]
    below = top + (TALL + 4 if edge else 0)
    bottom = put_down(found, grid, below, _channels(wires, grid))
    shelves = {section.shelf: section.y for section in found}
    for wire in wires:
        wire.channel = shelves[wire.shelf] - 6 - LANE * wire.track
    most = _lanes(wires)
    gap = min(max(LANE * most + 18, NARROW), BROAD)
    put_across(found, grid, gap)
    step = min(LANE, (gap - 19) / max(most - 1, 1))
    for wire in wires:
        first = grid.edge(wire.card.column + 1) - gap + 8
        wire.points = _points(wire, first + step * wire.out, top + TALL)
        if wire.section and wire.along:
            back = grid.edge(wire.gap + 1) - gap + 8 + step * wire.back
            ends = ((back, wire.channel), (back, wire.section.line))
            wire.points = (*wire.points, *ends)
    return Plan(grid, tuple(found), (*_drops(found), *wires), bottom)


def _points(wire: Wire, x: float, edge: float) -> tuple[Point, ...]:
    """From the container into its gap, and on to a bus there, a channel or the edge."""
    y = wire.card.middle(wire.row)
    start = ((wire.card.x + wire.card.w, y), (x, y))
    if wire.section is None:
        return (*start, (x, wire.channel), (wire.chip, wire.channel), (wire.chip, edge))
    return (*start, (x, wire.channel if wire.along else wire.section.line))


def _drops(found: Sequence[Section]) -> list[Wire]:
    """Wires of the first row of containers, straight from the bus above."""
    wires = []
    for section in found:
        for card in section.cards if section.bus.is_line else ():
            if not card.row:
                x = card.x + card.w / 2
                wires.append(Wire(card, 0, section, points=((x, card.y), (x, section.line))))
    return wires


def _far(found: Sequence[Section]) -> list[Wire]:
    """Wires that need a lane: all but the drops to the first row of containers."""
    return [
        Wire(card, row, found[hook.bus])
        for section in found
        for card in section.cards
        for row, hook in enumerate(card.hanging.hooks)
        if found[hook.bus].bus.is_line and (row or card.row)
    ]


def _edge(found: Sequence[Section], grid: Grid) -> list[Wire]:
    """Wires to the edge, while there are few enough to follow; chips stand near their columns."""
    wires = [
        Wire(card, len(card.hanging.hooks) + at, None, port)
        for section in found
        for card in section.cards
        for at, port in enumerate(card.hanging.ports[:MORE])
    ]
    if len(wires) > CHIPS:
        return []
    wires.sort(key=lambda wire: wire.card.column)
    low, high = EDGE + CHIP / 2, WIDTH - EDGE - CHIP / 2 - (CHIP + APART) * (len(wires) - 1)
    for wire in wires:
        wire.chip = max(low, min(grid.edge(wire.card.column + 1) - NARROW, high))
        low, high = wire.chip + CHIP + APART, high + CHIP + APART
    return wires


def _channels(wires: Sequence[Wire], grid: Grid) -> dict[int, int]:
    """Gives each wire its track; returns how many there are above each shelf."""
    count = {}
    for shelf in {wire.shelf for wire in wires if wire.along}:
        here = [wire for wire in wires if wire.along and wire.shelf == shelf]
        tracks, count[shelf] = lanes([_along(wire, grid) for wire in here])
        for wire, track in zip(here, tracks, strict=True):
            wire.track = track
    return count


def _along(wire: Wire, grid: Grid) -> Span:
    """From gap to gap, as wide as they may become."""
    start = grid.edge(wire.card.column + 1)
    end = wire.chip if wire.section is None else grid.edge(wire.gap + 1)
    return min(start, end) - BROAD, max(start, end)


def _lanes(wires: Sequence[Wire]) -> int:
    """Gives each wire its lanes in the gaps; returns the most that one gap has."""
    most = 0
    for gap in range(5):
        outs = [wire for wire in wires if wire.card.column == gap]
        backs = [wire for wire in wires if wire.along and wire.gap == gap]
        spans = [_out(wire) for wire in outs] + [_back(wire) for wire in backs]
        found, count = lanes(spans)
        most = max(most, count)
        for wire, lane in zip(outs, found, strict=False):
            wire.out = lane
        for wire, lane in zip(backs, found[len(outs) :], strict=True):
            wire.back = lane
    return most


def _out(wire: Wire) -> Span:
    end = wire.channel if wire.along or wire.section is None else wire.section.line
    return wire.card.middle(wire.row), end


def _back(wire: Wire) -> Span:
    return wire.channel, wire.section.line if wire.section else wire.channel


def lanes(spans: Sequence[Span]) -> tuple[list[int], int]:
    """Returns a lane for each span, so that no two in one lane touch, and how many lanes.

    Short spans get the first lanes: they then cross the fewest others on their way in.
    """
    taken: list[list[Span]] = []
    found = [0] * len(spans)
    for at in sorted(range(len(spans)), key=lambda at: round(abs(spans[at][0] - spans[at][1]))):
        low, high = min(spans[at]) - CLEAR, max(spans[at]) + CLEAR
        found[at] = _free(taken, low, high)
        taken[found[at]].append((low, high))
    return found, len(taken)


def _free(taken: list[list[Span]], low: float, high: float) -> int:
    for lane, spans in enumerate(taken):
        if all(high <= start or low >= end for start, end in spans):
            return lane
    taken.append([])
    return len(taken) - 1
