"""Buttons for a container: only what is legal in its state can be pressed."""

from __future__ import annotations

import html
import threading
from functools import partial

import ipywidgets

from course.views.comms import apart
from course.views.view import Act
from course.watch.state import Container, State

# What engines from 20.10 on accept in each state (tried out on one; a test does it again).
LEGAL = {
    "created": frozenset({"start", "restart", "remove"}),
    "running": frozenset({"stop", "kill", "pause", "restart"}),
    "paused": frozenset({"unpause", "stop", "kill", "restart"}),
    "restarting": frozenset({"stop", "kill", "restart"}),
    "exited": frozenset({"start", "restart", "remove"}),
    "dead": frozenset({"remove"}),
}
BUTTONS = {
    "start": "play",
    "stop": "stop",
    "kill": "bolt",
    "pause": "pause",
    "unpause": "step-forward",
    "restart": "refresh",
    "remove": "trash",
}
NONE = "no container"


def legal(container: Container | None) -> frozenset[str]:
    """Returns the actions that the engine accepts for a container as it is."""
    return LEGAL.get(container.state, frozenset()) if container else frozenset()


class Controls:
    """A choice of container, a button for each action, a line for what went wrong.

    Actions run on threads of their own, so that a stop that takes 10 s blocks nothing.

    Args:
        act: Called with the action and the container's name.

    Attributes:
        box: The widgets.
    """

    def __init__(self, act: Act) -> None:
        self._act = act
        self._lock = threading.RLock()
        self._state = State()
        self._busy: set[str] = set()
        self._choice = ipywidgets.Dropdown(
            description="Container",
            options=[NONE],
            layout={"width": "220px"},
            style={"description_width": "initial"},
        )
        self._choice.observe(self._chosen, names="value")
        self._buttons = {name: self._button(name, shape) for name, shape in BUTTONS.items()}
        self._says = ipywidgets.HTML()
        row = ipywidgets.HBox(
            [self._choice, *self._buttons.values()], layout={"flex_flow": "row wrap"}
        )
        self.box = ipywidgets.VBox([row, self._says])

    def _button(self, name: str, shape: str) -> ipywidgets.Button:
        button = ipywidgets.Button(
            description=name.capitalize(),
            icon=shape,
            tooltip=f"docker {'rm' if name == 'remove' else name}",
            disabled=True,
            layout={"width": "auto"},
        )
        button.on_click(partial(self._pressed, name))
        return button

    def refresh(self, state: State) -> None:
        """Offers the containers of `state`, and the actions legal for the chosen one."""
        with self._lock:
            self._state = state
            names = tuple(one.name for one in state.containers) or (NONE,)
            if names != self._choice.options:
                kept = self._choice.value
                self._choice.options = names
                self._choice.value = kept if kept in names else names[0]
            self._enable()

    def choose(self, name: str) -> None:
        """Chooses a container by name; an unknown one changes nothing."""
        with self._lock:
            if name in self._choice.options:
                self._choice.value = name

    def _chosen(self, _: object) -> None:
        with self._lock:
            self._enable()

    def _allowed(self, name: str) -> frozenset[str]:
        """Nothing while an action is under way, or nobody answers."""
        if name in self._busy or not self._state.connected:
            return frozenset()
        return legal(self._state.container(name))

    def _enable(self) -> None:
        allowed = self._allowed(self._choice.value)
        for action, button in self._buttons.items():
            button.disabled = action not in allowed

    def _pressed(self, action: str, _: object) -> None:
        with self._lock:
            name = self._choice.value
            if action not in self._allowed(name):
                return  # a second click, or the state changed under the pointer
            self._busy.add(name)
            self._enable()
            self._say(f"{action} {name} …")
        work = partial(apart, partial(self._work, action, name))
        threading.Thread(target=work, name=f"{action} {name}", daemon=True).start()

    def _work(self, action: str, name: str) -> None:
        problem = ""
        try:
            self._act(action, name)
        except Exception as raised:  # shown to the reader, never raised into the page
            problem = f"{action} {name}: {getattr(raised, 'explanation', None) or raised}"
        with self._lock:
            self._busy.discard(name)
            self._enable()
            self._say(problem, failed=bool(problem))

    def _say(self, words: str, failed: bool = False) -> None:
        line = html.escape(" ".join(words.split())[:300])
        colour = "var(--jp-error-color1,#b3202a)" if failed else "inherit"
        mark = "✕ " if failed else ""
        self._says.value = f'<span role="status" style="color:{colour}">{mark}{line}</span>'
