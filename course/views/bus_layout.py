"""Where buses, and the containers on them, stand: pixels, and no drawing.

The picture is a grid. Containers stand in its columns, and the gap to the right of each column
belongs to wires (see `bus_wires`). Up to six networks have a band each, with their label at its
left. More stand side by side, each as wide as what hangs on it, with their label above.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from course.views.bus_model import Bus, Hanging
from course.views.svg import text_width

WIDTH, EDGE = 980.0, 24.0
BANDS = 6  # more networks than that stand side by side
LABEL = 184.0  # width of a label beside its band
HEAD, ROW, GUEST, FOOT = 25.0, 17.0, 24.0, 5.0  # of a container's box
MORE = 4  # ports of one container that are shown
DROP = 22.0  # from a bus to the first containers
SPACE = 14.0  # between containers, one below the other
ABOVE, LEAST = 80.0, 84.0  # height of a label above its bus, and of a whole section
NAMES, LINE, MOST = 68.0, 14.0, 6  # of the names in a label: the first line, each, how many
INSET = 7.0  # from the edge of a section to what is in it
BETWEEN = 12.0  # shelves
LANE = 5.0


@dataclass(slots=True)
class Card:
    """A container's box, in a column and a row of its section."""

    hanging: Hanging
    column: int
    row: int
    x: float = 0.0
    y: float = 0.0
    w: float = 0.0

    @property
    def h(self) -> float:
        """Its height, without guests."""
        ports = min(len(self.hanging.ports), MORE)
        return HEAD + ROW * (len(self.hanging.hooks) + ports) + FOOT

    @property
    def whole(self) -> float:
        """Its height with the guests below."""
        return self.h + GUEST * len(self.hanging.guests)

    def middle(self, row: int) -> float:
        """The height of one of its rows: hooks first, then ports."""
        return self.y + HEAD + ROW * row + ROW / 2


@dataclass(slots=True)
class Section:
    """A bus and the columns below it, `first` to `last`.

    Attributes:
        shelf: Sections on one shelf stand side by side.
        line: The height of the bus, which reaches from `start` to `end`.
        column: The width of one column without its gap, and of the label above it.
    """

    bus: Bus
    shelf: int
    first: int
    last: int
    cards: list[Card] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    w: float = 0.0
    h: float = 0.0
    line: float = 0.0
    start: float = 0.0
    end: float = 0.0
    column: float = 0.0

    def rows(self) -> list[float]:
        """The height of each row of containers."""
        tall: dict[int, float] = {}
        for card in self.cards:
            tall[card.row] = max(tall.get(card.row, 0), card.whole + SPACE)
        return [tall[row] for row in sorted(tall)]

    def names(self, banded: bool, wide: float) -> list[str]:
        """The lines of its label that tell which names resolve."""
        if banded:
            return wrapped(self.bus.dns, LABEL - 24, MOST)
        return wrapped(self.bus.dns, wide, 2 if self.first == self.last else 4)


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns of one width; the gap to the right of each is part of it."""

    left: float
    columns: int
    banded: bool

    @property
    def pitch(self) -> float:
        """From one column to the next."""
        return (WIDTH - EDGE - self.left) / self.columns

    def edge(self, column: int) -> float:
        """Where a column begins, which is where the gap of the one before it ends."""
        return self.left + self.pitch * column


BANDED = Grid(EDGE + LABEL, 4, banded=True)
PACKED = Grid(EDGE, 5, banded=False)


def grid_for(buses: Sequence[Bus]) -> Grid:
    """Returns the grid that so many networks are readable in."""
    return BANDED if len(buses) <= BANDS else PACKED


def sections(buses: Sequence[Bus], grid: Grid) -> list[Section]:
    """Returns a section for each bus, on shelves and in columns, not yet in pixels."""
    found: list[Section] = []
    shelf, column = -1, grid.columns
    for bus in buses:
        wide = grid.columns if grid.banded else min(max(len(bus.hanging), 1), grid.columns)
        if column + wide > grid.columns:
            shelf, column = shelf + 1, 0
        section = Section(bus, shelf, column, column + wide - 1)
        section.cards = [
            Card(hanging, column + at % wide, at // wide) for at, hanging in enumerate(bus.hanging)
        ]
        found.append(section)
        column += wide
    return found


def put_down(found: Sequence[Section], grid: Grid, top: float, tracks: Mapping[int, int]) -> float:
    """Gives everything its height, shelf by shelf.

    Args:
        found: What `sections` made.
        grid: Of them.
        top: Where the first shelf begins.
        tracks: How many wires run along above each shelf.

    Returns:
        Where the last shelf ends.
    """
    y, head = top, 16.0 if grid.banded else ABOVE
    for shelf in range(found[-1].shelf + 1 if found else 0):
        here = [section for section in found if section.shelf == shelf]
        y += LANE * tracks[shelf] + 4 if tracks.get(shelf) else 0
        tall = max(_tall(section, head, grid) for section in here)
        for section in here:
            section.y, section.h, section.line = y, tall, y + head
            _put_cards_down(section)
        y += tall + BETWEEN
    return y


def _tall(section: Section, head: float, grid: Grid) -> float:
    label = NAMES + LINE * len(section.names(True, 0)) if grid.banded else 0
    return max(LEAST, label, head + DROP + sum(section.rows()))


def _put_cards_down(section: Section) -> None:
    y = section.line + DROP
    for row, tall in enumerate(section.rows()):
        for card in section.cards:
            if card.row == row:
                card.y = y
        y += tall


def put_across(found: Sequence[Section], grid: Grid, gap: float) -> None:
    """Gives everything its place from left to right; `gap` is left free beside each column."""
    for section in found:
        right = grid.edge(section.last + 1)
        section.x, section.w = grid.edge(section.first), right - 4 - grid.edge(section.first)
        section.start, section.end = section.x + INSET, right - 8
        section.column = grid.pitch - gap - INSET
        for card in section.cards:
            card.x, card.w = grid.edge(card.column) + INSET, section.column


def wrapped(words: str, room: float, most: int) -> list[str]:
    """Returns words in lines of `room` pixels; what is more than `most` lines ends with "…"."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or text_width(longer, 11) <= room:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            return [*lines[:-1], f"{lines[-1]} …"]
    return lines
