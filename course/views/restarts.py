"""Restarts: how containers ended, how long the engine waited, and why it did not start again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from course.views.engine import EngineView
from course.views.eventlog import span
from course.views.lanes import KILL
from course.views.restart_runs import History, Run, histories, rule
from course.views.svg import document, group, hatch, line, rect, text
from course.views.tokens import SIGNALS
from course.watch.state import State

WIDTH, LEFT, TOP, LANE = 980.0, 190.0, 66.0, 118.0  # pixels
RUN, HEALTH, GAP, AHEAD = 54.0, 58.0, 52.0, 66.0  # widths on the axis
WAIT, LONGER, STEPS = 46.0, 8.0, 9  # a wait: the first, and how much wider each further one
LANES = 8  # without names, the last so many
CHANGES = 2  # of health in one run, the last so many


class Restarts(EngineView):
    """A lane for each container: its runs, how they ended, and the waits between.

    The axis is ordinal, as that of Signals: two runs of a notebook give the same picture but
    for the times in it. So a wait is as wide as its place in the row of waits, not as it was
    measured; the measured time stands below it.

    Args:
        names: Of containers; without any, all that ended at least once.
    """

    title = "Restarts"

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    def draw(self, state: State) -> str:
        """Returns the picture of `state` as SVG."""
        ended = histories(state, self.names)
        found = ended if self.names else _by_name(ended[-LANES:])
        body = [text(24, 36, "How containers end and come back", size=16, cls="bold"), _legend()]
        body += [_lane(one, TOP + at * LANE) for at, one in enumerate(found)]
        if not found:
            words = "No container has ended yet."
            body.append(text(24, TOP + 30, words, size=12.5, cls="dim"))
        height = TOP + max(len(found), 1) * LANE
        if len(found) < len(ended):
            words = f"These are the last {LANES} of {len(ended)}; name others to see them."
            body.append(text(24, height + 4, words, size=11.5, cls="dim"))
            height += 20
        told, notice = self.tell(state), self.notice(state)
        return document(
            body, width=WIDTH, height=height, title=self.title, desc=told, notice=notice
        )

    def tell(self, state: State) -> str:
        """Returns each container's runs, as "web (always): exit 1, wait 0.1 s, restart 1; …"."""
        found = histories(state, self.names)
        return "; ".join(map(_story, found if self.names else _by_name(found))) or "nothing yet"


def _by_name(found: Sequence[History]) -> list[History]:
    """Not by age: Compose starts and stops several at once."""
    return sorted(found, key=lambda one: one.name)


def _story(one: History) -> str:
    policy = f" ({one.policy})" if one.policy else ""
    steps = [step for run in one.runs for step in _steps(run)]
    return f"{one.name}{policy}: {', '.join([*steps, one.verdict])}"


def _steps(run: Run) -> Iterator[str]:
    yield _begun(run)
    yield from run.health
    if run.end is None:
        return
    yield from filter(None, [_asked(run), f"exit {run.code}"])
    if run.wait:
        yield f"wait {_seconds(run.wait)}"


def _begun(run: Run) -> str:
    return f"restart {run.restart}" if run.restart else "start"


def _asked(run: Run) -> str:
    if run.asked:
        return "docker rm -f" if run.asked == "rm" else f"docker {run.asked}"
    if not run.signals:
        return ""
    signal = run.signals[-1]
    return "docker kill" if signal == KILL else f"kill -s {SIGNALS.get(signal, signal)}"


def _seconds(wait: int) -> str:
    return f"{rule(wait):.4g} s"


def _legend() -> str:
    x, y = 396.0, 26.0
    parts = [
        rect(x, y, 30, 12, cls="run-tint", rx=3),
        text(x + 37, y + 10.5, "runs", size=11, cls="dim"),
        rect(x + 84, y, 30, 12, cls="again-tint", rx=3),
        hatch(x + 84, y, 30, 12, cls="again-line thin"),
        text(x + 121, y + 10.5, "waits: above by rule, below as measured", size=11, cls="dim"),
        line(x + 374, y + 6, x + 404, y + 6, cls="line dash"),
        text(x + 411, y + 10.5, "until a start by hand", size=11, cls="dim"),
    ]
    return group(parts, key="legend")


def _lane(one: History, y: float) -> str:
    middle = y + 54
    parts = [text(24, middle - 2, one.name, size=13, cls="bold", room=LEFT - 40)]
    if one.container is not None:
        policy = f"restart: {one.policy}"
        parts.append(text(24, middle + 15, policy, size=11, mono=True, room=LEFT - 28))
        words = f"RestartCount {one.container.restart_count}"
        parts.append(text(24, middle + 31, words, size=11, cls="dim"))
    shown = _fitting(one.runs)
    x, left_out = LEFT, len(one.runs) - len(shown)
    if left_out:
        parts.append(text(x, middle + 4, f"… {left_out} before", size=11, cls="dim"))
        x += AHEAD
    for at, run in enumerate(shown):
        after = shown[at + 1] if at + 1 < len(shown) else None
        parts.append(_run(run, after, x, middle))
        x += _width(run, after is not None)
    parts.append(
        text(LEFT, middle + 48, one.verdict, size=11.5, cls="bold", room=WIDTH - LEFT - 24)
    )
    return group(parts, key=f"lane-{one.name}", y=0, title=_story(one))


def _fitting(found: Sequence[Run]) -> Sequence[Run]:
    """The last runs that there is room for."""
    room = WIDTH - LEFT - 60.0
    whole = [_width(run, at + 1 < len(found)) for at, run in enumerate(found)]
    first = 0
    while sum(whole[first:]) > room - (AHEAD if first else 0):
        first += 1
    return found[first:]


def _bar(run: Run) -> float:
    return RUN + HEALTH * len(run.health[-CHANGES:])


def _pause(run: Run, followed: bool) -> float:
    if run.wait:
        return WAIT + LONGER * min(run.wait - 1, STEPS)
    return GAP if followed else 0.0


def _width(run: Run, followed: bool) -> float:
    return _bar(run) + _pause(run, followed)


def _run(run: Run, after: Run | None, x: float, middle: float) -> str:
    end = x + _bar(run)
    parts = [rect(x, middle - 11, end - x, 22, cls="run-tint", rx=3)]
    if run.start is None:
        parts.append(text(x + 2, middle - 18, "ran before", size=11, cls="dim"))
    else:
        parts.append(line(x, middle - 14, x, middle + 14))
        parts.append(text(x - 1, middle - 18, _begun(run), size=11))
    for at, health in enumerate(run.health[-CHANGES:]):
        parts.append(_change(health, x + RUN + HEALTH * at, middle))
    if run.end is None:
        return "".join([*parts, text(end + 8, middle + 4, "now", size=11, cls="dim")])
    if run.start is not None:
        parts.append(_measured(run.end - run.start, (x + end) / 2, middle))
    return "".join([*parts, _between(run, after, end, middle), _exit(run, end, middle)])


def _change(health: str, x: float, middle: float) -> str:
    colour = {"healthy": "run", "unhealthy": "bad"}.get(health, "pause")
    mark = rect(x - 1.5, middle - 11, 3, 22, cls=colour, rx=1)
    return mark + text(x - 1, middle - 18, health, size=11, cls=colour, room=HEALTH)


def _exit(run: Run, x: float, middle: float) -> str:
    colour = "bad" if run.code or run.oom else "stop"
    words = "out of memory" if run.oom else f"exit {run.code}"
    parts = [
        rect(x - 5, middle - 15, 10, 30, cls=colour, rx=3),
        text(x, middle - 34, words, size=12, anchor="middle", cls=f"{colour} bold", room=100),
    ]
    if asked := _asked(run):
        parts.append(text(x, middle - 48, asked, size=11, anchor="middle", cls="pause bold"))
    return "".join(parts)


def _between(run: Run, after: Run | None, x: float, middle: float) -> str:
    """What is between the end of a run and the next start, or the present."""
    wide = _pause(run, after is not None)
    if not wide:
        return ""
    took = (
        _measured(after.start - run.end, x + wide / 2, middle)
        if after and after.start and run.end
        else ""
    )
    if not run.wait:
        return line(x + 8, middle, x + wide - 4, middle, cls="line dash") + took
    parts = [
        rect(x + 5, middle - 8, wide - 5, 16, cls="again-tint", rx=3),
        hatch(x + 5, middle - 8, wide - 5, 16, cls="again-line thin"),
        text(
            x + 1 + wide / 2,
            middle - 18,
            _seconds(run.wait),
            size=11,
            anchor="middle",
            cls="again bold",
        ),
        took,
    ]
    return "".join(parts)


def _measured(seconds: float, x: float, middle: float) -> str:
    return text(x, middle + 28, span(seconds), size=11, anchor="middle", cls="dim time")
