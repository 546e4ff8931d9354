"""Where the boxes of the Registry picture stand; pixels, and no drawing.

Heights depend on how many there are, never on bytes: a rebuilt image has another size, and the
same picture but for its bars.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.watch.registry import Blob, Manifest, Registry, Tag

WIDTH = 980.0
EDGE = 24.0
TOP = 92.0
HEAD, ROW, FOOT = 28.0, 22.0, 5.0  # of a repository's box
SLIP, BAR, GAP = 36.0, 24.0, 10.0  # a manifest's box, a blob's bar, and what is between two
LEFT, MIDDLE, RIGHT = EDGE, 372.0, 640.0
CARD, PAPER, INDENT = 262.0, 182.0, 14.0
BARS, WORDS = 130.0, 176.0  # the widest bar, and the words beside it
MOST = 40  # repositories, manifests and blobs that are drawn, each


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that stands on the picture."""

    x: float
    y: float
    w: float
    h: float

    @property
    def middle(self) -> float:
        """Half of its height, as a coordinate."""
        return self.y + self.h / 2


@dataclass(frozen=True, slots=True)
class Wire:
    """From what names to what is named; `key` is its name from frame to frame."""

    key: str
    start: tuple[float, float]
    end: tuple[float, float]
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that stands on the picture; `bottom` is below the last of it, `left_out` is not drawn."""

    cards: tuple[tuple[str, tuple[Tag, ...], Box], ...]
    papers: tuple[tuple[Manifest, Box], ...]
    bars: tuple[tuple[Blob, Box], ...]
    garbage: tuple[tuple[Blob, Box], ...]
    wires: tuple[Wire, ...]
    bottom: float
    left_out: int = 0


def plan(registry: Registry, top: float = TOP) -> Plan:
    """Returns where all stands, from `top` down."""
    cards = tuple(_cards(registry, top))
    rows = {tag: row_middle(box, at) for _, tags, box in cards for at, tag in enumerate(tags)}
    papers = tuple(_papers(registry, rows, top))
    places = {one.digest: box for one, box in papers}
    bars = tuple(_bars(registry, places, top))
    beds = {blob.digest: box for blob, box in bars}
    y = max([top, *(box.y + box.h + GAP for _, box in bars)])
    lost = registry.garbage[: MOST - len(bars)]
    step = BAR + GAP
    garbage = tuple(
        (blob, Box(RIGHT, y + 18 + step * at, BARS, BAR)) for at, blob in enumerate(lost)
    )
    wires = (*_named(rows, places), *_inside(registry, places), *_made(registry, places, beds))
    boxes = [box for _, _, box in cards] + [box for _, box in papers]
    boxes += [box for _, box in (*bars, *garbage)]
    bottom = max([top + ROW, *(box.y + box.h for box in boxes)])
    drawn = len(cards) + len(papers) + len(bars) + len(garbage)
    out = _all(registry) - drawn
    return Plan(cards, papers, bars, garbage, wires, bottom, out)


def _all(registry: Registry) -> int:
    kinds = (registry.repositories, registry.manifests, registry.blobs, registry.garbage)
    return sum(map(len, kinds))


def row_middle(box: Box, at: int) -> float:
    """Returns the height at which the wire of a tag leaves its repository."""
    return box.y + HEAD + ROW * at + ROW / 2 - 1


def _cards(registry: Registry, y: float) -> Iterable[tuple[str, tuple[Tag, ...], Box]]:
    for name in registry.repositories[:MOST]:
        tags = registry.tags_of(name)[:MOST]
        box = Box(LEFT, y, CARD, HEAD + ROW * max(len(tags), 1) + FOOT)
        yield name, tags, box
        y += box.h + GAP


def _papers(registry: Registry, rows: dict[Tag, float], y: float) -> Iterable[tuple[Manifest, Box]]:
    """Each manifest as near as can be to the first tag that names it."""
    inner = {child for one in registry.manifests for child in one.children}
    wish: dict[str, float] = {}
    for tag, middle in rows.items():
        wish.setdefault(tag.digest, middle - SLIP / 2)
    for one in registry.manifests[:MOST]:
        y = max(y, wish.get(one.digest, y))
        indent = INDENT if one.digest in inner else 0.0
        yield one, Box(MIDDLE + indent, y, PAPER - indent, SLIP)
        y += SLIP + GAP


def _bars(registry: Registry, places: dict[str, Box], y: float) -> Iterable[tuple[Blob, Box]]:
    """Each blob as near as can be to the first manifest that names it."""
    for blob in list(registry.blobs.values())[:MOST]:
        users = [
            places[one.digest] for one in registry.users_of(blob.digest) if one.digest in places
        ]
        if users:
            y = max(y, users[0].y)
        yield blob, Box(RIGHT, y, BARS, BAR)
        y += BAR + GAP


def _named(rows: dict[Tag, float], places: dict[str, Box]) -> Iterable[Wire]:
    for tag, y in rows.items():
        if box := places.get(tag.digest):
            yield Wire(f"tag-{tag}", (LEFT + CARD, y), (box.x, box.middle))


def _inside(registry: Registry, places: dict[str, Box]) -> Iterable[Wire]:
    """From an index down to the manifests that it names, along their left edge."""
    for one in registry.manifests:
        for child in one.children:
            if one.digest in places and child in places:
                start, end = places[one.digest], places[child]
                corner = (MIDDLE + INDENT / 2, start.y + start.h)
                yield Wire(f"in-{one.digest}-{child}", corner, (end.x, end.middle))


def _made(registry: Registry, places: dict[str, Box], beds: dict[str, Box]) -> Iterable[Wire]:
    for one in registry.manifests:
        box = places.get(one.digest)
        blobs = [blob for blob in one.blobs if blob.digest in beds]
        for at, blob in enumerate(blobs if box else (), 1):
            assert box is not None
            y = box.y + box.h * at / (len(blobs) + 1)
            shared = len(registry.users_of(blob.digest)) > 1
            end = (RIGHT, beds[blob.digest].middle)
            yield Wire(f"has-{one.digest}-{blob.digest}", (box.x + box.w, y), end, shared)


def stretch(size: int, most: int, room: float) -> float:
    """Returns how wide bytes are drawn: in proportion, and never too thin to be seen."""
    return max(room * size / max(most, 1), 3.0)


def widest(sizes: Sequence[int]) -> int:
    """Returns the bytes that are as wide as can be."""
    return max(sizes, default=1)
