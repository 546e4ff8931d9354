"""EngineView: a picture of the engine's State, which is what most views are."""

from __future__ import annotations

from course.views.view import View
from course.watch.state import State

GONE = "The engine does not answer. This is the last that it told."


class EngineView(View[State]):
    """A view of what a Watcher keeps."""

    def empty(self) -> State:
        """Returns a State with nothing in it."""
        return State()

    @staticmethod
    def notice(state: State) -> str:
        """Returns what is wrong with the picture, for `document`; empty when nothing is."""
        return GONE if state.problem and not state.connected else ""
