"""Lines of a paragraph: SVG knows no line breaks."""

from __future__ import annotations

from course.views.svg import shorten, text_width

MOST_LINES = 8


def wrap(words: str, size: float, room: float, most: int = MOST_LINES) -> list[str]:
    """Returns a paragraph as lines of at most `room` pixels; what is left after `most` is cut."""
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
