"""Lifecycle: the states of a container, its commands, and every container where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import ipywidgets

from course.views.controls import Controls
from course.views.engine import EngineView
from course.views.eventlog import draw_log
from course.views.stations import STATIONS, draw_moves, draw_station, last_move
from course.views.svg import document, line, text
from course.views.tokens import badge, draw_tokens
from course.views.view import Act
from course.watch.state import Container, State

WIDTH, HEIGHT = 980.0, 490.0
LOG = 740.0  # where the log begins, in pixels from the left
NAMED = 12  # more containers than that are counted, not named


class Lifecycle(EngineView):
    """The state machine with every container as a token, an event log, and buttons.

    Args:
        act: Called by the buttons as `act("stop", "web")`; without it there are none.
    """

    title = "Lifecycle"

    def __init__(self, act: Act | None = None) -> None:
        super().__init__(act)
        self._controls: Controls | None = None

    def draw(self, state: State) -> str:
        """Returns the picture of `state` as SVG."""
        moved = [event for event in state.events if event.type == "container"]
        tokens, counts = draw_tokens(state.containers, moved)
        body = [
            text(24, 36, "Life of a container", size=16, cls="bold"),
            text(
                716, 36, "docker run = create + start", size=11, anchor="end", cls="dim", mono=True
            ),
            *(draw_station(station, n) for station, n in zip(STATIONS, counts, strict=True)),
            draw_moves(last_move(moved)),
            tokens,
            line(LOG - 12, 24, LOG - 12, HEIGHT - 24, cls="rule"),
            draw_log(moved, LOG + 8, 36, WIDTH - LOG - 32, step=53),
        ]
        notice = self.notice(state)
        told = self.tell(state)
        return document(
            body, width=WIDTH, height=HEIGHT, title=self.title, desc=told, notice=notice
        )

    def tell(self, state: State) -> str:
        """Returns the containers and their states, as "web running, old exited (137)"."""
        if not state.containers:
            return "no containers"
        if len(state.containers) <= NAMED:
            return ", ".join(f"{one.name} {_standing(one)}" for one in state.containers)
        counts = Counter(one.state for one in state.containers)
        return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))

    def controls(self) -> Sequence[ipywidgets.Widget]:
        """Makes the choice of a container and a button for each command."""
        if self.act is None:
            return ()
        self._controls = Controls(self.act)
        return [self._controls.box]

    def refresh(self, state: State) -> None:
        """Enables the buttons that are legal in `state`."""
        if self._controls is not None:
            self._controls.refresh(state)

    def picked(self, name: str) -> None:
        """Chooses the container whose token was clicked."""
        if self._controls is not None:
            self._controls.choose(name)


def _standing(container: Container) -> str:
    note = badge(container)
    return f"{container.state} ({note})" if note and note != container.state else container.state
