"""Signals: how each container was stopped or killed, step by step."""

from __future__ import annotations

from course.views.engine import EngineView
from course.views.eventlog import span
from course.views.lanes import KILL, Lane, Mark, lanes
from course.views.svg import arrow, document, group, hatch, line, rect, shorten, text
from course.watch.state import State

WIDTH = 980.0
LEFT, STEP, LANE, TOP = 190.0, 124.0, 104.0, 78.0  # pixels


class Signals(EngineView):
    """A lane for each container that got a signal or ended.

    The axis is ordinal: each event is one step to the right, and the time between two is
    written between them. So the order is plain to see, 10 s of grace do not push all else off
    the page, and two runs of a notebook give the same picture but for the times in it. A grace
    period that was used up is hatched to its end; one that was not needed, only at its start.
    """

    title = "Signals"

    def draw(self, state: State) -> str:
        """Returns the picture of `state` as SVG."""
        told = lanes(state)
        body = [text(24, 36, "Signals and how containers end", size=16, cls="bold"), _legend()]
        body += [_lane(lane, TOP + index * LANE) for index, lane in enumerate(told)]
        if not told:
            words = "No container has been stopped or killed yet."
            body.append(text(24, TOP + 30, words, size=12.5, cls="dim"))
        height = TOP + max(len(told), 1) * LANE
        notice = self.notice(state)
        return document(
            body, width=WIDTH, height=height, title=self.title, desc=self.tell(state), notice=notice
        )

    def tell(self, state: State) -> str:
        """Returns each container's marks, as "web start, SIGTERM, SIGKILL, exit 137"."""
        told = [f"{lane.name} {', '.join(m.words for m in lane.marks)}" for lane in lanes(state)]
        return "; ".join(told) or "nothing yet"


def _legend() -> str:
    x, y = 470.0, 26.0
    parts = [
        rect(x, y, 30, 12, cls="run-tint", rx=3),
        text(x + 37, y + 10.5, "its process lives", size=11, cls="dim"),
        rect(x + 150, y, 30, 12, cls="pause-tint", rx=3),
        hatch(x + 150, y, 30, 12, cls="pause-line thin"),
        text(x + 187, y + 10.5, "grace before SIGKILL", size=11, cls="dim"),
        line(x + 330, y + 6, x + 360, y + 6, cls="line dash"),
        text(x + 367, y + 10.5, "no process", size=11, cls="dim"),
    ]
    return group(parts, key="legend")


def _lane(lane: Lane, y: float) -> str:
    middle = y + 46
    xs = [LEFT + index * STEP for index in range(len(lane.marks))]
    parts = [
        text(24, middle + 1, lane.name, size=13, cls="bold", room=LEFT - 44),
        text(24, middle + 17, lane.note, size=11, cls="dim", room=LEFT - 44),
    ]
    if lane.marks[0].kind != "start":
        parts.append(_alive(LEFT - 24, 24, middle))
    ends = [*lane.marks[1:], None]
    for x, mark, after in zip(xs, lane.marks, ends, strict=True):
        parts.append(_between(x, mark, after, middle))
    parts += [_mark(mark, x, middle) for x, mark in zip(xs, lane.marks, strict=True)]
    return group(parts, key=f"lane-{lane.key}")


def _alive(x: float, width: float, middle: float) -> str:
    return rect(x, middle - 11, width, 22, cls="run-tint", rx=3)


def _between(x: float, mark: Mark, after: Mark | None, middle: float) -> str:
    """What goes on from one mark to the next, or to the present after the last."""
    width = STEP if after else 56.0
    parts = []
    if not mark.alive:
        if after:
            parts.append(line(x + 8, middle, x + width - 8, middle, cls="line dash"))
    elif mark.kind == "paused":
        parts.append(rect(x, middle - 11, width, 22, cls="stop-tint", rx=3))
    else:
        parts.append(_alive(x, width, middle))
    if mark.grace:
        used = width if after is None or after.kind == "signal" else width * 0.3
        parts.append(rect(x, middle - 11, width, 22, cls="pause-frame", rx=3))
        parts.append(rect(x, middle - 11, used, 22, cls="pause-tint", rx=3))
        parts.append(hatch(x, middle - 11, used, 22, cls="pause-line thin"))
    if after:
        took = span(after.time - mark.time)
        parts.append(
            text(x + width / 2, middle + 29, took, size=11, anchor="middle", cls="dim time")
        )
    elif mark.alive:
        parts.append(text(x + width + 8, middle + 4, "now", size=11, cls="dim"))
    return "".join(parts)


def _mark(mark: Mark, x: float, middle: float) -> str:
    if mark.kind == "signal":
        hue = "bad" if mark.signal == KILL else "pause"
        words = mark.words
        label = text(x, middle - 34, words, size=11.5, anchor="middle", cls=f"{hue} bold")
        number = text(x + 7, middle - 20, mark.signal, size=10.5, cls="dim")
        return (
            label + number + arrow([(x, middle - 29), (x, middle - 9)], cls=f"{hue}-line", head=7)
        )
    if mark.kind == "die":
        return _exit(mark, x, middle)
    parts = [
        line(x, middle - 15, x, middle + 15, cls="line"),
        text(x, middle - 20, mark.words, size=11.5, anchor="middle"),
    ]
    return "".join(parts)


def _exit(mark: Mark, x: float, middle: float) -> str:
    hue = "bad" if mark.code or mark.oom else "stop"
    label = shorten(f"exit {mark.code}", 12, 70)
    return (
        rect(x - 5, middle - 15, 10, 30, cls=hue, rx=3)
        + text(x, middle - 34, label, size=12, anchor="middle", cls=f"{hue} bold")
        + text(x, middle - 20, mark.why, size=10.5, anchor="middle", cls="dim", room=118)
    )
