"""Compose: the services of a project, what each waits for, its networks and volumes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from course.views.compose_draw import draw_box, draw_chips, draw_net, draw_store, draw_wire
from course.views.compose_layout import EDGE, PANEL, SPACE, WIDTH, Box, Plan, plan
from course.views.compose_model import SHORT, Need, Project, Service, projects, read
from course.views.engine import EngineView
from course.views.stack import count
from course.views.svg import document, line, text, wrap
from course.watch.state import Port, State

TOP = 62.0
LEAST = 220.0  # height: a picture that grows pushes the page about
NAMED = 12  # more containers than that are counted in words, not named
CHOSEN = 32768  # from here on the kernel chose the port, not a person


class Compose(EngineView):
    """The services of one Compose project as boxes, in the order in which they start.

    Args:
        project: Its name; without one, the only project that the engine has anything of.
    """

    title = "Compose"

    def __init__(self, project: str | None = None) -> None:
        super().__init__()
        self.project = project

    def draw(self, state: State) -> str:
        """Returns the picture of `state` as SVG."""
        name = self._chosen(state)
        seen = read(state, name) if name else Project("")
        lines = (wrap(one, 12, WIDTH - 2 * EDGE) for one in _missing(seen, projects(state)))
        told = [words for wrapped in lines for words in wrapped]
        planned = plan(seen, TOP + 20 * len(told))
        heading = f"Compose project {name}" if name else "Compose projects"
        panels, bottom = _panels(seen, planned)
        body = [
            text(EDGE, 36, heading, size=16, cls="bold", room=planned.width - 520),
            *(text(EDGE, TOP + 12 + 20 * at, one, cls="dim") for at, one in enumerate(told)),
            *_services(seen, planned),
            *panels,
        ]
        return document(
            body,
            width=planned.width,
            height=max(bottom + 10, LEAST),
            title=self.title,
            desc=self.tell(state),
            notice=self.notice(state),
        )

    def tell(self, state: State) -> str:
        """Returns services, networks and volumes in words, without ids and addresses."""
        name = self._chosen(state)
        seen = read(state, name) if name else Project("")
        if told := _missing(seen, projects(state)):
            return " ".join([*told, *_rest(seen)]).rstrip()
        if seen.size > NAMED:
            return f"{name}: {seen.size} containers of {count(len(seen.services), 'service')}"
        parts = [_story(service) for service in seen.services]
        return "; ".join([f"{name}: {parts[0]}", *parts[1:], *_rest(seen)])

    def _chosen(self, state: State) -> str:
        """The project that is shown; empty where there is none, or none was chosen of several."""
        found = projects(state)
        return self.project or (found[0] if len(found) == 1 else "")


def _missing(seen: Project, found: Sequence[str]) -> list[str]:
    """What is told where there are no services to draw."""
    if seen.services:
        return []
    if seen.networks or seen.volumes:
        return ["It has no container. This is what is left of it:"]
    if seen.name:
        told = [f"Nothing here belongs to a project {seen.name}: not yet, or not any more."]
        return told + ([f"Projects here: {', '.join(found)}."] if found else [])
    if found:
        return [f"There are several: {', '.join(found)}.", "Name the one that you want to see."]
    return ["Nothing here carries Compose's labels yet.", "docker compose up makes a project."]


def _story(service: Service) -> str:
    told = [service.counts]
    if service.needs:
        told.append("after " + " and ".join(map(_condition, service.needs)))
    told += [
        f"publishes {port.private}/{port.protocol} at {_outside(port)}" for port in service.ports
    ]
    return f"{service.name} {', '.join(told)}"


def _condition(need: Need) -> str:
    return f"{need.service} ({SHORT.get(need.condition, need.condition)})"


def _outside(port: Port) -> str:
    return str(port.public) if port.public and port.public < CHOSEN else "a free port"


def _rest(seen: Project) -> Iterator[str]:
    """Networks and volumes, and the services that have them."""
    for net in seen.networks:
        inside = " (internal)" if net.network.internal else ""
        yield f"network {net.network.name}{inside}: {', '.join(net.members) or 'nobody'}"
    for store in seen.volumes:
        yield f"volume {store.volume.name}: {', '.join(store.users) or 'no container'}"


def _services(seen: Project, planned: Plan) -> Iterator[str]:
    nets = {net.network.name: net for net in seen.networks}
    if planned.wires:
        words = "starts from left to right; arrows lead to what is waited for, dashed: not ready"
        yield text(planned.width - EDGE, 36, words, size=11, anchor="end", cls="dim")
    if planned.lone:
        words = "These wait for no other service, and none waits for them."
        yield text(EDGE, planned.lone + 8, words, size=11.5, cls="dim")
    # By name: a browser that moves an element among its siblings stops its glide.
    yield from (draw_box(box, seen, nets) for box in _by_name(planned.boxes))
    yield from map(draw_wire, planned.wires)
    chips = (chip for box in planned.boxes for chip in draw_chips(box))
    yield from (svg for _, svg in sorted(chips))


def _by_name(boxes: Sequence[Box]) -> list[Box]:
    return sorted(boxes, key=lambda box: box.service.name)


def _panels(seen: Project, planned: Plan) -> tuple[list[str], float]:
    """Networks at the left and volumes at the right, below all services; and where they end."""
    lines = max(len(seen.networks), len(seen.volumes))
    if not lines:
        return [], planned.bottom
    y = planned.bottom + 6
    wide = (planned.width - 2 * EDGE - 2 * SPACE) / 2
    right = EDGE + wide + 2 * SPACE if seen.networks else EDGE
    pieces = [line(EDGE, y, planned.width - EDGE, y, cls="rule")]
    if seen.networks:
        pieces.append(text(EDGE, y + 20, "Networks", size=11.5, cls="dim"))
    if seen.volumes:
        pieces.append(text(right, y + 20, "Volumes", size=11.5, cls="dim"))
    top = y + 28
    pieces += [draw_net(n, EDGE, top + at * PANEL, wide) for at, n in enumerate(seen.networks)]
    pieces += [draw_store(v, right, top + at * PANEL, wide) for at, v in enumerate(seen.volumes)]
    return pieces, top + lines * PANEL
