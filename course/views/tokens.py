"""Containers as tokens that stand in the stations of their states."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from course.views.icons import hue, icon_of
from course.views.stations import BY_STATE, HEAD, HEIGHT, STATIONS, WIDTH, Station
from course.views.svg import group, rect, squeeze, text, text_width
from course.watch.state import Container, Event

SIGNALS = {1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV"}
SIGNALS |= {10: "SIGUSR1", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM"}
REMEMBERED = 5  # removed containers that are still shown
_PAD = 10.0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a token stands and how large it is; without `words` it is only a mark."""

    x: float
    y: float
    w: float
    h: float
    words: bool


def draw_tokens(containers: Sequence[Container], events: Sequence[Event]) -> tuple[str, list[int]]:
    """Returns all tokens, and how many stand in each of STATIONS.

    The order of elements is by name and never by state: a browser that moves an element among
    its siblings stops its glide.
    """
    ghosts = [] if not events else list(removed(containers, events))
    standing = [
        [one for one in containers if BY_STATE.get(one.state) is station] for station in STATIONS
    ]
    drawn: list[tuple[str, str]] = []
    counts = []
    for station, group_of in zip(STATIONS, standing, strict=True):
        gone = ghosts if station.state == "removed" else []
        spots = places(station, len(group_of) + len(gone))
        tokens = [token(one, spot) for one, spot in zip(group_of, spots, strict=False)]
        names = [one.name or one.id for one in group_of] + gone
        tokens += [
            ghost(name, spot) for name, spot in zip(gone, spots[len(group_of) :], strict=False)
        ]
        drawn += zip(names, tokens, strict=True)
        counts.append(len(names))
    return "".join(svg for _, svg in sorted(drawn)), counts


def removed(containers: Iterable[Container], events: Iterable[Event]) -> Iterator[str]:
    """Yields the names of the containers removed last, each once, oldest first."""
    there = {container.name for container in containers}
    gone = [
        event.name for event in events if (event.type, event.action) == ("container", "destroy")
    ]
    names = list(dict.fromkeys(name for name in reversed(gone) if name not in there))
    yield from reversed(names[:REMEMBERED])


def places(station: Station, count: int) -> list[Spot]:
    """Returns a spot for each of `count` tokens: rows, two columns, or marks."""
    for columns, height, most in ((1, 22.0, 5), (2, 22.0, 10)):
        if count <= most:
            return _grid(station, count, columns, height, words=True)
    area = (WIDTH - 2 * _PAD) * (HEIGHT - HEAD - 8)
    pitch = min(math.sqrt(area / count) * 0.97, 20)
    columns = int((WIDTH - 2 * _PAD) / pitch)
    return _grid(station, count, columns, pitch, words=False)


def _grid(station: Station, count: int, columns: int, height: float, words: bool) -> list[Spot]:
    gap = 4.0 if words else min(height * 0.2, 3)
    width = (WIDTH - 2 * _PAD + gap) / columns
    left, top = station.x + _PAD, station.y + HEAD
    return [
        Spot(
            left + i % columns * width,
            top + i // columns * height,
            width - gap,
            height - gap,
            words,
        )
        for i in range(count)
    ]


def token(container: Container, spot: Spot) -> str:
    """Returns one container at its spot; its key is its name, so it glides between stations."""
    colour, told = hue(container), f"{container.name}: {meaning(container)}"
    key = f"c-{container.name or container.id}"
    body = rect(0, 0, spot.w, spot.h, cls=f"{colour}-tint", rx=min(spot.h / 2, 7))
    if spot.words:
        note = badge(container) if spot.w > 70 else ""
        wide = text_width(note, 10.5) + 8 if note else 0
        base = spot.h / 2 + 4
        body += icon_of(container, 11, spot.h / 2)
        body += text(21, base, squeeze(container.name, 11.5, spot.w - 27 - wide), size=11.5)
        if note:
            body += text(spot.w - 7, base, note, size=10.5, anchor="end", cls=f"{colour} bold")
    elif spot.h >= 9:
        body += icon_of(container, spot.w / 2, spot.h / 2)
    return group([body], key=key, x=spot.x, y=spot.y, cls="glide", title=told, pick=container.name)


def ghost(name: str, spot: Spot) -> str:
    """Returns the outline of a container that was removed."""
    body = [
        rect(0, 0, spot.w, spot.h, cls="ghost", rx=7),
        text(21, spot.h / 2 + 4, squeeze(name, 11.5, spot.w - 28), size=11.5, cls="dim"),
    ]
    return group(body, key=f"c-{name}", x=spot.x, y=spot.y, cls="glide", title=f"{name}: removed")


def badge(container: Container) -> str:
    """Returns the few letters at the end of a token: exit code, OOM or health."""
    if container.state in ("dead", "removing"):
        return container.state
    if container.state in ("exited", "restarting") and container.oom_killed:
        return "OOM"
    if container.state in ("exited", "restarting") and container.exit_code is not None:
        return str(container.exit_code)
    if container.state == "created" and container.exit_code:
        return str(container.exit_code)
    return container.health or ""


def meaning(container: Container) -> str:
    """Returns the container's state in words, as "exited (137), SIGKILL (128 + 9)"."""
    if container.state not in ("exited", "restarting") or container.exit_code is None:
        return f"{container.state} ({container.health})" if container.health else container.state
    code = container.exit_code
    if container.oom_killed:
        return f"{container.state} ({code}), out of memory"
    signal = SIGNALS.get(code - 128)
    because = f", {signal} (128 + {code - 128})" if signal else ""
    return f"{container.state} ({code}){because}"
