"""Rectangles of pictures: do they overlap, are they on the card?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Protocol


class Boxed(Protocol):
    x: float
    y: float
    w: float
    h: float


Edges = tuple[float, float, float, float]


def edges(box: Boxed) -> Edges:
    return box.x, box.y, box.x + box.w, box.y + box.h


def overlaps(boxes: Iterable[Edges]) -> list[tuple[Edges, Edges]]:
    return [
        (one, other)
        for one, other in combinations(boxes, 2)
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]


def outside(boxes: Iterable[Edges], width: float, height: float) -> list[Edges]:
    return [box for box in boxes if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height]
