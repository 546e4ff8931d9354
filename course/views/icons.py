"""A small shape for each state of a container, so that no colour has to tell it alone."""

from __future__ import annotations

from functools import lru_cache

from course.views.svg import circle, group, path
from course.watch.state import Container

HUES = {
    "created": "new",
    "running": "run",
    "paused": "pause",
    "restarting": "again",
    "removing": "stop",
    "exited": "stop",
    "dead": "bad",
}
_SHAPES = {
    "running": "M-3.2 -4.4L4.6 0L-3.2 4.4Z",
    "paused": "M-4 -4.2H-1V4.2H-4ZM1 -4.2H4V4.2H1Z",
    "exited": "M-3.8 -3.8H3.8V3.8H-3.8Z",
    "failed": "M-4 -2.4L-2.4 -4L0 -1.6L2.4 -4L4 -2.4L1.6 0L4 2.4L2.4 4L0 1.6L-2.4 4L-4 2.4L-1.6 0Z",
    "removing": "M-4 -1.2H4V1.2H-4Z",
    "restarting": "M2.2 -3.6A4.2 4.2 0 1 0 4.2 0.6",
}


def failed(container: Container) -> bool:
    """Whether it is over and did not end well."""
    over = container.state in ("exited", "dead")
    return over and (bool(container.exit_code) or container.oom_killed or container.state == "dead")


def hue(container: Container) -> str:
    """Returns the palette's name for how the container is."""
    return "bad" if failed(container) else HUES.get(container.state, "stop")


@lru_cache(maxsize=1024)
def icon(state: str, x: float, y: float, colour: str | None = None) -> str:
    """Returns the shape of a state ("failed" too), 9 pixels wide, around (x, y)."""
    return group([shape(state, colour)], x=x, y=y)


@lru_cache(maxsize=64)
def shape(state: str, colour: str | None = None) -> str:
    """Returns the shape of a state around (0, 0), for a group that stands where it belongs."""
    colour = colour or ("bad" if state == "failed" else HUES.get(state, "stop"))
    if state == "created":
        return circle(0, 0, 3.8, cls=f"{colour}-line")
    if state == "restarting":
        tip = path("M5.4 -5.2L2.6 -0.9L0.4 -4.6Z", cls=colour)
        return path(_SHAPES[state], cls=f"{colour}-line") + tip
    return path(_SHAPES.get(state, _SHAPES["failed"]), cls=colour)


def icon_of(container: Container, x: float, y: float) -> str:
    """Returns the shape of a container's state."""
    state = "failed" if failed(container) else container.state
    return icon(state, x, y, hue(container))
