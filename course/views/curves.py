"""Curves of the last minute in a small plot.

What was measured has the class "curve" or "time": tests of stored pictures look past the shape
of a curve, and compare that there is one, its name and its limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from course.views.svg import line, path, rect
from course.watch.usage import Usage

SPAN = 60.0  # seconds from the left edge to the right
GAP = 4.0  # seconds without a reading that no line bridges
Value = Callable[[Usage], float | None]


@dataclass(frozen=True, slots=True)
class Plot:
    """A place for curves.

    Attributes:
        top: The value at its upper edge.
        now: The time at its right edge, in seconds since the epoch.
    """

    x: float
    y: float
    w: float
    h: float
    top: float
    now: float

    def frame(self) -> list[str]:
        """Returns the background, with a line at the half."""
        middle = self.y + self.h / 2
        return [
            rect(self.x, self.y, self.w, self.h, cls="panel", rx=4),
            line(self.x, middle, self.x + self.w, middle, cls="rule"),
        ]

    def curve(
        self, points: Sequence[Usage], value: Value, hue: str, *, dash: bool = False
    ) -> list[str]:
        """Returns the values as a line, filled below unless it is dashed.

        Always as many elements: how often something was read hangs on the machine.
        """
        trails, fills = [], []
        for part in _unbroken(points, value):
            spots = [(self._x(at), self._y(amount)) for at, amount in part]
            trail = "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)
            foot = self.y + self.h
            fills.append(f"M{spots[0][0]:.1f} {foot:.1f}L{trail}L{spots[-1][0]:.1f} {foot:.1f}Z")
            trails.append(f"M{trail}" if len(spots) > 1 else f"M{trail}h-2")
        stroke = path("".join(trails), cls=f"{hue}-line{' dash' if dash else ''} curve")
        return [stroke] if dash else [path("".join(fills), cls=f"{hue} area curve"), stroke]

    def limit(self, value: float) -> str:
        """Returns a dashed line at a limit; where it stands is compared."""
        y = self._y(value)
        return line(self.x, y, self.x + self.w, y, cls="bad-line dash thin")

    def _x(self, at: float) -> float:
        return self.x + self.w * min(max(1 - (self.now - at) / SPAN, 0), 1)

    def _y(self, amount: float) -> float:
        return self.y + self.h * (1 - min(max(amount / self.top, 0), 1))


def _unbroken(points: Sequence[Usage], value: Value) -> list[list[tuple[float, float]]]:
    """Returns the pieces of a curve: nothing is drawn where nothing was read."""
    parts: list[list[tuple[float, float]]] = []
    last = -math.inf
    for point in points:
        amount = value(point)
        if amount is None:
            continue
        if point.time - last > GAP:
            parts.append([])
        parts[-1].append((point.time, amount))
        last = point.time
    return parts


def most(amounts: Iterable[float | None], least: float) -> float:
    """Returns the top of an axis: a power of two times `least` that has room for all."""
    highest = max((amount for amount in amounts if amount is not None), default=0.0)
    top = least
    while top < highest * 1.05:
        top *= 2
    return top


def whole_cpus(amounts: Iterable[float]) -> float:
    """Returns the top of an axis of CPU %: 100, 200, 300 … with a little leeway for measuring."""
    return 100.0 * max(math.ceil(max(amounts, default=0.0) / 100 - 0.2), 1)
