"""Buttons for a swarm: a row for a service, a row for a node; only what is legal can be pressed."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping
from functools import partial

import ipywidgets

from course.views.comms import apart
from course.views.view import Act
from course.watch.swarm import Host, Swarm
from course.watch.swarm_task import Service

SERVICE = {
    "scale up": ("plus", "docker service scale: one more"),
    "scale down": ("minus", "docker service scale: one less"),
    "update": ("refresh", "docker service update --force: all tasks anew"),
    "roll back": ("undo", "docker service rollback"),
}
NODE = {
    "drain": ("sign-out", "docker node update --availability drain"),
    "activate": ("sign-in", "docker node update --availability active"),
    "promote": ("arrow-up", "docker node promote"),
    "demote": ("arrow-down", "docker node demote"),
    "kill": ("bolt", "a power cut"),
    "bring back": ("power-off", "switches it on, plugs it in"),
}
NONE = {"service": "no service", "node": "no node"}


def legal_service(swarm: Swarm, service: Service | None) -> frozenset[str]:
    """Returns the actions that a swarm as it is accepts for a service."""
    if service is None or not swarm.answers:
        return frozenset()
    found = set()
    if service.mode == "replicated":
        found |= {"scale up", "scale down"} if service.wanted else {"scale up"}
    if not service.is_job:
        found.add("update")
    if service.has_previous:
        found.add("roll back")
    return frozenset(found)


def legal_node(swarm: Swarm, host: Host | None) -> frozenset[str]:
    """Returns the actions that are possible with a node of the lab."""
    if host is None:
        return frozenset()
    found = set()
    if len(swarm.hosts) > 1:  # a lab with one engine has no switches
        found.add("kill" if host.power != "off" else "bring back")
        found |= {"bring back"} if host.power == "cut" else set()
    member = swarm.member(host.member) if host.member else None
    if member is not None and swarm.answers:
        # A paused node can go either way.
        found |= {"drain"} if member.availability != "drain" else set()
        found |= {"activate"} if member.availability != "active" else set()
        if not member.is_manager:
            found.add("promote")
        elif len(swarm.managers) > 1:
            found.add("demote")
    return frozenset(found)


class SwarmControls:
    """Two rows of a choice and its buttons, and a line for what went wrong.

    Actions run on threads of their own, so that one that takes long blocks nothing.

    Args:
        act: Called with the action and the name of the service or node.

    Attributes:
        box: The widgets.
    """

    def __init__(self, act: Act) -> None:
        self._act = act
        self._lock = threading.RLock()
        self._swarm = Swarm()
        self._busy: set[str] = set()
        self._choices = {kind: self._choice(kind) for kind in NONE}
        self._buttons = {
            kind: {name: self._button(kind, name, *how) for name, how in buttons.items()}
            for kind, buttons in (("service", SERVICE), ("node", NODE))
        }
        self._says = ipywidgets.HTML()
        self.box = ipywidgets.VBox([*map(self._row, NONE), self._says])

    def _choice(self, kind: str) -> ipywidgets.Dropdown:
        choice = ipywidgets.Dropdown(
            description=kind.capitalize(),
            options=[NONE[kind]],
            layout={"width": "200px"},
            style={"description_width": "50px"},
        )
        choice.observe(self._chosen, names="value")
        return choice

    def _button(self, kind: str, name: str, shape: str, tooltip: str) -> ipywidgets.Button:
        button = ipywidgets.Button(
            description=name.capitalize(),
            icon=shape,
            tooltip=tooltip,
            disabled=True,
            layout={"width": "auto"},
        )
        button.on_click(partial(self._pressed, kind, name))
        return button

    def _row(self, kind: str) -> ipywidgets.HBox:
        row = [self._choices[kind], *self._buttons[kind].values()]
        return ipywidgets.HBox(row, layout={"flex_flow": "row wrap"})

    def refresh(self, swarm: Swarm) -> None:
        """Offers the services and nodes of `swarm`, and what is legal for the chosen ones."""
        with self._lock:
            self._swarm = swarm
            self._offer("service", tuple(one.name for one in swarm.services))
            self._offer("node", tuple(host.name for host in swarm.hosts))
            self._enable()

    def _offer(self, kind: str, names: tuple[str, ...]) -> None:
        choice, names = self._choices[kind], names or (NONE[kind],)
        if names != choice.options:
            kept = choice.value
            choice.options = names
            choice.value = kept if kept in names else names[0]

    def choose(self, picked: str) -> None:
        """Chooses what was clicked, as "node node2"; something unknown changes nothing."""
        kind, _, name = picked.partition(" ")
        with self._lock:
            if kind in self._choices and name in self._choices[kind].options:
                self._choices[kind].value = name

    def legal(self) -> Mapping[str, frozenset[str]]:
        """Returns what is possible now with the chosen service and the chosen node."""
        swarm, chosen = self._swarm, {kind: one.value for kind, one in self._choices.items()}
        service = next((one for one in swarm.services if one.name == chosen["service"]), None)
        found = {
            "service": legal_service(swarm, service),
            "node": legal_node(swarm, swarm.host(chosen["node"])),
        }
        return {
            kind: frozenset() if f"{kind} {chosen[kind]}" in self._busy else found[kind]
            for kind in found
        }

    def _chosen(self, _: object) -> None:
        with self._lock:
            self._enable()

    def _enable(self) -> None:
        for kind, allowed in self.legal().items():
            for action, button in self._buttons[kind].items():
                button.disabled = action not in allowed

    def _pressed(self, kind: str, action: str, _: object) -> None:
        with self._lock:
            name = self._choices[kind].value
            if action not in self.legal()[kind]:
                return  # a second click, or the swarm changed under the pointer
            self._busy.add(f"{kind} {name}")
            self._enable()
            self._say(f"{action} {name} …")
        work = partial(apart, partial(self._work, kind, action, name))
        threading.Thread(target=work, name=f"{action} {name}", daemon=True).start()

    def _work(self, kind: str, action: str, name: str) -> None:
        problem = ""
        try:
            self._act(action, name)
        except Exception as raised:  # shown to the reader, never raised into the page
            problem = f"{action} {name}: {getattr(raised, 'explanation', None) or raised}"
        with self._lock:
            self._busy.discard(f"{kind} {name}")
            self._enable()
            self._say(problem, failed=bool(problem))

    def _say(self, words: str, failed: bool = False) -> None:
        line = html.escape(" ".join(words.split())[:300])
        colour = "var(--jp-error-color1,#b3202a)" if failed else "inherit"
        mark = "✕ " if failed else ""
        self._says.value = f'<span role="status" style="color:{colour}">{mark}{line}</span>'
