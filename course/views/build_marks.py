"""A shape, a colour and a word for each state of a step: no colour tells it alone."""

from __future__ import annotations

from functools import lru_cache

from course.views.icons import icon
from course.views.svg import group, path
from course.watch.build import State

HUES: dict[State, str] = {
    "base": "stop",
    "waiting": "dim",
    "running": "new",
    "built": "run",
    "cached": "again",
    "config": "dim",
    "failed": "bad",
    "unknown": "dim",
}
WORDS: dict[State, str] = {
    "base": "base image",
    "waiting": "waits",
    "running": "running",
    "built": "built",
    "cached": "cached",
    "config": "configuration",
    "failed": "failed",
    "unknown": "",
}
_CHECK = "M-4.4 0.2L-1.4 3.4L4.6 -3.6"
_ICONS = {
    "base": "exited",
    "running": "running",
    "cached": "restarting",
    "failed": "failed",
    "config": "removing",
    "unknown": "removing",
}


@lru_cache(maxsize=512)
def mark(state: State, x: float, y: float) -> str:
    """Returns the shape of a state, 9 pixels wide, around (x, y)."""
    if state == "built":
        return group([path(_CHECK, cls="run-line")], x=x, y=y)
    if state == "waiting":
        return icon("created", x, y, "stop")
    hue = HUES[state]
    return icon(_ICONS[state], x, y, "stop" if hue == "dim" else hue)
