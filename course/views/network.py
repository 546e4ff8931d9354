"""Network map: networks as buses, the containers that hang on them, the ports at the edge."""

from __future__ import annotations

from collections.abc import Iterator

from course.views.bus_draw import draw_card, draw_chip, draw_section, draw_wire
from course.views.bus_layout import EDGE, MORE, WIDTH
from course.views.bus_model import Bus, Scene, scene
from course.views.bus_wires import Plan, plan
from course.views.engine import EngineView
from course.views.svg import document, line, text
from course.watch.state import Port, State

TOP = 62.0
LEAST = 220.0  # height: a picture that grows pushes the page about
NAMED = 12  # more containers than that are counted in words, not named
CHOSEN = 32768  # from here on the kernel chose the port, not a person


class NetworkMap(EngineView):
    """Each network is a bus; containers hang on theirs, with their address at each."""

    title = "Network map"

    def draw(self, state: State) -> str:
        """Returns the picture of `state` as SVG."""
        seen = scene(state)
        planned = plan(seen, TOP)
        chips = [wire for wire in planned.wires if wire.section is None]
        body = [
            text(EDGE, 36, "Who reaches whom", size=16, cls="bold"),
            text(WIDTH - EDGE, 36, _legend(seen), size=11, anchor="end", cls="dim"),
            *(draw_section(section, planned.grid) for section in planned.sections),
            *map(draw_wire, planned.wires),
            *(draw_card(card, seen.buses) for card in planned.cards),
            *(draw_chip(wire, TOP) for wire in chips),
            *_idle(seen, planned),
        ]
        height = max(planned.bottom + (30 if seen.idle else 8), LEAST)
        told, notice = _told(seen, state), self.notice(state)
        return document(
            body, width=WIDTH, height=height, title=self.title, desc=told, notice=notice
        )

    def tell(self, state: State) -> str:
        """Returns who hangs where, which names hold there and what is published, in words."""
        return _told(scene(state), state)


def _told(seen: Scene, state: State) -> str:
    if len(state.containers) > NAMED:
        published = sum(len(one.ports) for one in seen.hanging)
        many = f"{len(state.containers)} containers on {len(seen.buses)} networks"
        return f"{many}, {published} published ports"
    parts = [_bus(bus) for bus in seen.buses]
    parts += [
        f"{guest.name} in the network of {one.container.name}"
        for one in seen.hanging
        for guest in one.guests
    ]
    parts += [
        f"{one.container.name} publishes {_port(p)}" for one in seen.hanging for p in one.ports
    ]
    return "; ".join(parts) or "no container hangs on a network"


def _bus(bus: Bus) -> str:
    hangs = ", ".join(bus.members) or "nobody"
    inside = " (internal)" if bus.network.internal else ""
    known = f", {bus.dns}" if bus.names else ""
    return f"{bus.network.name}{inside}: {hangs}{known}"


def _port(port: Port) -> str:
    public = port.public or 0
    where = str(public) if public < CHOSEN else "a free port"
    return f"{port.private}/{port.protocol} at {where}"


def _legend(seen: Scene) -> str:
    more = [one.container.name for one in seen.hanging if len(one.ports) > MORE]
    if more:
        return f"{more[0]} publishes more ports than are shown"
    return "names hold only among containers on one user-defined network"


def _idle(seen: Scene, planned: Plan) -> Iterator[str]:
    """One line for the default networks on which nothing hangs."""
    if not seen.idle:
        return
    y = planned.bottom + 10
    names = ", ".join(network.name for network in seen.idle)
    yield line(EDGE, y - 10, WIDTH - EDGE, y - 10, cls="rule")
    yield text(EDGE, y + 6, f"Nothing hangs on {names}.", size=11, room=WIDTH - 2 * EDGE, cls="dim")
