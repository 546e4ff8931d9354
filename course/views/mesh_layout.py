"""Where the parts of the mesh stand: a row for each node, its gate left and its tasks right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from course.watch.mesh import Mesh, Replica

WIDTH, EDGE, TOP = 980.0, 24.0, 84.0  # pixels
SENDER = (EDGE, 110.0)  # left and width
GATE = (262.0, 170.0)
HOME = (640.0, WIDTH - EDGE - 640.0)
GATE_HIGH, CARD, GAP, HEAD, ROWS = 66.0, 40.0, 6.0, 24.0, 14.0
WIDEST = 6.0  # of one request
LABEL = 13.0  # what a band's number takes


@dataclass(frozen=True)
class Row:
    """A node: `top` and `high` of what runs on it; its gate stands in the middle."""

    node: str
    replicas: tuple[Replica, ...]
    top: float
    high: float

    @property
    def gate(self) -> float:
        """Top of the gate."""
        return self.top + (self.high - GATE_HIGH) / 2

    def card(self, at: int) -> float:
        """Top of a task's card."""
        return self.top + HEAD + at * (CARD + GAP)


@dataclass(frozen=True)
class Band:
    """Requests that went the same way: from a height at its left end to one at its right end.

    Attributes:
        key: What it is called from frame to frame.
        wide: Its thickness.
        labelled: Whether there is room for its number.
    """

    key: str
    count: int
    left: float
    right: float
    wide: float
    labelled: bool = False


class Layout:
    """Places for one moment.

    Args:
        mesh: The moment.
    """

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A row for each node, and one for whoever answered and is no known task."""
        rows: list[Row] = []
        top = TOP
        strange = [one for one in self.mesh.replicas if one.node not in self.mesh.nodes]
        for node in (*self.mesh.nodes, *([""] if strange else [])):
            here = [one for one in self.mesh.replicas if one.node == node]
            found = tuple(here if node else strange)
            high = HEAD + len(found) * (CARD + GAP) + 4 if found else GATE_HIGH
            rows.append(Row(node, found, top, max(high, GATE_HIGH if node else 0)))
            top += rows[-1].high + ROWS
        return tuple(rows)

    @property
    def bottom(self) -> float:
        """Where the last row ends."""
        return self.rows[-1].top + self.rows[-1].high if self.rows else TOP

    @cached_property
    def pace(self) -> float:
        """Pixels that a request is wide; it changes little while more of them come back."""
        mesh = self.mesh
        total = mesh.each * len(mesh.nodes)
        shares = [mesh.answered(one) for one in mesh.replicas]
        most = max([-(-total // max(len(shares), 1)), *shares, 1])
        return min(WIDEST, (GATE_HIGH - 10) / max(mesh.each, 1), (CARD - 6) / most)

    @property
    def whole(self) -> float:
        """How wide all requests together are."""
        return self.pace * self.mesh.each * len(self.mesh.nodes)

    @cached_property
    def sent(self) -> tuple[tuple[Band, Band], ...]:
        """For each node what it took and what failed, from the sender to its gate."""
        mesh, pairs = self.mesh, []
        left = (TOP + self.bottom - self.whole) / 2
        for index, row in enumerate(self.rows[: len(mesh.nodes)]):
            right = row.gate + (GATE_HIGH - mesh.each * self.pace) / 2
            took = self._band(f"took-{index}", mesh.taken(row.node), left, right)
            lost = mesh.errors(row.node).total()
            end = took.wide
            pairs.append((took, self._band(f"lost-{index}", lost, left + end, right + end)))
            left += mesh.each * self.pace  # with those that are still under way
        return tuple(pairs)

    @cached_property
    def flows(self) -> tuple[tuple[str, Replica, Band], ...]:
        """From each gate to each task that answered there."""
        mesh = self.mesh
        found = []
        filled = dict.fromkeys(mesh.replicas, 0.0)
        places = self._cards()
        for index, row in enumerate(self.rows[: len(mesh.nodes)]):
            numbered = [
                (n, who) for n, who in enumerate(mesh.replicas) if mesh.flows[row.node, who]
            ]
            lefts, labelled = self._heights(row, [who for _, who in numbered])
            for (number, who), left in zip(numbered, lefts, strict=True):
                count = mesh.flows[row.node, who]
                wide = count * self.pace
                whole = mesh.answered(who) * self.pace
                right = places[who] + (CARD - whole) / 2 + filled[who] + wide / 2
                band = Band(f"flow-{index}-{number}", count, left, right, wide, labelled)
                found.append((row.node, who, band))
                filled[who] += wide
        return tuple(found)

    def _heights(self, row: Row, replicas: Sequence[Replica]) -> tuple[list[float], bool]:
        """Where bands leave a gate, one below the other: apart, where their numbers have room."""
        wides = [self.mesh.flows[row.node, one] * self.pace for one in replicas]
        apart = [max(wide, LABEL) for wide in wides]
        labelled = sum(apart) < GATE_HIGH
        steps = apart if labelled else wides
        top = row.gate + (GATE_HIGH - sum(steps)) / 2
        return [top + sum(steps[:at]) + step / 2 for at, step in enumerate(steps)], labelled

    def _band(self, key: str, count: int, left: float, right: float) -> Band:
        wide = count * self.pace
        return Band(key, count, left + wide / 2, right + wide / 2, wide)

    def _cards(self) -> dict[Replica, float]:
        return {
            replica: row.card(at) for row in self.rows for at, replica in enumerate(row.replicas)
        }
