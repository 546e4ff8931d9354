"""Mesh: requests to a published port, the node that took each, and the task that answered."""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pandas as pd
from IPython.display import display

from course.views.icons import icon
from course.views.mesh_layout import (
    CARD,
    EDGE,
    GATE,
    GATE_HIGH,
    HOME,
    SENDER,
    TOP,
    WIDTH,
    Band,
    Layout,
    Row,
)
from course.views.mesh_words import asked, failed, plural, tell_mesh
from course.views.svg import document, group, number, path, rect, squeeze, text
from course.views.view import WIDGET, View
from course.watch.mesh import Mesh, Replica
from course.watch.mesh_reader import Asking

TITLE = "Mesh"
_ID = re.compile("[0-9a-f]{12}")


def draw_mesh(mesh: Mesh) -> str:
    """Returns the picture as SVG."""
    layout = Layout(mesh)
    gates = layout.rows[: len(mesh.nodes)]
    body = [
        *_title(mesh),
        *(_pair(pair) for pair in layout.sent),
        *(_flow(*flow) for flow in layout.flows),
        _sender(mesh, layout),
        *(_gate(mesh, row) for row in gates),
        *(_home(mesh, row) for row in layout.rows),
    ]
    height = layout.bottom + 24
    return document(
        body, width=WIDTH, height=height, title=TITLE, desc=tell_mesh(mesh), notice=mesh.problem
    )


def _title(mesh: Mesh) -> list[str]:
    total = mesh.each * len(mesh.nodes)
    done = f"{len(mesh.requests)} of {total} have come back"
    return [
        text(EDGE, 34, TITLE, size=16, cls="bold"),
        text(EDGE + 56, 34, asked(mesh), size=12.5, cls="dim", room=660),
        text(WIDTH - EDGE, 34, done, size=12, anchor="end", cls="dim"),
        text(SENDER[0], 68, "requests", size=11.5, cls="dim"),
        text(GATE[0], 68, "the node that took them", size=11.5, cls="dim"),
        text(HOME[0], 68, "the task that answered, on its node", size=11.5, cls="dim"),
    ]


def _ribbon(band: Band, x1: float, x2: float, hue: str, cls: str = "count") -> str:
    """A band between two heights; how thick it is, is not compared: its class says so."""
    half, bend = max(band.wide, 1.2) / 2, (x1 + x2) / 2
    a, b, c, d = (
        number(y)
        for y in (band.left - half, band.right - half, band.right + half, band.left + half)
    )
    left, right, middle = number(x1), number(x2), number(bend)
    shape = (
        f"M{left} {a}C{middle} {a} {middle} {b} {right} {b}"
        f"L{right} {c}C{middle} {c} {middle} {d} {left} {d}Z"
    )
    return path(shape, cls=f"{hue}-tint thin {cls}", key=band.key)


def _pair(pair: tuple[Band, Band]) -> str:
    x1, x2 = SENDER[0] + SENDER[1], GATE[0]
    took, lost = pair
    pieces = [_ribbon(took, x1, x2, "new")] if took.count else []
    if lost.count:
        pieces.append(_ribbon(lost, x1, x2 - 9, "bad"))
        x, y = number(x2 - 14), number(lost.right - 4)
        pieces.append(path(f"M{x} {y}l8 8m0 -8l-8 8", cls="bad-line count"))
    return "".join(pieces)


def _flow(node: str, replica: Replica, band: Band) -> str:
    x1, x2 = GATE[0] + GATE[1], HOME[0] + 8
    pieces = [_ribbon(band, x1, x2, "run")]
    if band.labelled:
        pieces.append(text(x1 + 8, band.left + 3.8, band.count, size=11, cls="run bold halo count"))
    told = f"{node} to {replica.name}: {plural(band.count, 'request')}"
    return group(pieces, title=told, cls="count")


def _sender(mesh: Mesh, layout: Layout) -> str:
    x, wide = SENDER
    middle, high = (TOP + layout.bottom) / 2, max(layout.whole + 8, 60)
    total = mesh.each * len(mesh.nodes)
    box = rect(x, middle - high / 2, wide, high, cls="box count")
    return "".join(
        [
            box,
            text(x + wide / 2, middle - 3, total, size=18, anchor="middle", cls="bold"),
            text(x + wide / 2, middle + 16, "requests", size=11.5, anchor="middle", cls="dim"),
        ]
    )


def _gate(mesh: Mesh, row: Row) -> str:
    x, wide = GATE
    y, lost = row.gate, failed(mesh, row.node)
    took = mesh.taken(row.node)
    colour = "bad-tint" if lost and not took else "box"
    pieces = [
        rect(x, y, wide, GATE_HIGH, cls="card", rx=8),
        rect(x, y, wide, GATE_HIGH, cls=colour, rx=8),
    ]
    pieces.append(text(x + 12, y + 21, row.node, size=13, cls="bold", room=wide - 20))
    if took:
        pieces.append(icon("running", x + 16, y + 35))
        pieces.append(text(x + 26, y + 39, f"{took} answered", size=11.5, cls="run"))
    elif not lost:
        pieces.append(text(x + 12, y + 39, "nothing yet", size=11.5, cls="dim"))
    if lost:
        y += 17 if took else 0
        told = ", ".join(f"{count} {what}" for what, count in lost)
        pieces.append(icon("failed", x + 16, y + 35))
        pieces.append(text(x + 26, y + 39, told, size=11.5, cls="bad bold", room=wide - 34))
    return group(pieces)


def _home(mesh: Mesh, row: Row) -> str:
    x, wide = HOME
    pieces = [rect(x, row.top, wide, row.high, cls="station" if row.replicas else "ghost", rx=8)]
    head = row.node or "no task that the swarm tells of"
    if not row.replicas:
        told = f"{row.node}: no task{f' of {mesh.service}' if mesh.service else ''} here"
        pieces.append(text(x + 14, row.top + row.high / 2 + 4, told, cls="dim", room=wide - 28))
    else:
        pieces.append(text(x + 14, row.top + 16, head, size=11.5, cls="dim", room=wide - 28))
    pieces += [_card(mesh, one, x + 8, row.card(at)) for at, one in enumerate(row.replicas)]
    return group(pieces)


def _card(mesh: Mesh, replica: Replica, x: float, y: float) -> str:
    wide, count = HOME[1] - 16, mesh.answered(replica)
    colour = "run" if count else "stop"
    # Which slot is on which node is drawn by lot, as the containers' ids are.
    name = "bold id" if replica.node or _ID.fullmatch(replica.name) else "bold"
    return "".join(
        [
            rect(x, y, wide, CARD, cls="card", rx=6),
            rect(x, y, wide, CARD, cls=f"{colour}-tint", rx=6),
            text(x + 12, y + 17, squeeze(replica.name, 12.5, wide - 120), size=12.5, cls=name),
            text(x + 12, y + 32, replica.container, size=10.5, cls="dim id", mono=True),
            text(x + wide - 12, y + 17, count, size=14, anchor="end", cls=f"bold {colour} count"),
            text(x + wide - 12, y + 32, "answered", size=10.5, anchor="end", cls="dim"),
        ]
    )


class MeshView(View[Mesh]):
    """What became of requests to a published port, live while they run.

    Args:
        asking: The requests.
    """

    title = TITLE

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        super().__init__()
        self.attach(asking)

    def empty(self) -> Mesh:
        """Returns what is shown before the first request."""
        return self._asking.state

    def draw(self, state: Mesh) -> str:
        """Returns a moment as SVG."""
        return draw_mesh(state)

    def tell(self, state: Mesh) -> str:
        """Returns a moment in words."""
        return tell_mesh(state)

    def wait(self, timeout: float | None = None) -> Mesh:
        """Waits until the last request is over; returns what became of all.

        Args:
            timeout: Seconds; without them as long as the requests may take.
        """
        self._asking.wait(timeout or self._asking.longest)
        return self._settled()

    def table(self) -> pd.DataFrame:
        """Who answered how often, when all is over.

        Returns:
            Columns node (the one that took the requests), answer (the task, or the error),
            runs on, and requests: how many.
        """
        mesh = self.wait()
        rows = [
            (node, one.name, one.node, mesh.flows[node, one])
            for node in mesh.nodes
            for one in mesh.replicas
            if mesh.flows[node, one]
        ]
        rows += [(node, what, "", n) for node in mesh.nodes for what, n in failed(mesh, node)]
        order = {node: at for at, node in enumerate(mesh.nodes)}
        rows.sort(key=lambda row: order[row[0]])
        return pd.DataFrame(rows, columns=["node", "answer", "runs on", "requests"])

    def _ipython_display_(self) -> None:
        """Shows the live picture, waits for the end, and leaves its still in the notebook."""
        bundle = self._repr_mimebundle_()
        handle: Any = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        if self._state.is_over:
            return
        with contextlib.suppress(KeyboardInterrupt):  # the picture tells how far it is
            self.wait()
        if handle is not None:
            still = self._still(self._settled())._repr_mimebundle_()
            handle.update({**still, WIDGET: bundle[WIDGET]}, raw=True)
