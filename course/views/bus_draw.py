"""How a bus, a container on it and a published port look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from course.views.bus_layout import (
    FOOT,
    GUEST,
    HEAD,
    INSET,
    LABEL,
    LINE,
    MORE,
    NAMES,
    ROW,
    Card,
    Grid,
    Section,
)
from course.views.bus_model import SHORT, Bus, Hanging
from course.views.bus_wires import CHIP, TALL, Wire
from course.views.icons import hue, icon_of
from course.views.svg import circle, group, number, path, rect, shorten, squeeze, text, text_width
from course.watch.state import Container, Port


def draw_section(section: Section, grid: Grid) -> str:
    """Returns a network: the area in which its names hold, its label and its bus."""
    bus, y = section.bus, section.line - section.y
    left = -LABEL if grid.banded else 0
    label = _beside(section) if grid.banded else _above(section, grid)
    pieces = [rect(left, 0, section.w - left, section.h, cls="panel", rx=10), *label]
    if bus.is_line:
        start, end = section.start - section.x, section.end - section.x
        pieces.append(rect(start, y - 3, end - start, 6, cls=bus.hue, rx=3))
        if bus.network.internal:  # walls at both ends
            pieces += [rect(x - 2, y - 8, 4, 16, cls=bus.hue, rx=1) for x in (start, end)]
    told = f"{bus.network.name}: {bus.kind}. {bus.dns}"
    key = f"n-{bus.network.name}"
    return group(pieces, key=key, x=section.x, y=section.y, cls="glide", title=told)


# A subnet differs from run to run: it is alone in its element, and nothing depends on its width.


def _beside(section: Section) -> Iterator[str]:
    bus, x, room = section.bus, 12 - LABEL, LABEL - 24
    yield text(x, 20, squeeze(bus.network.name, 13, room), size=13, cls=f"bold {bus.hue}")
    yield text(x, 36, bus.kind, size=11, room=room, cls="dim")
    for subnet in bus.network.subnets[:1]:
        yield text(x, 51, subnet, size=11, mono=True, cls="dim")
    top = NAMES if bus.network.subnets else NAMES - 15
    yield from _names(section.names(True, 0), x, top, room)


def _above(section: Section, grid: Grid) -> Iterator[str]:
    """Each text keeps to one column: wires run in the gaps between."""
    bus, room = section.bus, section.column
    kind = "internal" if bus.network.internal else bus.kind
    wide = min(text_width(kind, 10.5) + 8, room / 2)
    name = squeeze(bus.network.name, 12.5, room - wide)
    yield text(INSET, 19, name, size=12.5, cls=f"bold {bus.hue}")
    yield text(INSET + room, 19, kind, size=10.5, room=wide, anchor="end", cls="dim")
    for subnet in bus.network.subnets[:1]:
        yield text(INSET, 34, subnet, size=10.5, mono=True, cls="dim")
    x, top = (INSET, 49) if section.first == section.last else (grid.pitch + INSET, 19)
    yield from _names(section.names(False, room), x, top, room)


def _names(lines: Sequence[str], x: float, top: float, room: float) -> Iterator[str]:
    for at, words in enumerate(lines):
        yield text(x, top + at * LINE, words, size=11, room=room)


def draw_wire(wire: Wire) -> str:
    """Returns the way from a container to a bus or to the edge."""
    name = wire.card.hanging.container.name
    alive = wire.card.hanging.container.alive
    d = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in wire.points)
    x, y = wire.points[-1]
    if wire.section is None:
        return group([path(d, cls="line"), circle(x, y, 3, cls="dot")], key=_edge_key(wire))
    colour = wire.section.bus.hue
    dash = "" if alive else " dash"
    pieces = [path(d, cls=f"{colour}-line{dash}"), circle(x, y, 4.5, cls=colour)]
    bus = wire.section.bus.network.name
    # A colon is in no name: "web" on "app-net" is not "web-app" on "net".
    key = f"wire-{name}:{bus}" if "-" in bus else f"wire-{name}-{bus}"
    return group(pieces, key=key, title=f"{name} on {bus}")


def _edge_key(wire: Wire) -> str:
    """One port inside may lead to several of the host's: those after the first count on."""
    hanging, port = wire.card.hanging, wire.port
    if port is None:
        return hanging.container.name
    before = hanging.ports[: wire.row - len(hanging.hooks)]
    same = sum((one.private, one.protocol) == (port.private, port.protocol) for one in before)
    key = f"wire-{hanging.container.name}-{port.private}/{port.protocol}"
    return f"{key}-{same}" if same else key


def draw_chip(wire: Wire, top: float) -> str:
    """Returns a published port at the edge: its side on the host, and whose it is."""
    port, name = wire.port, wire.card.hanging.container.name
    if port is None:
        return ""
    inside = f"{port.private}/{port.protocol}"
    whose = squeeze(name, 10.5, CHIP - 30 - text_width(inside, 10.5))
    pieces = [
        rect(0, 0, CHIP, TALL, cls="box", rx=7),
        text(CHIP / 2, 15, outside(port), size=11, anchor="middle", cls="bold", mono=True),
        text(CHIP / 2, 29, f"→ {whose} {inside}", size=10.5, anchor="middle"),
    ]
    key = f"port-{name}-{port.private}/{port.protocol}-{wire.row}"
    told = f"a port of the Docker host leads to {inside} of {name}"
    return group(pieces, key=key, x=wire.chip - CHIP / 2, y=top, cls="glide", title=told)


def outside(port: Port) -> str:
    """Returns a port on the host's side, as "0.0.0.0:8080"."""
    ip = f"[{port.ip}]" if port.ip and ":" in port.ip else port.ip or "0.0.0.0"
    return f"{ip}:{port.public}"


def draw_card(card: Card, buses: Sequence[Bus]) -> str:
    """Returns a container: its name, its address on each bus, its published ports."""
    one = card.hanging.container
    colour = hue(one)
    pieces = [
        rect(0, 0, card.w, card.h, cls="box", rx=8),
        rect(0, 0, card.w, HEAD - 3, cls=f"{colour}-tint", rx=8),
        icon_of(one, 13, HEAD / 2 - 1.5),
        text(24, 15.5, squeeze(one.name, 12, card.w - 32), size=12, cls="bold"),
    ]
    rows = [*_hooks(card.hanging, buses, card.w), *_ports(card.hanging.ports, card.w)]
    for at, row in enumerate(rows):
        pieces.append(group([row], x=0, y=HEAD + ROW * at + 12))
    y = card.h
    for guest in card.hanging.guests:
        pieces.append(_guest(guest, one.name, card.w, y))
        y += GUEST
    # By default the host name is the short id, which differs from run to run.
    own = one.hostname not in ("", one.id[:SHORT]) and one.network_mode != "host"
    told = f"{one.name}: {one.state}" + (f", host name {one.hostname}" if own else "")
    return group(pieces, key=f"c-{one.name}", x=card.x, y=card.y, cls="glide", title=told)


def _hooks(hanging: Hanging, buses: Sequence[Bus], wide: float) -> Iterator[str]:
    one = hanging.container
    for hook in hanging.hooks:
        bus = buses[hook.bus]
        words = hook.address or _without_address(one, bus)
        mono, cls = bool(hook.address), "" if hook.address else "dim"
        pieces = [text(9, 0, words, size=10.5 if mono else 11, mono=mono, cls=cls)]
        if len(hanging.hooks) > 1:
            name = shorten(bus.network.name, 10, wide - (98 if hook.address else 72))
            if len(name) > 4 or name == bus.network.name:  # else the wire alone has to tell
                pieces.append(text(wide - 8, 0, name, size=10, anchor="end", cls=bus.hue))
        yield "".join(pieces)


def _without_address(container: Container, bus: Bus) -> str:
    if bus.network.driver == "host":
        return "the host's addresses"
    if bus.network.driver == "null":
        return "only its own lo"
    return "no address" if container.alive else container.state


def _ports(ports: Sequence[Port], wide: float) -> Iterator[str]:
    for port in ports[:MORE]:
        words = f"{outside(port)}→{port.private}/{port.protocol}"
        yield text(9, 0, words, size=10, room=wide - 12, mono=True)


def _guest(guest: Container, host: str, wide: float, y: float) -> str:
    """A container that lives in the network of the one above it."""
    told = f"{guest.name}: {guest.state}, in the network of {host}"
    pieces = [
        path(f"M14 0V{number(FOOT)}", cls="line"),
        rect(6, FOOT - 1, wide - 12, GUEST - FOOT + 1, cls=f"{hue(guest)}-tint", rx=6),
        icon_of(guest, 18, FOOT + 9),
        text(29, FOOT + 13, f"{squeeze(guest.name, 11, wide - 94)} shares it", size=11),
    ]
    return group(pieces, key=f"c-{guest.name}", x=0, y=y, cls="glide", title=told)
