"""What run does: each call of a trace as an arrow to the engine, and what it set off there."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets

from course.trace.table import Trace
from course.views.engine import EngineView
from course.views.story import Step, story
from course.views.svg import arrow, circle, document, group, line, rect, text
from course.watch.state import Event, State

WIDTH = 960
YOU, ENGINE, REGISTRY = 286.0, 600.0, 884.0
TOP, STEP = 128.0, 58.0
LINE = 18.0
BEAT = 0.45  # seconds from arrow to arrow in a replay


def draw_run(steps: Sequence[Step], commands: Sequence[str] = (), shown: int | None = None) -> str:
    """Returns the picture of the first `shown` steps (all, if None) as SVG.

    Its size is that of the whole story, so that nothing jumps while it unfolds.
    """
    heights = [_height(step) for step in steps]
    bottom = TOP + sum(heights)
    seen = steps if shown is None else steps[:shown]
    rows, y = [], TOP
    for step, height in zip(seen, heights, strict=False):
        rows.append(_row(step, y, height))
        y += height
    body = [*_lanes(bottom, commands), *rows]
    told = f"{len(steps)} calls, from top to bottom. {tell_run(steps)}"
    return document(body, width=WIDTH, height=bottom + 22, title="What run does", desc=told)


def tell_run(steps: Sequence[Step]) -> str:
    """Returns the story in words."""
    return ", ".join(f"{step.verb} {step.status or 'no answer'}" for step in steps) or "no calls"


def _height(step: Step) -> float:
    return max(STEP, 20 + LINE * (len(step.done) + (2 if step.image else 0)))


def _lanes(bottom: float, commands: Sequence[str]) -> list[str]:
    heads = (
        (YOU, "You", "docker-py, or the docker CLI"),
        (ENGINE, "Engine", "dockerd → containerd → runc"),
        (REGISTRY, "Registry", "images"),
    )
    amount = "   ".join(commands) or "the calls of this block"
    pieces = [
        text(24, 34, "What run does", size=16, cls="bold"),
        text(164, 34, amount, size=13, room=WIDTH - 190, mono=True, cls="dim"),
    ]
    for x, name, what in heads:
        wide = 184.0 if x != REGISTRY else 118.0
        pieces += [
            line(x, 104, x, bottom, cls="line dash"),
            rect(x - wide / 2, 56, wide, 46, cls="box", rx=8),
            text(x, 76, name, size=14, anchor="middle", cls="bold"),
            text(x, 93, what, size=11, anchor="middle", cls="dim"),
        ]
    return pieces


def _row(step: Step, y: float, height: float) -> str:
    pieces = [*_label(step, y), *_ask(step, y), *_answer(step, y), *_doings(step, y)]
    return group(pieces, key=f"step-{step.number}", title=step.purpose)


def _label(step: Step, y: float) -> list[str]:
    hue = "bad" if step.error else "new"
    return [
        circle(34, y + 18, 12, cls=f"{hue}-tint"),
        text(34, y + 22.5, step.number, size=12, anchor="middle", cls=f"bold {hue}"),
        text(54, y + 17, step.verb, size=13, room=YOU - 86, cls="bold"),
        text(54, y + 33, step.cli, size=10.5, room=YOU - 66, mono=True, cls="dim"),
    ]


def _ask(step: Step, y: float) -> list[str]:
    return [
        text(YOU + 12, y + 12, step.request, size=11.5, room=ENGINE - YOU - 30, mono=True),
        arrow([(YOU + 3, y + 18), (ENGINE - 3, y + 18)], cls="new-line"),
    ]


def _answer(step: Step, y: float) -> list[str]:
    bad = bool(step.error) or step.status is None
    mark = "✗" if bad else "✓"
    said = f"{mark} {step.status or 'no answer'} {step.error}".strip()
    spent = "goes on" if step.ms is None else f"{step.ms:.1f} ms"
    return [
        text(
            YOU + 12, y + 36, said, size=11.5, room=ENGINE - YOU - 90, cls="bad" if bad else "run"
        ),
        text(ENGINE - 14, y + 36, spent, size=11, anchor="end", cls="dim time"),
        arrow(
            [(ENGINE - 3, y + 42), (YOU + 3, y + 42)], cls=f"{'bad' if bad else 'run'}-line dash"
        ),
    ]


def _doings(step: Step, y: float) -> list[str]:
    pieces, at = [], y + 18
    if step.image:
        pieces += _fetch(step, at)
        at += 2 * LINE
    for what in step.done:
        pieces += [
            rect(ENGINE + 9, at - 9, 9, 9, cls="run-tint", rx=2),
            text(ENGINE + 26, at, what, size=11.5, room=REGISTRY - ENGINE - 42),
        ]
        at += LINE
    return pieces


def _fetch(step: Step, y: float) -> list[str]:
    """The engine's own talk with the registry: not in the trace, told from how it ended."""
    bad = bool(step.error)
    back = "✗ refused, or not reached" if bad else "✓ manifest and layers"
    hue = "bad" if bad else "run"
    return [
        text(ENGINE + 14, y - 6, f"asks for {step.image}", size=11, room=REGISTRY - ENGINE - 30),
        arrow([(ENGINE + 3, y), (REGISTRY - 3, y)], cls="new-line"),
        text(REGISTRY - 14, y + 13, back, size=11, anchor="end", cls=hue),
        arrow([(REGISTRY - 3, y + 19), (ENGINE + 3, y + 19)], cls=f"{hue}-line dash"),
    ]


class WhatRunDoes(EngineView):
    """The story of a trace; on the page it unfolds arrow by arrow, the still shows it whole.

    Args:
        trace: A trace whose block has ended.
        events: What the engine did meanwhile, from `State.events`.
    """

    title = "What run does"

    def __init__(self, trace: Trace, events: Iterable[Event] = ()) -> None:
        super().__init__()
        self.steps = story(trace.calls, events)
        self.commands = tuple(command.cli for command in trace.commands)
        self._stopped = threading.Event()

    def draw(self, state: State) -> str:
        """Returns the whole story as SVG."""
        return draw_run(self.steps, self.commands)

    def tell(self, state: State) -> str:
        """Returns the story in words."""
        return tell_run(self.steps)

    def controls(self) -> Sequence[ipywidgets.Widget]:
        """Makes the button that plays the story again."""
        button = ipywidgets.Button(description="Replay", icon="play", tooltip="Arrow by arrow")
        button.on_click(lambda _: self.replay())
        return (button,)

    def replay(self) -> threading.Thread:
        """Plays the story from its beginning, on a thread of its own; another replay ends."""
        self._stopped.set()
        self._stopped = threading.Event()
        player = threading.Thread(
            target=self._play, args=(self._stopped,), name="replay", daemon=True
        )
        player.start()
        return player

    def _retire(self) -> None:
        """Ends a replay; the picture that stays shows the whole story."""
        with self._lock:
            self._stopped.set()
            self._offer(None)
        super()._retire()

    def _play(self, stopped: threading.Event) -> None:
        for shown in range(len(self.steps) + 1):
            with self._lock:  # nothing of a replay that was ended may follow the whole story
                if stopped.is_set():
                    return
                self._offer(shown)
            stopped.wait(BEAT)

    def _offer(self, shown: int | None) -> None:
        live = self._live
        if live is not None:
            live.offer(lambda: draw_run(self.steps, self.commands, shown))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(include, exclude)
        if not self._closed:
            self.replay()
        return bundle
