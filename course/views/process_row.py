"""How one process looks in the tree: what it is, how it is, and its two numbers."""

from __future__ import annotations

import re

from course.views.forest import ROW, Row
from course.views.icons import icon
from course.views.svg import group, rect, squeeze, text, text_width
from course.watch.processes import Process

WIDTH = 960.0
STATE, USER, HOST, INSIDE = 560.0, 652.0, 800.0, 846.0  # HOST is where its numbers end
MIDDLE = ROW / 2 + 4  # a row's baseline
STATES = {"R": "running", "S": "sleeping", "D": "waiting", "I": "idle"}
STAYS = {"T": "stopped", "t": "traced", "Z": "zombie", "X": "zombie"}
ROLES = {
    "dockerd": "the engine: answers the API",
    "containerd": "supervises containers for the engine",
    "containerd-shim": "parent of a container's first process",
    "docker-proxy": "listens on a published port",
}
_PORTS = re.compile(r"-host-port (\d+) .*-container-port (\d+)")


def draw_row(row: Row) -> str:
    """Returns a process at its place; its key is its PID, so that it glides."""
    one, shift = row.process, row.x
    hue = "bad" if one.is_zombie else ""
    name = squeeze(one.name or "?", 12.5, 150)
    after = 10 + text_width(name, 12.5) * 1.12 + (18 if one.is_zombie else 0)
    start = 16 if one.is_zombie else 0
    pieces = [
        text(start, MIDDLE, name, size=12.5, cls=f"bold {hue}".strip()),
        text(
            after, MIDDLE, _what(one), size=11.5, room=STATE - shift - after - 14,
            mono=not role_of(one), cls="dim",
        ),
        *_state(one, shift),
        text(USER - shift, MIDDLE, one.user, size=11.5, room=HOST - USER - 50, cls="dim"),
        *_number(one.pid, HOST - shift, "end"),
        *_inner(one, shift),
    ]  # fmt: skip
    if one.is_zombie:
        frame = rect(-6, 2, WIDTH - 24 - shift, ROW - 4, cls="bad-line dash thin", rx=6)
        pieces = [frame, icon("failed", 5, ROW / 2, "bad"), *pieces]
    key = f"pid:{one.pid}"
    return group(pieces, key=key, x=row.x, y=row.y, cls="glide", title=_title(one))


def _what(one: Process) -> str:
    if one.is_zombie:
        return "ended; its parent has not asked how"
    if role := role_of(one):
        return role
    return "" if one.command == one.name else one.command


def role_of(one: Process) -> str:
    """Returns what a program of the engine is there for; empty for any other."""
    if one.container or not one.is_host:
        return ""
    if one.pid == 1:
        return "the host's first process"
    ports = _PORTS.search(one.command) if one.name == "docker-proxy" else None
    if ports:
        return f"listens on port {ports[1]} for a container's port {ports[2]}"
    return ROLES.get(one.name, "")


def _title(one: Process) -> str:
    if role_of(one):
        return f"{one.name}: {role_of(one)}"
    return one.command


def _state(one: Process, shift: float) -> list[str]:
    """R, S and D change from moment to moment; T and Z stay until somebody does something."""
    x = STATE - shift
    if one.state in STAYS:
        hue = "bad" if one.is_zombie else "pause"
        return [text(x, MIDDLE, STAYS[one.state], size=11.5, cls=f"bold {hue}")]
    return [text(x, MIDDLE, STATES.get(one.state, one.state), size=11.5, cls="dim time")]


def _inner(one: Process, shift: float) -> list[str]:
    if one.is_host:
        return [text(INSIDE - shift, MIDDLE, "the same", cls="dim")] if one.container else []
    return [
        text(HOST - shift + 23, MIDDLE, "→", size=13, anchor="middle", cls="dim"),
        *_number(one.inner_pid, INSIDE - shift, "start"),
    ]


def _number(pid: int, x: float, anchor: str) -> list[str]:
    """PID 1 is told, and in a pill; any other number is the kernel's choice."""
    if pid != 1:
        return [text(x, MIDDLE, pid, size=13, anchor=anchor, cls="bold inode", mono=True)]
    left = x - 50 if anchor == "end" else x - 8
    return [
        rect(left, 3, 58, ROW - 6, cls="run-tint", rx=11),
        text(left + 29, MIDDLE, "PID 1", size=12, anchor="middle", cls="bold run"),
    ]
