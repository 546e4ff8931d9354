"""Where services, and the arrows between them, stand: pixels, and no drawing.

Services stand in columns, what they depend on to their left, so the columns from left to right
are the order in which Compose starts them. An arrow over several columns passes each of those
between in a lane that is kept free for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from course.views.compose_layers import Column, Lane, columns, layers
from course.views.compose_model import Need, Project, Service
from course.watch.state import Container

WIDTH, EDGE = 980.0, 24.0
HEAD, ROW, FOOT = 28.0, 17.0, 7.0  # of a service's box
CHIP, SEAM = 34.0, 4.0  # height of a container in it, and what is between two
BROAD, NARROW = 400.0, 176.0  # the widest and the narrowest box
PASSAGE = 44.0  # between two columns, for arrows
LONE = 3  # columns of services without any order among them
SPACE, LANE = 16.0, 12.0  # between boxes, and the height of an arrow's lane
MOST = 8  # containers, ports and mounts of a service that are shown one by one
PANEL = 40.0  # height of a network or a volume below

Point = tuple[float, float]


@dataclass(slots=True)
class Box:
    """A service's box; `lone` ones depend on nothing and nothing on them."""

    service: Service
    x: float
    y: float
    w: float
    lone: bool = False

    @property
    def pairs(self) -> bool:
        """Whether there is room for two containers side by side."""
        return self.w >= 300 and len(self.shown) > 1

    @property
    def shown(self) -> tuple[Container, ...]:
        """The containers that are drawn."""
        return self.service.all[:MOST]

    @property
    def chips(self) -> float:
        """Where its containers begin, below the head and what it depends on."""
        return HEAD + ROW * len(self.service.needs) + SEAM

    @property
    def rows(self) -> float:
        """Where what follows its containers begins."""
        lines = -(-len(self.shown) // (2 if self.pairs else 1))
        return self.chips + (CHIP + SEAM) * max(lines, 0)

    @property
    def h(self) -> float:
        """Its height."""
        return self.rows + ROW * sum(1 for _ in self.lines()) + FOOT

    def lines(self) -> Iterator[tuple[str, int]]:
        """The rows below its containers: what each shows, and which of those."""
        service = self.service
        if len(service.all) != len(self.shown) or not service.all:
            yield "rest", 0
        yield from (("port", at) for at in range(min(len(service.ports), MOST)))
        yield from (("mount", at) for at in range(min(len(service.mounts), MOST)))
        if service.networks:
            yield "networks", 0

    def spot(self, at: int) -> tuple[float, float, float]:
        """The place and width of a container in it, by its number among those shown."""
        columns = 2 if self.pairs else 1
        wide = (self.w - 16 - SEAM * (columns - 1)) / columns
        x = self.x + 8 + at % columns * (wide + SEAM)
        return x, self.y + self.chips + at // columns * (CHIP + SEAM), wide

    def need(self, at: int) -> float:
        """The height of the middle of a line of `depends_on`."""
        return self.y + HEAD + ROW * at + ROW / 2


@dataclass(frozen=True, slots=True)
class Wire:
    """From a line of `depends_on` to the service that it names.

    Attributes:
        points: It bends from the first to the second, is straight to the third, and so on.
    """

    service: str
    need: Need
    points: tuple[Point, ...]


@dataclass(slots=True)
class Plan:
    """Everything in its place; `bottom` is where it ends and `lone` where those without order do.

    Attributes:
        width: Of the picture; more than usual for a long chain of services.
        lone: Where the services without any order begin; 0 without such.
    """

    boxes: list[Box] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    width: float = WIDTH
    lone: float = 0.0
    bottom: float = 0.0


def plan(project: Project, top: float) -> Plan:
    """Returns where everything of a project's services stands, from `top` down."""
    wanted = {need.service for one in project.services for need in one.needs}
    tied = [one for one in project.services if one.needs or one.name in wanted]
    lone = [one for one in project.services if not (one.needs or one.name in wanted)]
    made = Plan(bottom=top)
    if tied:
        _graph(tied, made)
    if lone:
        _grid(lone, made, heading=bool(tied))
    return made


def _graph(tied: Sequence[Service], made: Plan) -> None:
    found = columns(layers(tied))
    count, top = len(found), made.bottom
    made.width = max(WIDTH, 2 * EDGE + count * NARROW + (count - 1) * PASSAGE)
    room = made.width - 2 * EDGE
    wide = min(BROAD, (room - (count - 1) * PASSAGE) / count)
    pitch = (room - wide) / (count - 1) if count > 1 else 0.0
    for at, column in enumerate(found):
        y = top
        for one in column:
            if isinstance(one, Lane):
                one.y, y = y + LANE / 2, y + LANE + SPACE / 2
            else:
                made.boxes.append(Box(one, EDGE + at * pitch, y, wide))
                y += made.boxes[-1].h + SPACE
        made.bottom = max(made.bottom, y)
    made.wires = [*_wires(made.boxes, found, pitch)]


def _wires(boxes: Sequence[Box], found: Sequence[Column], pitch: float) -> Iterator[Wire]:
    targets = {box.service.name: box for box in boxes}
    ways = [way for box in boxes for way in _ways(box, found, pitch)]
    comers: dict[str, list[Wire]] = {}
    for way in sorted(ways, key=lambda way: (way.points[-1][1], way.service)):
        comers.setdefault(way.need.service, []).append(way)
    for name, those in comers.items():
        target = targets[name]  # they end one below the other, in the order in which they come
        step = min(12.0, (target.h - 20) / len(those))
        for at, way in enumerate(those):
            end = (target.x + target.w, target.y + HEAD / 2 + at * step)
            yield replace(way, points=(*way.points, end))


def _ways(box: Box, found: Sequence[Column], pitch: float) -> Iterator[Wire]:
    """The arrows of a service, as far as the last lane; those of a cycle lead nowhere."""
    name = box.service.name
    place = {one.name: at for at, column in enumerate(found) for one in column}
    for at, need in enumerate(box.service.needs):
        points = [(box.x, box.need(at))]
        for column in range(place[name] - 1, place[need.service], -1):
            lane = next(one for one in found[column] if one.name == f"{name} {need.service}")
            x, y = EDGE + column * pitch, lane.y if isinstance(lane, Lane) else 0.0
            points += [(x + box.w, y), (x, y)]
        if place[need.service] < place[name]:
            yield Wire(name, need, tuple(points))


def _grid(lone: Sequence[Service], made: Plan, heading: bool) -> None:
    count = min(LONE, len(lone)) if not heading else LONE
    made.lone, y = (made.bottom + 6, made.bottom + 24) if heading else (0.0, made.bottom)
    wide = min(BROAD, (made.width - 2 * EDGE - (count - 1) * SPACE) / count)
    for start in range(0, len(lone), count):
        row = [
            Box(one, EDGE + at * (wide + SPACE), y, wide, lone=True)
            for at, one in enumerate(lone[start : start + count])
        ]
        made.boxes += row
        y += max(box.h for box in row) + SPACE
    made.bottom = y
