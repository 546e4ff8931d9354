"""Small pieces that pictures are made of; each gives a string of SVG.

Texts are escaped here and nowhere else: hand over what the engine said as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from course.views.palette import STYLE

BOLD = 1.125  # bold letters are up to so much broader than those that are reckoned with

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_NARROW = frozenset("iljtfrI.,:;'|!()[]{}/ `")
_BROAD = frozenset("mwMW@%—…")


@lru_cache(maxsize=8192)
def escape(content: object) -> str:
    """Returns text that is safe inside an element and inside a quoted attribute.

    Characters that XML cannot hold become U+FFFD, so that no name can spoil the picture.
    """
    return _ILLEGAL.sub("\ufffd", str(content)).translate(_ENTITIES)


@lru_cache(maxsize=8192)
def number(value: float) -> str:
    """Returns a coordinate with at most one decimal, as "12" or "12.5"."""
    return f"{value:.1f}".removesuffix(".0")


def _em(char: str, mono: bool) -> float:
    if ord(char) > 0x2E7F:
        return 1.1 if unicodedata.east_asian_width(char) in "WF" else 0.8
    if mono:
        return 0.61
    if char in _NARROW:
        return 0.36
    return 0.95 if char in _BROAD else 0.71 if char.isupper() else 0.6


@lru_cache(maxsize=4096)
def text_width(content: str, size: float, mono: bool = False) -> float:
    """Returns the estimated width of a line of text in pixels, a little on the safe side."""
    return size * sum(_em(char, mono) for char in content)


@lru_cache(maxsize=4096)
def shorten(content: str, size: float, room: float, mono: bool = False) -> str:
    """Returns `content`, cut with an ellipsis where it is wider than `room` pixels."""
    content = " ".join(content.split())
    if text_width(content, size, mono) <= room:
        return content
    left = room - size * _em("…", mono)
    for index, char in enumerate(content):
        left -= size * _em(char, mono)
        if left < 0:
            return content[:index].rstrip() + "…"
    return content


@lru_cache(maxsize=4096)
def squeeze(content: str, size: float, room: float) -> str:
    """Returns `content`, cut in its middle: of "worker-001" and "worker-002" the ends differ."""
    content = " ".join(content.split())
    if text_width(content, size) <= room:
        return content
    tail = shorten(content[::-1], size, room * 0.6)[::-1].lstrip("…")
    return shorten(content, size, room - text_width(tail, size)) + tail


def wrap(words: str, size: float, room: float, most: int = 8) -> list[str]:
    """Returns a paragraph as lines of at most `room` pixels; what is left after `most` is cut.

    SVG knows no line breaks.
    """
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return [shorten(line, size, room) for line in lines]


def _attributes(cls: str, key: str | None = None) -> str:
    named = f' data-key="{escape(key)}"' if key is not None else ""
    return f'{named} class="{escape(cls)}"' if cls else named


def text(
    x: float,
    y: float,
    content: object,
    *,
    size: float = 12,
    room: float | None = None,
    anchor: str = "start",
    cls: str = "",
    mono: bool = False,
    key: str | None = None,
) -> str:
    """Returns a line of text, shortened to `room` pixels; `y` is its baseline.

    Give measured times the class "time": tests of stored pictures look past those.
    """
    line = str(content) if room is None else shorten(str(content), size, room, mono)
    classes = f"{cls} mono".strip() if mono else cls
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    place = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"{side}'
    return f"<text {place}{_attributes(classes, key)}>{escape(line)}</text>"


def rect(
    x: float, y: float, w: float, h: float, *, cls: str = "", rx: float = 6, key: str | None = None
) -> str:
    """Returns a rectangle with rounded corners."""
    size = f'width="{number(max(w, 0))}" height="{number(max(h, 0))}" rx="{number(rx)}"'
    return f'<rect x="{number(x)}" y="{number(y)}" {size}{_attributes(cls, key)}/>'


def circle(x: float, y: float, r: float, *, cls: str = "", key: str | None = None) -> str:
    """Returns a circle around (x, y)."""
    centre = f'cx="{number(x)}" cy="{number(y)}" r="{number(r)}"'
    return f"<circle {centre}{_attributes(cls, key)}/>"


def path(d: str, *, cls: str = "", key: str | None = None) -> str:
    """Returns a path; `d` is SVG path data made by us, never the engine's words."""
    return f'<path d="{escape(d)}"{_attributes(cls, key)}/>'


def line(x1: float, y1: float, x2: float, y2: float, *, cls: str = "line") -> str:
    """Returns a straight stroke."""
    return path(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}", cls=cls)


def group(
    children: Iterable[str],
    *,
    key: str | None = None,
    x: float | None = None,
    y: float = 0,
    cls: str = "",
    title: str | None = None,
    pick: str | None = None,
) -> str:
    """Returns a group, moved to (x, y) when `x` is given.

    Args:
        children: What is in it.
        key: Its name from frame to frame, unique among its siblings; with one, and the class
            "glide", the page moves the same element instead of drawing another.
        x: Pixels to the right.
        y: Pixels down.
        cls: Classes of the palette.
        title: Shown when the pointer rests on it.
        pick: Sent to Python when it is clicked.
    """
    place = "" if x is None else f' style="transform:translate({number(x)}px,{number(y)}px)"'
    picked = "" if pick is None else f' data-pick="{escape(pick)}"'
    told = "" if title is None else f"<title>{escape(title)}</title>"
    return f"<g{_attributes(cls, key)}{place}{picked}>{told}{''.join(children)}</g>"


def arrow(points: Sequence[tuple[float, float]], *, cls: str = "line", head: float = 6) -> str:
    """Returns a stroke through `points` with an arrow head at the last.

    The head is drawn, not a marker: markers are found by id, and a page holds many pictures.
    """
    *_, (x0, y0), (x1, y1) = points
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 0.01)
    ux, uy = (x1 - x0) / length * head, (y1 - y0) / length * head
    bx, by = x1 - ux, y1 - uy
    trail = [*points[:-1], (bx, by)]
    stroke = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in trail)
    corners = ((x1, y1), (bx - uy * 0.6, by + ux * 0.6), (bx + uy * 0.6, by - ux * 0.6))
    tip = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners) + "Z"
    return path(stroke, cls=cls) + path(tip, cls=f"{cls} head")


def hatch(x: float, y: float, w: float, h: float, *, cls: str = "line", step: float = 6) -> str:
    """Returns slanted strokes that fill a rectangle (no pattern: those are found by id)."""
    strokes = []
    offset = step
    while offset < w + h:
        x1, y1 = x + max(offset - h, 0), y + min(offset, h)
        x2, y2 = x + min(offset, w), y + max(offset - w, 0)
        strokes.append(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}")
        offset += step
    return path("".join(strokes), cls=cls)


def _notice(lines: Sequence[str], width: float, height: float) -> str:
    high = 10 + 16.0 * len(lines)
    top = height - 8 - high
    strip = rect(8, top, width - 16, high, cls="bad-tint")
    told = (text(18, top + 17 + 16 * n, words, cls="bad bold") for n, words in enumerate(lines))
    return strip + "".join(told)


def document(
    body: Iterable[str],
    *,
    width: float,
    height: float,
    title: str,
    desc: str = "",
    notice: str = "",
) -> str:
    """Returns the whole picture: a card with its own background, as wide as the page allows.

    Args:
        body: Everything in it.
        width: Of the drawing, and the most pixels it takes on the page.
        height: Of the drawing.
        title: Its name, for whoever cannot see it.
        desc: What it shows, in a sentence.
        notice: What is wrong with it, as "the engine does not answer", in a strip below.
    """
    if notice:
        lines = wrap(f"! {notice}", 12, (width - 36) / BOLD, 4)
        height += 24 + 16 * len(lines)
        body = [*body, _notice(lines, width, height)]
    size = f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}"'
    fit = 'style="width:100%;height:auto;max-width:' + number(width) + 'px"'
    told = f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} height="{number(height)}" {fit} '
        f'class="dk" role="img" aria-label="{escape(f"{title}. {desc}".strip())}">'
        f"{told}<style>{STYLE}</style>"
        f"{rect(0.5, 0.5, width - 1, height - 1, cls='card', rx=10)}{''.join(body)}</svg>"
    )
