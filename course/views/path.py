"""Request path: the services that one request touched, in order, as their logs tell it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from course.views.icons import icon
from course.views.path_steps import BROWSER, Lane, Step, Story, story
from course.views.sampled import UNREAD, SampledView
from course.views.svg import arrow, document, group, line, rect, squeeze, text, text_width
from course.watch.path import RequestPath
from course.watch.sampler import Sample

WIDTH, LEFT, RIGHT = 980.0, 96.0, 16.0  # pixels; times stand in the left margin
TOP, HEAD, ROW = 70.0, 44.0, 42.0
SIZE = 11.5
PATIENCE = 3.0  # seconds
HUES = {
    "ask": "new",
    "answer": "run",
    "refusal": "bad",
    "broken": "bad",
    "bad": "bad",
    "wait": "pause",
}


def draw_path(path: RequestPath, notice: str = "") -> str:
    """Returns the picture as SVG.

    Args:
        path: What the logs tell.
        notice: What is wrong with it.
    """
    told = story(path)
    xs = _middles(len(told.lanes))
    wide = xs[1] - xs[0] if len(xs) > 1 else WIDTH - LEFT - RIGHT
    top = TOP + HEAD
    rows: list[str] = []
    y = top + 10
    for number, step in enumerate(told.steps):
        if step.later and not told.steps[number - 1].later:
            rows.append(_divider(y + 18))
            y += 30
        rows.append(_row(told, step, xs, y + ROW / 2 + 8, f"step-{number}"))
        y += ROW
    if not told.steps:
        rows.append(text(LEFT, y + 34, _empty(path), size=12.5, cls="dim"))
        y += ROW
    body = [
        *_title(path),
        *(_lifeline(lane, x, top, y + 8, told) for lane, x in zip(told.lanes, xs, strict=True)),
        *(_head(lane, x, wide - 10, told) for lane, x in zip(told.lanes, xs, strict=True)),
        *rows,
    ]
    desc = tell_path(path)
    return document(body, width=WIDTH, height=y + 24, title=TITLE, desc=desc, notice=notice)


def tell_path(path: RequestPath) -> str:
    """Returns the steps in words."""
    return story(path).tell() or _empty(path)


def _empty(path: RequestPath) -> str:
    if not path.project:
        return UNREAD
    if not path.members:
        return f"The engine has no container of the project {path.project}."
    return "No log tells of this request." if path.request else "No log tells of a POST yet."


def _middles(lanes: int) -> list[float]:
    wide = (WIDTH - LEFT - RIGHT) / max(lanes, 1)
    return [LEFT + wide * (number + 0.5) for number in range(lanes)]


def _title(path: RequestPath) -> list[str]:
    what = path.answer.what if path.answer else "a request" if path.hops else ""
    index = f", index {path.number}" if path.number else ""
    return [
        text(24, 34, TITLE, size=16, cls="bold"),
        text(160, 34, f"{what}{index}", size=12.5, cls="dim", room=620),
        text(WIDTH - 24, 34, path.request[:12], size=SIZE, anchor="end", cls="dim id", mono=True),
        text(24, TOP + 18, "time", size=SIZE, cls="dim"),
    ]


def _head(lane: Lane, x: float, wide: float, told: Story) -> str:
    touched = lane.service in told.touched
    small = squeeze(lane.short or lane.state, 10, wide - 26)
    pieces = [
        rect(x - wide / 2, TOP, wide, HEAD, cls="new-tint" if touched else "ghost", rx=7),
        text(x, TOP + 19, lane.title, size=13, anchor="middle", room=wide - 12, cls="bold"),
    ]
    if lane.service == BROWSER:
        pieces.append(text(x, TOP + 35, "whoever asks", size=10, anchor="middle", cls="dim"))
    else:
        pieces.append(text(x + 7, TOP + 35, small, size=10, anchor="middle", cls="dim"))
        half = text_width(small, 10) / 2
        pieces.append(icon(lane.state, x - half - 4, TOP + 31.5))
    title = f"{lane.title}: {lane.container} {lane.state}".strip()
    return group(pieces, key=f"lane-{lane.service}-{lane.number}", title=title)


def _lifeline(lane: Lane, x: float, top: float, bottom: float, told: Story) -> str:
    touched = lane.service in told.touched
    return line(x, top, x, bottom, cls="rule" if touched else "rule dash")


def _divider(y: float) -> str:
    words = "The answer did not wait for what follows."
    return line(24, y - 12, WIDTH - 24, y - 12, cls="line dash faint") + text(
        24, y + 4, words, size=SIZE, cls="dim"
    )


def _row(told: Story, step: Step, xs: Sequence[float], y: float, key: str) -> str:
    start, end = xs[step.source], xs[step.target]
    pieces = [_remark(step, start, y) if start == end else _arrow(step, start, end, y)]
    if step.seconds is not None:
        pieces.append(
            text(LEFT - 16, y + 4, clock(step.seconds), size=SIZE, anchor="end", cls="dim time")
        )
    # Which of several containers does a job is a matter of luck: nothing to compare.
    return group(pieces, key=key, cls="id" if told.is_by_lot(step) else "")


def _arrow(step: Step, start: float, end: float, y: float) -> str:
    hue, way = HUES[step.kind], 1 if end > start else -1
    stop = end - way * (16 if step.kind == "broken" else 3)
    dash = " dash" if step.kind in ("answer", "refusal") else ""
    room = WIDTH - RIGHT - start if way > 0 else start - LEFT
    label = text(
        start + way * 9,
        y - 7,
        step.words,
        size=SIZE,
        room=room - 12,
        anchor="start" if way > 0 else "end",
        cls=f"{hue} bold halo",
    )
    pieces = [arrow([(start, y), (stop, y)], cls=f"{hue}-line{dash}", head=8), label]
    if step.kind == "broken":
        pieces.append(icon("failed", end - way * 7, y))
    return "".join(pieces)


def _remark(step: Step, x: float, y: float) -> str:
    hue = HUES.get(step.kind, "stop")
    mark = {"bad": "failed", "wait": "paused"}.get(step.kind, "running")
    # On the side that has more room.
    way = 1 if x < WIDTH * 0.6 else -1
    anchor, room = ("start", WIDTH - RIGHT - x - 14) if way > 0 else ("end", x - LEFT - 14)
    words = f"{step.words}: {step.note}" if step.note else step.words
    return icon(mark, x, y, hue) + text(
        x + way * 12, y + 4, words, size=SIZE, anchor=anchor, room=room, cls=f"{hue} bold halo"
    )


def clock(seconds: float) -> str:
    """Returns a time since the request came in, as "4 ms" or "1.3 s"."""
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


TITLE = "Request path"


class RequestPathView(SampledView[RequestPath]):
    """One request's way through a Compose project, live.

    Args:
        wait: Seconds that a display waits for the request's end; the picture goes on.
    """

    title = TITLE

    def __init__(self, wait: float = PATIENCE) -> None:
        self._wait = wait
        super().__init__()

    def empty(self) -> Sample[RequestPath]:
        """Returns what is shown before anything is read."""
        return Sample(RequestPath(), unread=True)

    def draw(self, state: Sample[RequestPath]) -> str:
        """Returns the picture of a reading as SVG."""
        return draw_path(state.value, self.notice(state))

    def tell(self, state: Sample[RequestPath]) -> str:
        """Returns the picture in words."""
        return tell_path(state.value)

    def _settled(self) -> Sample[RequestPath]:
        deadline = time.monotonic() + self._wait
        while not (state := super()._settled()).value.is_whole and time.monotonic() < deadline:
            time.sleep(0.1)
        return state
