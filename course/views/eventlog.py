"""The last events of containers, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from course.views.svg import group, line, text
from course.watch.state import Event

SHOWN = 8
ACTIONS = frozenset(
    {"create", "start", "pause", "unpause", "kill", "die", "oom", "stop", "restart"}
    | {"destroy", "rename", "update", "health_status"}
)


def draw_log(events: Sequence[Event], x: float, y: float, width: float, step: float = 40) -> str:
    """Returns the last 8 events, newest at the foot; times count from the first one shown."""
    told = _keyed(event for event in events if worth(event))[-SHOWN:]
    head = text(x, y, "Events", size=13.5, cls="bold")
    rule = line(x, y + 10, x + width, y + 10, cls="rule")
    if not told:
        return head + rule + text(x, y + 34, "none yet", size=11.5, cls="dim")
    first = told[0][1].time
    rows = [
        _row(key, event, event.time - first, x, y + 32 + index * step, width)
        for index, (key, event) in enumerate(told)
    ]
    return head + rule + "".join(rows)


def _keyed(events: Iterable[Event]) -> list[tuple[str, Event]]:
    """Gives each event a key: what happened to whom, and for which time.

    A place in the list would be none: it changes when the oldest event is forgotten, and with
    events that are not shown.
    """
    seen: Counter[str] = Counter()
    keyed = []
    for event in events:
        what = f"e-{event.name}-{event.action}"
        seen[what] += 1
        keyed.append((f"{what}-{seen[what]}", event))
    return keyed


def worth(event: Event) -> bool:
    """Whether an event tells of a container's life."""
    return event.type == "container" and event.action in ACTIONS


def _row(key: str, event: Event, after: float, x: float, y: float, width: float) -> str:
    parts = [
        text(0, 0, f"+{span(after)}", size=11, cls="dim time", mono=True),
        text(66, 0, event.action, size=12, cls="bold", room=width - 66 - 70),
        text(width, 0, detail(event), size=11, anchor="end", cls="dim", room=96),
        text(66, 15, event.name, size=11, cls="dim", room=width - 66),
    ]
    return group(parts, key=key, x=x, y=y, cls="glide")


def detail(event: Event) -> str:
    """Returns what an event adds to its name: signal, exit code, health."""
    has = event.attributes
    if event.action == "kill":
        return f"signal {has.get('signal', '?')}"
    if event.action == "die":
        return f"exit code {has.get('exitCode', '?')}"
    return event.detail


def span(seconds: float) -> str:
    """Returns a measured time, as "0.1 s", "12 s" or "3 min"."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f} s"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
