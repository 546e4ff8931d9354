"""HTML and SVG in a form that can be compared: one tag or text a line, stills decoded."""

from __future__ import annotations

import base64
import binascii
import re
from html.parser import HTMLParser

from course.testing.swarm import BESIDE

# Columns of tables whose cells are measured or drawn by lot, by the words of their headers.
COLUMNS: dict[str, str] = {
    "ms": "how long a call took",
    "seconds": "how long something took",
    "pid": "a process's number on this host",
    "ppid": "a process's number on this host",
    "inode": "a kernel object's number",
    "cpu %": "measured",
    "mem %": "measured",
    "came first": "how often a name's address did; drawn by lot",
    "files": "how many an image has; a rebuilt one has others",
    "engine version": "of the engine that a lab happens to have",
    "requests": "how many a task answered; drawn by lot",
    "package version": "of a package in an image; a rebuilt one has another",
}
# Elements of a picture with one of these classes hold what was measured, or drawn by lot: neither
# their text nor where they stand (a bar as long as a call took) can be compared.
MEASURED = frozenset({"time", "ms", "inode", "size", "id", "count"})
# Where an element of this class stands is drawn by lot; what it holds is compared.
LOT = "lot"
# What an element of this class holds, and how many of them stand in a row, is drawn by lot.
DRAWN = "drawn"
# The shape of a curve of measurements is not compared; its class is, and that it is there.
CURVE = ("path", "curve")
_GEOMETRY_ATTRIBUTES = "x y x1 x2 y1 y2 cx cy r rx ry width height d points transform dx dy"
_GEOMETRY = frozenset(_GEOMETRY_ATTRIBUTES.split())
_STILL = "data:image/svg+xml;base64,"
_VOID_TAGS = "area base br col embed hr img input link meta source track wbr"
_VOID = frozenset(_VOID_TAGS.split())
# The name of a process from frame to frame; a colon is in no name that the engine gives.
_PID_KEY = re.compile(r"\bpid:\d+$")
_BLANKS = re.compile(r"\s+")


def markup(source: str) -> str:
    """Returns HTML or SVG as one tag or text a line, attributes sorted, blanks collapsed."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return "\n".join(reader.lines)


def still(source: str) -> str:
    """Returns the comparable form of an SVG in a data URL, or the URL where it holds none."""
    try:
        return markup(base64.b64decode(source.removeprefix(_STILL), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        return source


class _Columns:
    """Which column of which table the reader stands in."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.at = -1
        self.in_head = False

    def start(self, tag: str) -> None:
        if tag == "table":
            self.heads, self.at, self.in_head = [], -1, False
        elif tag == "tr":
            self.at = -1
        elif tag == "thead":
            self.in_head = True
        elif tag in {"td", "th"}:
            self.at += 1
            if self.in_head and self.at == len(self.heads):
                self.heads.append("")  # a second row of headers names the index, no column anew

    def end(self, tag: str) -> None:
        if tag == "thead":
            self.in_head = False
        elif tag == "table":
            self.heads = []

    def text(self, words: str) -> str:
        if not 0 <= self.at < len(self.heads):
            return words
        if self.in_head:
            self.heads[self.at] = words.lower()
            return words
        head = self.heads[self.at]
        drawn = head in COLUMNS or not BESIDE.get(head, frozenset()).isdisjoint(self.heads)
        return f"{{{head}}}" if drawn else words


class _Reader(HTMLParser):
    """Writes what it reads as lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.columns = _Columns()
        self.open: list[tuple[str, bool]] = []  # tags, and whether what they hold was measured
        self.passed_over = 0  # how deep in elements that are not compared

    @property
    def measured(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    @property
    def is_style(self) -> bool:
        """A style sheet is how all pictures look, not what this one tells."""
        return bool(self.open) and self.open[-1][0] == "style"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        classes = set(given.get("class", "").split())
        if self.passed_over or DRAWN in classes:
            self._pass_over(tag)
            return
        measured = self.measured or bool(MEASURED & classes)
        measured = measured or (tag == CURVE[0] and CURVE[1] in classes)
        if LOT in classes:
            given.pop("style", None)
        if "data-key" in given:
            given["data-key"] = _PID_KEY.sub("{pid}", given["data-key"])
        self.columns.start(tag)
        self.lines.append(self._tag(tag, given, measured))
        if given.get("src", "").startswith(_STILL):
            self.lines.append(still(given["src"]))
        if tag not in _VOID:
            self.open.append((tag, measured))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def _pass_over(self, tag: str) -> None:
        if not self.passed_over and self.lines[-1:] != [f"{{{DRAWN}}}"]:
            self.lines.append(f"{{{DRAWN}}}")
        self.passed_over += tag not in _VOID

    def handle_endtag(self, tag: str) -> None:
        if self.passed_over:
            self.passed_over -= 1
            return
        if tag not in {name for name, _ in self.open}:
            return
        while self.open.pop()[0] != tag:
            pass
        self.columns.end(tag)
        self.lines.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        words = _BLANKS.sub(" ", data).strip()
        if words and not self.is_style and not self.passed_over:
            self.lines.append("{measured}" if self.measured else self.columns.text(words))

    def _tag(self, tag: str, given: dict[str, str], measured: bool) -> str:
        kept = {
            name: "{picture}" if value.startswith("data:image/") else _BLANKS.sub(" ", value)
            for name, value in sorted(given.items())
            if not (measured and name in _GEOMETRY)
        }
        return f"<{tag}{''.join(f' {name}={value!r}' for name, value in kept.items())}>"
