"""Swarm: nodes as columns, tasks as cards that move between them, services, and the quorum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ipywidgets

from course.views import swarm_words as words
from course.views.sampled import UNREAD, SampledView
from course.views.svg import document, text
from course.views.swarm_controls import SwarmControls
from course.views.swarm_draw import (
    draw_column,
    draw_label,
    draw_lane,
    draw_notice,
    draw_quorum,
    draw_strip,
    draw_task,
)
from course.views.swarm_layout import EDGE, MOST, TOP, WIDTH, Plan, plan
from course.views.swarm_model import Scene, read
from course.views.view import Act
from course.watch.sampler import Sample
from course.watch.swarm import Swarm

LEAST = 300.0  # height: a picture that grows pushes the page about


class SwarmView(SampledView[Swarm]):
    """The lab's nodes, in a swarm or not, what each runs, and buttons.

    Args:
        act: Called by the buttons as `act("drain", "node2")`; without it there are none.
    """

    title = "Swarm"

    def __init__(self, act: Act | None = None) -> None:
        self._controls: SwarmControls | None = None
        self._drawn: tuple[Swarm, str, str] | None = None
        super().__init__(act)

    def empty(self) -> Sample[Swarm]:
        """Returns what is shown before anything is read."""
        return Sample(Swarm(), unread=True)

    def draw(self, state: Sample[Swarm]) -> str:
        """Returns the picture of a reading as SVG; of the same reading, the same string."""
        if state.unread:
            return _draw_unread(self.notice(state))
        swarm, notice, drawn = state.value, self.notice(state), self._drawn
        if drawn is None or drawn[0] is not swarm or drawn[1] != notice:
            drawn = self._drawn = swarm, notice, draw_swarm(swarm, notice)
        return drawn[2]

    def tell(self, state: Sample[Swarm]) -> str:
        """Returns nodes, services and quorum in words, without ids and addresses."""
        if state.unread:
            return self.unread(state)
        return words.tell(read(state.value))

    def controls(self) -> Sequence[ipywidgets.Widget]:
        """Makes the choices of a service and of a node, and a button for each command."""
        if self.act is None:
            return ()
        self._controls = SwarmControls(self.act)
        return [self._controls.box]

    def refresh(self, state: Sample[Swarm]) -> None:
        """Enables the buttons that are legal as it is."""
        if self._controls is not None:
            self._controls.refresh(state.value)

    def picked(self, name: str) -> None:
        """Chooses the service or the node that was clicked."""
        if self._controls is not None:
            self._controls.choose(name)


def draw_swarm(swarm: Swarm, notice: str = "") -> str:
    """Returns the picture as SVG.

    Args:
        swarm: What was read.
        notice: What is wrong with the reading.
    """
    scene = read(swarm)
    problem = words.notice(swarm)
    planned = plan(scene, TOP + (34 if problem else 0))
    body = [_heading(), draw_quorum(swarm)]
    if problem:
        body.append(draw_notice(problem, swarm.quorum, TOP - 8))
    body += _body(scene, planned)
    bottom = planned.bottom
    for told in _foot(scene):
        bottom += 20
        body.append(text(EDGE, bottom, told, size=11, room=WIDTH - 2 * EDGE, cls="dim"))
    return document(
        body, width=WIDTH, height=max(bottom + 16, LEAST), title=SwarmView.title,
        desc=words.tell(scene), notice=notice,
    )  # fmt: skip


def _heading() -> str:
    return text(EDGE, 36, SwarmView.title, size=16, cls="bold")


def _draw_unread(notice: str) -> str:
    """Returns the picture before the first reading: whether there is a swarm is not known."""
    body = [_heading(), text(EDGE, TOP, UNREAD, cls="dim")]
    return document(
        body, width=WIDTH, height=LEAST, title=SwarmView.title, desc=UNREAD, notice=notice
    )


def _body(scene: Scene, planned: Plan) -> Iterator[str]:
    for count, place in zip(scene.counts, planned.strips, strict=False):
        yield draw_strip(count, scene.hues[count.service.id], scene.swarm.answers, *place)
    for column, x, wide in planned.columns:
        yield draw_column(column, scene.swarm.answers, x, planned.top, wide, planned.high)
    if planned.lane:
        yield draw_lane(planned.lane, planned.bottom)
    for told, x, y in planned.reasons:
        yield text(x, y, told, size=11.5, room=WIDTH - EDGE - x - 10)
    yield from map(draw_label, planned.labels)
    columns = {column.host.member: column for column in scene.columns if column.member}
    yield from (draw_task(spot, columns.get(spot.card.task.node)) for spot in planned.spots)


def _foot(scene: Scene) -> Iterator[str]:
    if more := scene.counts[MOST:]:
        yield "Services besides: " + ", ".join(one.service.name for one in more)
    if scene.former:
        yield f"docker node ls lists besides: {words.former(scene)}"
    if any(card.past for column in scene.columns for card in column.cards):
        yield "Marks at the right of a task, or behind it: the tasks that were in its slot before."
