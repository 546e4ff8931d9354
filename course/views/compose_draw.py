"""How a service, its containers, a dependency, a network and a volume of Compose look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from course.views.bus_draw import outside
from course.views.compose_layout import CHIP, HEAD, MOST, ROW, Box, Wire
from course.views.compose_model import Net, Project, Service, Store, standing
from course.views.icons import hue, icon_of
from course.views.mounts import HUES, SIGNS
from course.views.svg import arrow, group, number, path, rect, shorten, squeeze, text, text_width
from course.watch.state import Container, Mount

ONCE = "docker compose run"


def draw_box(box: Box, project: Project, nets: dict[str, Net]) -> str:
    """Returns a service's box, without its containers."""
    service = box.service
    frame = "box" if service.all else "ghost"
    wide = min(text_width(service.image, 10.5), box.w * 0.45)
    pieces = [
        rect(0, 0, box.w, box.h, cls=frame, rx=8),
        rect(1, 1, box.w - 2, HEAD - 4, cls="panel", rx=7),
        text(10, 17.5, squeeze(service.name, 13, box.w - 30 - wide), size=13, cls="bold"),
        text(box.w - 10, 17.5, service.image, size=10.5, room=wide + 1, anchor="end", cls="dim"),
    ]
    for at, need in enumerate(service.needs):
        y, word = box.need(at) - box.y + 4, need.words
        colour = "run" if need.met else "pause"
        room = box.w - 30 - text_width(word, 11)
        pieces.append(text(10, y, squeeze(f"after {need.service}", 11, room), size=11))
        pieces.append(text(box.w - 10, y, word, size=11, anchor="end", cls=f"{colour} bold"))
    for at, (kind, which) in enumerate(box.lines()):
        y = box.rows + ROW * at + 12
        pieces.append(_line(kind, which, box, project, nets, y))
    told = f"service {service.name}: {service.counts}"
    return group(pieces, key=f"s-{service.name}", x=box.x, y=box.y, cls="glide", title=told)


def _line(kind: str, which: int, box: Box, project: Project, nets: dict[str, Net], y: float) -> str:
    service = box.service
    if kind == "rest":
        return text(10, y, _rest(service), size=11, room=box.w - 20, cls="dim")
    if kind == "port":
        port = service.ports[which]
        words = f"{outside(port)} → {port.private}/{port.protocol}"
        return text(10, y, words, size=10.5, room=box.w - 20, mono=True)
    if kind == "mount":
        return _mount(service.mounts[which], project, box.w, y)
    return "".join(_networks(service, nets, box.w, y))


def _rest(service: Service) -> str:
    if not service.all:
        return "no container"
    told = Counter(one.state for one in service.all[MOST:])
    return "and " + ", ".join(f"{count} {state}" for state, count in sorted(told.items()))


def _mount(mount: Mount, project: Project, wide: float, y: float) -> str:
    """What is mounted, as the Compose file writes it: source:target."""
    sign = SIGNS.get(mount.type, SIGNS["tmpfs"])
    colour = HUES.get(mount.type, "stop")
    end = "" if mount.writable else ":ro"
    source = squeeze(source_of(mount, project), 11, (wide - 34) * 0.5)
    left = 24 + text_width(source, 11) + 4
    target = shorten(f"→ {mount.target}{end}", 10, wide - left - 6, mono=True)
    pieces = [
        f'<g style="transform:translate(14px,{number(y - 4)}px) scale(.55)">'
        f"{path(sign, cls=f'{colour}-line')}</g>",
        text(24, y, source, size=11),
        text(left, y, target, size=10, mono=True),
    ]
    return "".join(pieces)


def source_of(mount: Mount, project: Project) -> str:
    """Returns what is mounted, a path as the Compose file writes it: "./server"."""
    if mount.type == "volume":
        anonymous = len(mount.name) == 64
        return "anonymous" if anonymous else mount.name.removeprefix(f"{project.name}_")
    if mount.type == "bind" and project.folder:
        inside = mount.source.removeprefix(project.folder)
        if inside != mount.source and inside[:1] in ("", "/"):
            return f".{inside}"
    return mount.source or mount.type


def _networks(service: Service, nets: dict[str, Net], wide: float, y: float) -> Iterator[str]:
    room = (wide - 20) / len(service.networks)
    for at, name in enumerate(service.networks):
        x = 10 + at * room
        colour = nets[name].hue if name in nets else "stop"
        yield rect(x, y - 6, 10, 5, cls=colour, rx=2)
        yield text(x + 14, y, squeeze(name, 10.5, room - 20), size=10.5, cls=colour)


def draw_chips(box: Box) -> Iterator[tuple[str, str]]:
    """Yields the containers of a service: a name to sort them by, and each as SVG."""
    for at, one in enumerate(box.shown):
        x, y, wide = box.spot(at)
        once = at - len(box.service.containers)
        # Compose names a one-off by lot.
        name = ONCE if once >= 0 else one.name
        key = f"once-{box.service.name}-{once}" if once >= 0 else f"c-{one.name}"
        yield key, _chip(one, name, key, x, y, wide)


def _chip(container: Container, name: str, key: str, x: float, y: float, wide: float) -> str:
    words = standing(container)
    if count := container.restart_count:
        words += f", {count} restart{'s' if count > 1 else ''}"
    pieces = [
        rect(0, 0, wide, CHIP, cls=f"{hue(container)}-tint", rx=6),
        icon_of(container, 13, CHIP / 2),
        text(26, 14, squeeze(name, 11.5, wide - 32), size=11.5, cls="bold"),
        text(26, 28, words, size=11, room=wide - 32),
    ]
    return group(pieces, key=key, x=x, y=y, cls="glide", title=f"{name}: {words}")


def draw_wire(wire: Wire) -> str:
    """Returns an arrow from a service to what it depends on; dashed while that is not ready."""
    colour = "run" if wire.need.met else "pause"
    cls = f"{colour}-line" if wire.need.met else f"{colour}-line dash"
    (x, y), *rest = wire.points
    d = f"M{number(x)} {number(y)}"
    for at, (x1, y1) in enumerate(rest):
        last = at == len(rest) - 1
        x1 += 9 if last else 0
        bend = (x + x1) / 2
        d += f"C{number(bend)} {number(y)} {number(bend)} {number(y1)} {number(x1)} {number(y1)}"
        x, y = x1, y1
    head = arrow([(x, y), (x - 9, y)], cls=f"{colour}-line", head=7)
    told = f"{wire.service} depends on {wire.need.service}: {wire.need.condition}"
    key = f"needs-{wire.service}-{wire.need.service}"
    return group([path(d, cls=cls), head], key=key, title=f"{told} ({wire.need.words})")


def draw_net(net: Net, x: float, y: float, wide: float) -> str:
    """Returns a network of the project and the services on it."""
    network = net.network
    kind = network.driver + (", internal" if network.internal else "")
    kind += ", external" if network.id and not net.own else ""
    members = ", ".join(net.members) or "nobody is on it"
    pieces = [
        rect(0, 5, 26, 7, cls=net.hue, rx=3),
        *_named(network.name, kind, 36, wide, net.hue),
        text(36, 29, members, size=11, room=wide - 36, cls="" if net.members else "dim"),
    ]
    return group(pieces, key=f"n-{network.name}", x=x, y=y, cls="glide")


def draw_store(store: Store, x: float, y: float, wide: float) -> str:
    """Returns a named volume of the project and the services that have it."""
    lone = not store.users
    users = ", ".join(store.users) or "no container has it: its data stay until it is removed"
    colour = "pause" if lone else HUES["volume"]
    pieces = [
        group([path(SIGNS["volume"], cls=f"{colour}-line")], x=12, y=12),
        *_named(store.volume.name, "named volume", 36, wide, colour),
        text(36, 29, users, size=11, room=wide - 36, cls="pause" if lone else ""),
    ]
    return group(pieces, key=f"v-{store.volume.name}", x=x, y=y, cls="glide")


def _named(name: str, kind: str, x: float, wide: float, colour: str) -> Iterator[str]:
    shown = squeeze(name, 12.5, wide - x - text_width(kind, 11) - 12)
    yield text(x, 13, shown, size=12.5, cls=f"bold {colour}")
    yield text(x + text_width(shown, 13.5) + 10, 13, kind, size=11, cls="dim")
