"""The state machine of a container: its states as stations, its commands as arrows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.views.icons import HUES, icon
from course.views.svg import arrow, circle, group, rect, text, text_width
from course.watch.state import Event

WIDTH, HEIGHT = 184.0, 152.0
_LEFTS = (24.0, 278.0, 532.0)
_TOPS = (92.0, 314.0)
HEAD = 34.0  # pixels of a station above its tokens


@dataclass(frozen=True, slots=True)
class Station:
    """Where the containers of one state stand; `note` is shown while none does."""

    state: str
    column: int
    row: int
    note: str

    @property
    def x(self) -> float:
        """Its left edge."""
        return _LEFTS[self.column]

    @property
    def y(self) -> float:
        """Its upper edge."""
        return _TOPS[self.row]


STATIONS = (
    Station("created", 0, 0, "files, but no process"),
    Station("running", 1, 0, "its process lives"),
    Station("paused", 2, 0, "its processes are frozen"),
    Station("removed", 0, 1, "nothing is left"),
    Station("exited", 1, 1, "its files are still there"),
    Station("restarting", 2, 1, "waits before the next try"),
)
BY_STATE = {station.state: station for station in STATIONS} | {
    "removing": STATIONS[3],
    "dead": STATIONS[4],
}


@dataclass(frozen=True, slots=True)
class Move:
    """A legal transition: its command, its way, where its label stands."""

    name: str
    label: str
    points: tuple[tuple[float, float], ...]
    at: tuple[float, float]
    anchor: str = "middle"


_C, _R, _P = _LEFTS
_TOP, _LOW = _TOPS
_MID, _END, _DEEP = _TOP + HEIGHT, _TOP + HEIGHT, _LOW + HEIGHT / 2
MOVES = (
    Move(
        "create", "create", ((_C + 40, _TOP - 30), (_C + 40, _TOP)), (_C + 50, _TOP - 14), "start"
    ),
    Move("start", "start", ((_C + WIDTH, _TOP + 66), (_R, _TOP + 66)), (_R - 37, _TOP + 58)),
    Move("pause", "pause", ((_R + WIDTH, _TOP + 46), (_P, _TOP + 46)), (_P - 37, _TOP + 38)),
    Move("unpause", "unpause", ((_P, _TOP + 90), (_R + WIDTH, _TOP + 90)), (_P - 34, _TOP + 82)),
    Move(
        "restart",
        "restart",
        (
            (_R + WIDTH - 60, _TOP),
            (_R + WIDTH - 60, _TOP - 24),
            (_R + WIDTH - 24, _TOP - 24),
            (_R + WIDTH - 24, _TOP),
        ),
        (_R + WIDTH - 68, _TOP - 14),
        "end",
    ),
    Move(
        "exit", "stop, kill, exit", ((_R + 40, _END), (_R + 40, _LOW)), (_R + 32, _END + 39), "end"
    ),
    Move("again", "start", ((_R + 78, _LOW), (_R + 78, _END)), (_R + 86, _LOW - 12), "start"),
    Move(
        "policy",
        "exit (restart policy)",
        (
            (_R + WIDTH - 44, _END),
            (_R + WIDTH - 44, _END + 46),
            (_P + 64, _END + 46),
            (_P + 64, _LOW),
        ),
        (_R + WIDTH - 36, _END + 60),
        "start",
    ),
    Move(
        "retry",
        "next try",
        (
            (_P + 110, _LOW),
            (_P + 110, _END + 22),
            (_R + WIDTH - 20, _END + 22),
            (_R + WIDTH - 20, _END),
        ),
        (_P + 8, _END + 16),
        "start",
    ),
    Move("rm", "rm", ((_R, _DEEP), (_C + WIDTH, _DEEP)), (_R - 37, _DEEP - 8)),
    Move("discard", "rm", ((_C + 40, _END), (_C + 40, _LOW)), (_C + 48, _END + 39), "start"),
)


def draw_moves(taken: str | None) -> str:
    """Returns all arrows, the one that was taken last in bold."""
    return "".join(_move(move, move.name == taken) for move in MOVES)


def _move(move: Move, taken: bool) -> str:
    cls = "new-line taken" if taken else "line"
    x, y = move.at
    words = "new bold" if taken else "dim"
    label = text(x, y, move.label, size=11, anchor=move.anchor, cls=words, mono=True)
    start = (
        circle(*move.points[0], 4, cls="new" if taken else "dot") if move.name == "create" else ""
    )
    return group([start, arrow(move.points, cls=cls), label], key=f"move-{move.name}")


def draw_station(station: Station, count: int) -> str:
    """Returns a station without its tokens; `count` containers stand there."""
    hue, x, y = HUES.get(station.state, "stop"), station.x, station.y
    frame = rect(x, y, WIDTH, HEIGHT, cls="station" if count else "station empty", rx=12)
    mark = icon(station.state, x + 18, y + 18, hue)
    name = text(x + 31, y + 22.5, station.state, size=13.5, cls=f"bold {hue}")
    parts = [frame, mark, name]
    if count and station.state != "removed":  # of those, only the last few are shown
        wide = text_width(str(count), 11) + 12
        parts.append(rect(x + WIDTH - 12 - wide, y + 9, wide, 18, cls=f"{hue}-tint", rx=9))
        middle = x + WIDTH - 12 - wide / 2
        parts.append(text(middle, y + 22, count, size=11, anchor="middle", cls="bold"))
    elif not count:
        parts.append(text(x + 31, y + 42, station.note, size=11, room=WIDTH - 40, cls="dim"))
    return group(parts, key=f"station-{station.state}")


def last_move(events: Sequence[Event]) -> str | None:
    """Returns the name of the transition that the newest event of a container was."""
    found = [(event.action, event.id) for event in events if event.action in _TAKEN]
    if not found:
        return None
    action, ident = found[-1]
    before = [other for other, whose in found[:-1] if whose == ident]
    if action == "start" and "die" in before:
        return "again"
    if action == "destroy" and "start" not in before and "die" not in before:
        return "discard"
    return _TAKEN[action]


_TAKEN = {
    "create": "create",
    "start": "start",
    "pause": "pause",
    "unpause": "unpause",
    "restart": "restart",
    "die": "exit",
    "destroy": "rm",
}
