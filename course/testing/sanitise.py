"""The sanitised form of an output: the part of it that must be the same in every run.

nbval compares sanitised forms, and `course.dev.outputs` replaces an output when its form changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from course.testing.markup import markup
from course.testing.rules import RULES
from course.testing.streams import merge

# A widget's model id is drawn by lot; what pictures of pixels show depends on fonts.
SKIPPED = frozenset(
    {"application/vnd.jupyter.widget-view+json", "image/png", "image/jpeg", "image/gif"}
)
_MARKUP = frozenset({"text/html", "image/svg+xml"})
_PADDING = re.compile(r"(?<=\S)[ \t]{2,}|^[ \t]{2,}|[ \t]+$", re.MULTILINE)


def text(raw: str) -> str:
    """Returns the text with every rule applied, in order.

    Where a rule of changing width struck, the padding of the columns changes with it, so runs of
    blanks count as two. Text without anything that changes keeps every blank.
    """
    clean = raw
    for rule in RULES:
        clean = rule.apply(clean)
    return clean if clean == raw else _PADDING.sub(_pad, clean)


def _pad(match: re.Match[str]) -> str:
    return "" if match.end() == len(match.string) or match.string[match.end()] == "\n" else "  "


def data(mime: str, value: Any) -> Any:
    """Returns the sanitised form of one representation in a MIME bundle."""
    if isinstance(value, str):
        return text(markup(value) if mime in _MARKUP else value)
    if isinstance(value, dict):
        return {key: data(mime, part) for key, part in value.items()}
    return [data(mime, part) for part in value] if isinstance(value, list) else value


def bundle(raw: dict[str, Any]) -> dict[str, Any]:
    """Returns the sanitised form of a MIME bundle.

    Of HTML and plain text only the HTML counts: it is what a learner sees, and the text is the
    same once more with a padding of its own.
    """
    kept = {mime for mime in raw if mime not in SKIPPED}
    if "text/html" in kept:
        kept.discard("text/plain")
    return {mime: data(mime, raw[mime]) for mime in sorted(kept)}


def output(raw: dict[str, Any]) -> dict[str, Any]:
    """Returns the sanitised form of one output of a cell (a new dict); a stream's text is whole."""
    kind = raw["output_type"]
    if kind == "stream":
        return {"output_type": kind, "name": raw["name"], "text": text(raw["text"])}
    if kind == "error":
        return {"output_type": kind, "ename": raw["ename"], "evalue": text(raw["evalue"])}
    return {"output_type": kind, "data": bundle(dict(raw["data"]))}


def outputs(raw: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the sanitised forms of a cell's outputs, each stream in one piece."""
    return [output(one) for one in merge(raw)]
