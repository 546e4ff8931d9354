"""Where nodes, tasks and services of a swarm stand: pixels, and no drawing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from course.views.swarm_model import Card, Column, Scene

WIDTH, EDGE, GAP = 980.0, 24.0, 12.0
TOP = 62.0  # below the title and the quorum
STRIP, SEAM = 40.0, 6.0  # height of a service, and what is between two
HEAD = 67.0  # of a node: name, role, state
CARD, SMALL, TILE = 38.0, 22.0, 15.0  # heights of a task, by how many there are
LABEL = 17.0  # of the line above tiles that says whose they are
MOST = 12  # services that are shown
LEAST = 92.0  # height of the tasks of a node: there is room for two cards from the start
BROAD = 232.0  # from here on, two small cards stand side by side in a column


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a task stands; `size` is card, small or tile."""

    card: Card
    x: float
    y: float
    w: float
    h: float
    size: str


@dataclass(frozen=True, slots=True)
class Label:
    """Whose the tiles below it are."""

    words: str
    hue: str
    x: float
    y: float
    room: float


@dataclass(slots=True)
class Plan:
    """Everything in its place.

    Attributes:
        strips: Where each service stands: x, y and width.
        columns: Where each node stands: x and width; all begin at `top` and are `high`.
        lane: Where the waiting tasks begin; 0 without any.
        reasons: Where each reason of `lane` is told.
    """

    size: str = "card"
    strips: list[tuple[float, float, float]] = field(default_factory=list)
    columns: list[tuple[Column, float, float]] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    top: float = TOP
    high: float = 0.0
    lane: float = 0.0
    reasons: list[tuple[str, float, float]] = field(default_factory=list)
    bottom: float = 0.0


def plan(scene: Scene, top: float = TOP) -> Plan:
    """Returns where everything stands, from `top` down."""
    made = Plan()
    made.top = _place_strips(scene, made, top)
    most = max((len(column.cards) for column in scene.columns), default=0)
    made.size = "card" if most <= 6 else "small" if most <= 20 else "tile"
    count = max(len(scene.columns), 1)
    wide = (WIDTH - 2 * EDGE - GAP * (count - 1)) / count
    bottom = made.top + HEAD + LEAST
    for at, column in enumerate(scene.columns):
        x = EDGE + at * (wide + GAP)
        made.columns.append((column, x, wide))
        end = _place_tasks(made, column.cards, x + 8, made.top + HEAD, wide - 16)
        bottom = max(bottom, end + 8)
    made.high, made.bottom = bottom - made.top, bottom
    if scene.waiting:
        _place_lane(scene, made)
    # By name: a browser that moves an element among its siblings stops its glide.
    made.spots.sort(key=lambda spot: spot.card.key)
    return made


def _place_strips(scene: Scene, made: Plan, top: float) -> float:
    """Services in rows of up to three; returns where they end."""
    count = min(len(scene.counts), MOST)
    if not count:
        return top
    columns = 2 if count == 4 else min(count, 3)
    wide = (WIDTH - 2 * EDGE - GAP * (columns - 1)) / columns
    for at in range(count):
        x, y = EDGE + at % columns * (wide + GAP), top + at // columns * (STRIP + SEAM)
        made.strips.append((x, y, wide))
    return made.strips[-1][1] + STRIP + 14


def _place_tasks(made: Plan, cards: Sequence[Card], x: float, y: float, wide: float) -> float:
    """Tasks of one node; returns where they end."""
    ordered = sorted(cards, key=order)
    if made.size == "tile":
        return _place_tiles(made, ordered, x, y, wide)
    high = CARD if made.size == "card" else SMALL
    abreast = 2 if made.size == "small" and wide >= BROAD else 1
    width = (wide - 4 * (abreast - 1)) / abreast
    for at, card in enumerate(ordered):
        place = x + at % abreast * (width + 4), y + at // abreast * (high + 4)
        made.spots.append(Spot(card, *place, width, high, made.size))
    return y + math.ceil(len(ordered) / abreast) * (high + 4)


def order(card: Card) -> tuple[str, int, str]:
    """By service and slot, so that none moves when another is added."""
    return card.service.name, card.task.slot, card.key


def _place_tiles(made: Plan, cards: Sequence[Card], x: float, y: float, wide: float) -> float:
    abreast = max(1, int((wide + 3) // (TILE + 3)))
    for name, found in groupby(cards, key=lambda card: card.service.name):
        own = list(found)
        made.labels.append(Label(f"{name}: {_told(own)}", own[0].hue, x, y + 12, wide))
        y += LABEL
        for at, card in enumerate(own):
            place = x + at % abreast * (TILE + 3), y + at // abreast * (TILE + 3)
            made.spots.append(Spot(card, *place, TILE, TILE, "tile"))
        y += math.ceil(len(own) / abreast) * (TILE + 3) + 4
    return y


def _told(cards: Sequence[Card]) -> str:
    rest = sum(not card.task.runs for card in cards)
    told = f"{len(cards)} tasks" if len(cards) > 1 else "1 task"
    return f"{told}, {rest} not running" if rest else told


def _place_lane(scene: Scene, made: Plan) -> None:
    """Tasks that wait, and why: a line for each service and reason."""
    made.lane = y = made.bottom + 14
    y += 24
    for (_, reason), found in _reasons(scene.waiting):
        small = len(found) > 4
        wide, high = (TILE, TILE) if small else (112.0, SMALL)
        abreast = int((WIDTH - 2 * EDGE - 300) // (wide + 3))
        for at, card in enumerate(found):
            place = EDGE + 12 + at % abreast * (wide + 3), y + at // abreast * (high + 3)
            made.spots.append(Spot(card, *place, wide, high, "tile" if small else "small"))
        right = EDGE + 12 + min(len(found), abreast) * (wide + 3) + 8
        told = f"{found[0].service.name}, {len(found)} tasks: {reason}" if small else reason
        made.reasons.append((told, right, y + high / 2 + 4))
        y += math.ceil(len(found) / abreast) * (high + 3) + 4
    made.bottom = y + 2


def _reasons(cards: Sequence[Card]) -> Iterator[tuple[tuple[str, str], list[Card]]]:
    def why(card: Card) -> tuple[str, str]:
        return card.service.name, card.note or card.task.message

    for key, found in groupby(sorted(cards, key=lambda card: (why(card), order(card))), key=why):
        yield key, list(found)
