"""In which column each service stands, and which arrows pass it: order, and no pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.views.compose_model import Need, Service


@dataclass(slots=True)
class Lane:
    """An arrow that passes a column on its way from `service` to what it needs.

    Attributes:
        y: Its height, once it is put down.
    """

    service: str
    need: Need
    y: float = 0.0

    @property
    def name(self) -> str:
        """A name that no service has: a blank is in none."""
        return f"{self.service} {self.need.service}"

    @property
    def needs(self) -> tuple[Need, ...]:
        """What it leads to."""
        return (self.need,)


Column = list[Service | Lane]


def layers(services: Sequence[Service]) -> list[list[Service]]:
    """Returns services in columns, each to the right of all that it depends on.

    Compose refuses a cycle. Should labels make one, its first service by name is put down as if
    it did not wait.
    """
    left, done = {one.name: one for one in services}, set[str]()
    found: list[list[Service]] = []
    while left:
        ready = [one for one in left.values() if all(need.service in done for need in one.needs)]
        found.append(ready or [next(iter(left.values()))])
        for one in found[-1]:
            done.add(one.name)
            del left[one.name]
    return found


def columns(found: Sequence[Sequence[Service]]) -> list[Column]:
    """Returns the layers with a lane in each column that an arrow passes.

    In a column, services and lanes stand near the height of what they lead to, so that few
    arrows cross.
    """
    place = {one.name: at for at, layer in enumerate(found) for one in layer}
    made: list[Column] = []
    for at, layer in enumerate(found):
        passing = [
            Lane(one.name, need)
            for later in found[at + 1 :]
            for one in later
            for need in one.needs
            if place[need.service] < at
        ]
        ranks = {one.name: rank for rank, one in enumerate(made[-1])} if made else {}
        made.append(_sorted([*layer, *passing], ranks))
    return made


def _sorted(column: Column, ranks: dict[str, int]) -> Column:
    return sorted(column, key=lambda one: (_rank(one, ranks), one.name))


def _rank(one: Service | Lane, ranks: dict[str, int]) -> float:
    """The mean height of what its arrows lead to in the column to the left."""
    service = one.service if isinstance(one, Lane) else one.name
    leads = (ranks.get(need.service, ranks.get(f"{service} {need.service}")) for need in one.needs)
    known = [rank for rank in leads if rank is not None]
    return sum(known) / len(known) if known else 0.0
