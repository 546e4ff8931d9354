"""Mounts: where the files of containers are, and which volumes nobody uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from course.views.engine import EngineView
from course.views.icons import hue, icon_of
from course.views.mount_layout import (
    EDGE,
    GAP,
    HEAD,
    PLACE,
    WIDTH,
    Box,
    Plan,
    Wire,
    plan,
    row_middle,
)
from course.views.mount_model import Place, clusters, mode, orphans, without
from course.views.svg import (
    circle,
    document,
    group,
    number,
    path,
    rect,
    squeeze,
    text,
    text_width,
)
from course.views.tokens import badge
from course.watch.state import Container, State

NAMED = 12  # more containers than that are counted in words, not named
TOP = 92.0
LEAST = 220.0  # height: a picture that grows pushes the page about
CHIP = 26.0
_CYLINDER = "M-8 -6A8 3 0 0 1 8 -6V7A8 3 0 0 1 -8 7ZM-8 -6A8 3 0 0 0 8 -6"
_FOLDER = "M-9 -7H-3L0 -4H9V8H-9Z"
_MEMORY = "M-7 -7H7V7H-7ZM-4 -7V-10M0 -7V-10M4 -7V-10M-4 7V10M0 7V10M4 7V10"
SIGNS = {"volume": _CYLINDER, "bind": _FOLDER, "tmpfs": _MEMORY}
HUES = {"volume": "new", "bind": "again", "tmpfs": "stop"}


class Mounts(EngineView):
    """Containers on the left, what is mounted in them on the right, orphaned volumes below."""

    title = "Mounts"

    def draw(self, state: State) -> str:
        """Returns the picture of `state` as SVG."""
        planned = plan(clusters(state), TOP)
        body = [*_headings(planned)]
        body += [_place(place, box) for place, box in planned.places]
        body += [_card(container, box) for container, box in planned.cards]
        body += map(_wire, planned.wires)
        left, y = _orphans(orphans(state), planned.bottom)
        rest, y = _rest(without(state), y)
        if not (planned.cards or left or rest):
            rest, y = [text(EDGE, TOP, "No container and no volume yet.", cls="dim")], TOP + GAP
        return document(
            [*body, *left, *rest],
            width=WIDTH,
            height=max(y + 14, LEAST),
            title=self.title,
            desc=self.tell(state),
            notice=self.notice(state),
        )

    def tell(self, state: State) -> str:
        """Returns who mounts what and which volumes are orphaned, in words."""
        mounting = [container for container in state.containers if container.mounts]
        if len(mounting) > NAMED:
            parts = [f"{len(mounting)} containers with mounts", f"{len(state.volumes)} volumes"]
        else:
            parts = [_story(container) for container in mounting] or ["nothing is mounted"]
        parts += [
            f"{_name(place)} is shared by {_listed(place.users)}"
            for cluster in clusters(state)
            for place in cluster.places
            if len(place.users) > 1 and len(mounting) <= NAMED
        ]
        left = orphans(state)
        if left:
            parts.append(f"orphaned: {_counted(left)}")
        return "; ".join(parts)


def _story(container: Container) -> str:
    told = [
        f"{_source(mount.type, mount.name, mount.source)} at {mount.target} ({mode(mount)})"
        for mount in container.mounts
    ]
    stopped = "" if container.alive else f" ({container.state})"
    return f"{container.name}{stopped} mounts {_listed(told)}"


def _source(kind: str, name: str, source: str) -> str:
    if kind == "volume":
        anonymous = len(name) == 64
        return "an anonymous volume" if anonymous else f"volume {name}"
    return {"tmpfs": "a tmpfs", "bind": f"host path {source}"}.get(kind, kind)


def _name(place: Place) -> str:
    return "an anonymous volume" if place.anonymous else place.name


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _counted(left: Sequence[Place]) -> str:
    names = [place.name for place in left if not place.anonymous]
    if len(names) > NAMED:
        names = [f"{len(names)} named volumes"]
    lone = len(left) - sum(not place.anonymous for place in left)
    if lone:
        names.append(f"{lone} anonymous volume{'s' if lone > 1 else ''}")
    return _listed(names)


def _headings(planned: Plan) -> Iterator[str]:
    yield text(EDGE, 36, "Where the files are", size=16, cls="bold")
    legend = "rw: the container may write · ro: it may only read"
    yield text(WIDTH - EDGE, 36, legend, size=11, anchor="end", cls="dim")
    for panel in planned.panels if planned.cards else ():
        left, right = "containers, and paths inside", "what is mounted there"
        yield text(panel.x, TOP - 18, left, size=11.5, cls="dim")
        yield text(panel.right, TOP - 18, right, size=11.5, cls="dim")


def _heading(words: str, y: float, cls: str, key: str) -> str:
    return group([text(0, 10, words, size=11.5, cls=cls)], key=key, x=EDGE, y=y, cls="glide")


def _wire(wire: Wire) -> str:
    (x0, y0), (x1, y1) = wire.start, wire.end
    middle = number((x0 + x1) / 2)
    curve = f"M{number(x0)} {number(y0)}C{middle} {number(y0)} {middle} {number(y1)} "
    colour = HUES.get(wire.mount.type, "stop") if wire.container.alive else "stop"
    dash = "" if wire.mount.writable else " dash"
    ends = [circle(x, y, 3, cls=colour) for x, y in (wire.start, wire.end)]
    stroke = path(f"{curve}{number(x1)} {number(y1)}", cls=f"{colour}-line{dash}")
    key = f"wire-{wire.container.name}-{wire.mount.target}"
    told = f"{wire.container.name}: {wire.mount.target} ({mode(wire.mount)})"
    return group([stroke, *ends], key=key, title=told)


def _card(container: Container, box: Box) -> str:
    colour = hue(container)
    standing = container.state if container.alive else f"{container.state} {badge(container)}"
    wide = text_width(standing, 11) + 10
    pieces = [
        rect(0, 0, box.w, box.h, cls="box", rx=8),
        rect(0, 0, box.w, HEAD - 3, cls=f"{colour}-tint", rx=8),
        icon_of(container, 14, HEAD / 2 - 1),
        text(26, 17, squeeze(container.name, 12.5, box.w - 34 - wide), size=12.5, cls="bold"),
        text(box.w - 10, 17, standing.strip(), size=11, anchor="end", cls=colour),
    ]
    for at, mount in enumerate(container.mounts):
        y = row_middle(Box(0, 0, box.w, box.h), at) + 4
        pieces.append(text(14, y, mount.target, size=11.5, room=box.w - 56, mono=True))
        pieces.append(text(box.w - 12, y, mode(mount), size=11, anchor="end", cls="bold"))
    told = f"{container.name}: {container.state}"
    return group(pieces, key=f"c-{container.name}", x=box.x, y=box.y, cls="glide", title=told)


def _place(place: Place, box: Box) -> str:
    """A volume, a path or a tmpfs; what is shared and what is orphaned says so in a word."""
    colour = "pause" if place.orphaned else HUES.get(place.type, "stop")
    frame = "pause-frame" if place.orphaned else f"{colour}-tint"
    word = "orphan" if place.orphaned else ""
    if len(place.users) > 1:
        word = f"shared by {len(place.users)}"
    wide = text_width(word, 11) + 12 if word else 0
    name = place.label if place.anonymous else squeeze(place.label, 12.5, box.w - 50 - wide)
    pieces = [
        rect(0, 0, box.w, box.h, cls=frame, rx=8),
        group([path(SIGNS.get(place.type, _MEMORY), cls=f"{colour}-line")], x=20, y=box.h / 2),
        text(
            38,
            19,
            name,
            size=12.5,
            cls="bold id" if place.anonymous else "bold",
            mono=place.anonymous,
        ),
        text(38, 36, place.kind, size=11, room=box.w - 48, cls="dim"),
    ]
    if word:
        pieces.append(text(box.w - 10, 19, word, size=11, anchor="end", cls=f"{colour} bold"))
    users = f", in {_listed(place.users)}" if place.users else ", in no container"
    told = f"{place.kind} {place.name}".rstrip() + users
    return group(pieces, key=place.key, x=box.x, y=box.y, cls="glide", title=told)


def _orphans(left: Sequence[Place], y: float) -> tuple[list[str], float]:
    if not left:
        return [], y
    words = "Orphaned volumes: no container has them, and they stay until somebody removes them"
    pieces = [_heading(words, y, "pause bold", "orphans")]
    columns, y = 4, y + 24
    wide = (WIDTH - 2 * EDGE + GAP) / columns
    for at, place in enumerate(left):
        x, top = EDGE + at % columns * wide, y + at // columns * (PLACE + GAP)
        pieces.append(_place(place, Box(x, top, wide - GAP, PLACE)))
    return pieces, y + -(-len(left) // columns) * (PLACE + GAP) + GAP


def _rest(containers: Sequence[Container], y: float) -> tuple[list[str], float]:
    if not containers:
        return [], y
    words = "Nothing mounted: what these write is in their own layer, and is removed with them"
    pieces = [_heading(words, y, "dim", "without")]
    columns, y = 6, y + 22
    wide = (WIDTH - 2 * EDGE + 8) / columns
    for at, one in enumerate(containers):
        x, top = EDGE + at % columns * wide, y + at // columns * (CHIP + 6)
        chip = [
            rect(0, 0, wide - 8, CHIP, cls=f"{hue(one)}-tint", rx=8),
            icon_of(one, 14, CHIP / 2),
            text(26, 17, squeeze(one.name, 12, wide - 42), size=12),
        ]
        told = f"{one.name}: {one.state}"
        pieces.append(group(chip, key=f"c-{one.name}", x=x, y=top, cls="glide", title=told))
    return pieces, y + -(-len(containers) // columns) * (CHIP + 6) + GAP
