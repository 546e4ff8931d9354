"""The pieces of the Registry picture: repositories, manifests, blobs, and what it all takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from course.views.registry_layout import (
    EDGE,
    HEAD,
    RIGHT,
    WIDTH,
    WORDS,
    Box,
    Plan,
    Wire,
    row_middle,
    stretch,
)
from course.views.svg import circle, group, hatch, number, path, rect, squeeze, text
from course.watch.frames import size
from course.watch.registry import CONFIG, Blob, Manifest, Registry, Tag

SHORT = 12  # digits of a digest that are shown
LINE, SUMS = 26.0, 176.0  # height of a bar of the balance, and where it begins


def short(digest: str) -> str:
    """Returns the first digits of a digest, as the CLI shows them."""
    return digest.removeprefix("sha256:")[:SHORT]


def wire(one: Wire) -> str:
    """A curve from left to right, purple and thick where the blob is shared."""
    (x0, y0), (x1, y1) = one.start, one.end
    half = number((x0 + x1) / 2)
    curve = f"M{number(x0)} {number(y0)}C{half} {number(y0)} {half} {number(y1)} "
    cls = "again-line" if one.shared else "line"
    ends = [
        circle(x, y, 2.4, cls="again" if one.shared else "dot") for x, y in (one.start, one.end)
    ]
    return group([path(f"{curve}{number(x1)} {number(y1)}", cls=cls), *ends], key=one.key)


def card(registry: Registry, name: str, tags: Sequence[Tag], box: Box) -> str:
    """A repository with its tags, and what each of them would take alone."""
    pieces = [
        rect(0, 0, box.w, box.h, cls="box", rx=8),
        rect(0, 0, box.w, HEAD - 3, cls="new-tint", rx=8),
        text(12, 17, squeeze(name, 12.5, box.w - 24), size=12.5, cls="bold"),
    ]
    flat = Box(0, 0, box.w, box.h)
    for at, tag in enumerate(tags):
        y = row_middle(flat, at) + 4
        takes = size(registry.size_of(tag.digest)) if tag.digest else "no manifest"
        pieces.append(text(12, y, squeeze(tag.name, 11.5, box.w - 100), size=11.5, mono=True))
        cls = "dim size" if tag.digest else "bad"
        pieces.append(text(box.w - 12, y, takes, size=11, anchor="end", cls=cls))
    if not tags:
        pieces.append(text(12, row_middle(flat, 0) + 4, "no tag", size=11.5, cls="pause"))
    return group(pieces, key=f"repository-{name}", x=box.x, y=box.y, cls="glide", title=name)


def paper(registry: Registry, one: Manifest, box: Box) -> str:
    """A manifest: its digest, its own size, and what it is."""
    loose = one.digest not in registry.tagged
    word = "no tag" if loose else "index" if one.is_index else "manifest"
    platform = _platform(registry, one.digest)
    pieces = [
        rect(0, 0, box.w, box.h, cls="pause-frame" if loose else "box", rx=6),
        text(10, 15, short(one.digest), size=11, mono=True, cls="id"),
        text(box.w - 10, 15, size(one.size), size=10.5, anchor="end", cls="dim size"),
        text(10, 30, word, size=11, cls="pause bold" if loose else "bold"),
        text(box.w - 10, 30, platform, size=10.5, room=box.w - 80, anchor="end", cls="dim"),
    ]
    told = f"{word} {one.digest}"
    return group(pieces, key=one.digest, x=box.x, y=box.y, cls="glide", title=told)


def _platform(registry: Registry, digest: str) -> str:
    for index in registry.manifests:
        if digest in index.children:
            return index.platforms[index.children.index(digest)]
    return ""


def bar(registry: Registry, blob: Blob, box: Box, most: int) -> str:
    """A blob as wide as its bytes, with its kind, and how many manifests share it."""
    users = len(registry.users_of(blob.digest))
    loose = blob.digest not in registry.tagged
    hue = "pause" if loose else "again" if users > 1 else "stop" if blob.kind == CONFIG else "new"
    word = f"shared by {users}" if users > 1 else ""
    return _bar(blob, box, most, hue, blob.kind, word)


def lost(blob: Blob, box: Box, most: int) -> str:
    """A blob that no manifest names."""
    return _bar(blob, box, most, "pause", blob.kind, "")


def _bar(blob: Blob, box: Box, most: int, hue: str, kind: str, word: str) -> str:
    wide = stretch(blob.size, most, box.w)
    x = box.w + 12
    filled = rect(0, 2, wide, box.h - 4, cls=f"{hue}-tint", rx=3)
    pieces = [
        rect(0, 2, box.w, box.h - 4, cls="ghost faint", rx=3),
        group([filled], cls="size", title=f"{blob.size} bytes"),
        text(x, 16, kind, size=11, cls=f"{hue} bold"),
        text(x + 50, 16, size(blob.size), size=11, cls="dim size"),
        text(x + WORDS, 16, word, size=11, anchor="end", cls=f"{hue}"),
    ]
    told = f"{kind} {blob.digest} {word}".strip()
    return group(pieces, key=f"blob-{blob.digest}", x=box.x, y=box.y, cls="glide", title=told)


def headings(registry: Registry, planned: Plan) -> Iterator[str]:
    """What this is, how it is reached, and what the three columns are."""
    yield text(EDGE, 36, f"Registry {registry.address}", size=16, room=560, cls="bold")
    how = {"http": "plain HTTP", "https": "HTTPS"}.get(registry.scheme, "not reached yet")
    who = f", as {registry.user}" if registry.user else ""
    yield text(WIDTH - EDGE, 36, how + who, size=12, room=360, anchor="end", cls="dim")
    if not planned.cards and not planned.garbage:
        return
    for x, words in (
        (EDGE, "repositories and their tags"),
        (372.0, "manifests"),
        (RIGHT, "blobs, each stored once"),
    ):
        yield text(x, 74, words, size=11.5, cls="dim")
    if planned.garbage:
        y = planned.garbage[0][1].y - 8
        yield text(RIGHT, y, "no manifest names these", size=11.5, cls="pause bold")


def balance(registry: Registry, y: float) -> tuple[list[str], float]:
    """Two bars: each image with its blobs for itself, and what is really stored."""
    more = registry.unreached + sum(registry.uploads)
    most = max(registry.apart, registry.reached + more, 1)
    words = "stored for these tags" if registry.disk is None else "stored"
    pieces = _sum("each image by itself", "stop", (registry.apart, 0), most, y)
    pieces += _sum(words, "new", (registry.reached, more), most, y + LINE + 8)
    y += 2 * (LINE + 8)
    for remark in remarks(registry):
        pieces.append(text(SUMS, y + 10, remark, size=11.5, cls="pause bold"))
        y += 20
    return pieces, y


def _sum(words: str, hue: str, counts: tuple[int, int], most: int, y: float) -> list[str]:
    """A bar of bytes; the second count is what no tag reaches, hatched."""
    room = WIDTH - SUMS - EDGE - 90
    wide, extra = (stretch(count, most, room) if count else 0.0 for count in counts)
    after = SUMS + wide
    return [
        text(EDGE, y + 17, words, size=12, cls="bold"),
        rect(SUMS, y, wide, LINE, cls=f"{hue}-tint size", rx=3),
        rect(after, y, extra, LINE, cls="pause-tint size", rx=3),
        *_hatched(after, y, extra),
        text(WIDTH - EDGE, y + 17, size(sum(counts)), anchor="end", cls="size"),
    ]


def _hatched(x: float, y: float, wide: float) -> list[str]:
    strokes = hatch(x, y, wide, LINE, cls="pause-line thin")
    return [group([strokes], cls="size")] if wide else []


def remarks(registry: Registry) -> Iterator[str]:
    """What is stored and no tag reaches, in words."""
    if registry.garbage:
        count = _many(len(registry.garbage), "blob")
        yield f"{count} that no manifest names: garbage-collect removes this"
    if registry.untagged:
        count = _many(len(registry.untagged), "manifest")
        yield f"{count} without a tag: garbage-collect keeps this, unless told --delete-untagged"
    if registry.uploads:
        yield f"{_many(len(registry.uploads), 'upload')} begun and not finished"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
