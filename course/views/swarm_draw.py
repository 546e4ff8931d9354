"""How a node, a task, a service and the quorum of a swarm look."""

from __future__ import annotations

from collections.abc import Iterator

from course.views import swarm_words as words
from course.views.icons import icon, shape
from course.views.svg import group, hatch, line, path, rect, squeeze, text, text_width
from course.views.swarm_icons import mood, past, sign, standing
from course.views.swarm_layout import EDGE, STRIP, WIDTH, Label, Spot
from course.views.swarm_model import Card, Column
from course.watch.swarm import Swarm
from course.watch.swarm_count import Count

STAR = "M0 -5.2L1.5 -1.6L5.2 -1.4L2.3 0.9L3.3 4.5L0 2.5L-3.3 4.5L-2.3 0.9L-5.2 -1.4L-1.5 -1.6Z"
MARKS = 5  # earlier tasks that are shown; a swarm remembers five
NARROW = 130.0  # a task that has less room shows its name only
BOLD = 0.93  # of the room: bold letters are broader than those that are reckoned with
PITCH = 22.0  # from one manager to the next in the quorum


def draw_quorum(swarm: Swarm) -> str:
    """Returns a mark for each manager, and how many of them it takes."""
    if not swarm.exists:
        told = "no swarm: each engine is on its own"
        return text(WIDTH - EDGE, 36, told, size=12, anchor="end", cls="dim")
    told, colour = words.quorum(swarm), "run" if swarm.quorum else "bad"
    total = len(swarm.managers)
    x = WIDTH - EDGE - text_width(told, 12) * 1.1 - 10 - PITCH * total
    pieces = [text(WIDTH - EDGE, 36, told, size=12, anchor="end", cls=f"bold {colour}")]
    for at in range(total):
        left, mark = x + PITCH * at, "running" if at < swarm.reachable else "failed"
        cls = "run-tint" if at < swarm.reachable else "bad-tint"
        pieces.append(rect(left, 24, 15, 15, cls=cls, rx=3))
        pieces.append(icon(mark, left + 7.5, 31.5))
    if total > 1:  # as many as it takes to decide
        pieces.append(line(x, 43.5, x + PITCH * swarm.majority - 7, 43.5, cls=f"{colour}-line"))
    return group(pieces, title=told)


def draw_notice(told: str, quorum: bool, y: float) -> str:
    """Returns a strip that says what is wrong with the managers."""
    colour = "pause" if quorum else "bad"
    pieces = [
        rect(EDGE, y, WIDTH - 2 * EDGE, 26, cls=f"{colour}-tint"),
        icon("paused" if quorum else "failed", EDGE + 14, y + 13, colour),
        text(EDGE + 26, y + 17.5, told, cls=f"{colour} bold", room=WIDTH - 2 * EDGE - 36),
    ]
    return group(pieces)


def draw_strip(count: Count, colour: str, answers: bool, x: float, y: float, wide: float) -> str:
    """Returns a service: its colour, name, counts, image, ports, and an update under way.

    Args:
        count: The service and its counts.
        colour: Its hue.
        answers: Whether the managers do; if not, the counts are the last known.
        x: Of its left edge.
        y: Of its top.
        wide: Its width.
    """
    service, done = count.service, _done(count, answers)
    short = count.running < count.wanted and not service.is_job
    about = "  ".join(filter(None, [service.image, words.ports(count)]))
    room = wide - 30 - text_width(done, 12)
    pieces = [
        rect(0, 0, wide, STRIP, cls="box"),
        rect(0, 0, 6, STRIP, cls=colour, rx=3),
        text(14, 16, squeeze(service.name, 13, room * BOLD), size=13, cls="bold"),
        text(wide - 10, 16, done, anchor="end", cls="bold bad" if short else "bold"),
        text(14, 32, about, size=10.5, room=wide - 34 - _changes_width(count), cls="dim"),
        *_changes(count, wide),
    ]
    told = f"service {service.name}: {done} running {service.update_message}".rstrip()
    key, pick = f"s-{service.name}", f"service {service.name}"
    return group(pieces, key=key, x=x, y=y, cls="glide", title=told, pick=pick)


def _done(count: Count, answers: bool) -> str:
    mode = "" if count.service.mode == "replicated" else f" {count.service.mode}"
    return f"{count.running}/{count.wanted}{mode}{'' if answers else ' at last'}"


def _changes_width(count: Count) -> float:
    return text_width(words.update(count)[1], 11) * 1.1


def _changes(count: Count, wide: float) -> Iterator[str]:
    """An update or a rollback in words, and how far it is."""
    colour, told = words.update(count)
    if told:
        room, cls = wide * 0.6, f"bold {colour}"
        yield text(wide - 10, 32, told, size=11, room=room, anchor="end", cls=cls)
    if count.service.is_updating and count.wanted:
        part = (wide - 12) * count.fresh / count.wanted
        yield rect(8, STRIP - 4, wide - 12, 3, cls="panel", rx=1)
        yield rect(8, STRIP - 4, part, 3, cls=colour, rx=1)


def draw_column(column: Column, answers: bool, x: float, y: float, wide: float, high: float) -> str:
    """Returns a node without its tasks; `answers` is whether the managers do."""
    role, state = words.role(column, answers)[1], words.state(column, answers)[1]
    gone = words.state(column, answers)[0] == "bad"
    frame = "station empty" if gone or column.member is None else "station"
    pieces = [rect(0, 0, wide, high, cls=frame, rx=8)]
    if gone:
        pieces.append(hatch(1, 1, wide - 2, high - 2, cls="rule", step=14))
    pieces.append(text(12, 21, squeeze(column.name, 14, wide * 0.5), size=14, cls="bold"))
    if wide > 190:
        address = column.host.address
        pieces.append(text(wide - 10, 21, address, size=10.5, anchor="end", cls="dim", mono=True))
    pieces += [*_role(column, answers, wide), *_state(column, answers, wide)]
    key, pick = f"n-{column.name}", f"node {column.name}"
    told = f"{column.name}: {role}, {state}"
    return group(pieces, key=key, x=x, y=y, cls="glide", title=told, pick=pick)


def _role(column: Column, answers: bool, wide: float) -> Iterator[str]:
    colour, told = words.role(column, answers)
    left, cls = 12.0, f"bold {colour}"
    if answers and column.member is not None and column.member.leader:
        yield group([path(STAR, cls="new")], x=17, y=36)
        left = 26.0
    if wide < NARROW:  # what is odd about it matters more than that it is a manager
        told = told.removeprefix("manager, ")
    yield text(left, 40, told, size=11.5, room=(wide - left - 8) * BOLD, cls=cls)


def _state(column: Column, answers: bool, wide: float) -> Iterator[str]:
    colour, told = words.state(column, answers)
    if told:
        mark = {"run": "running", "pause": "paused", "bad": "failed"}.get(colour, "exited")
        yield icon(mark, 17, 53, colour)
        yield text(27, 57, told, size=11.5, room=wide - 34, cls=colour)


def draw_label(label: Label) -> str:
    """Returns the line above tiles."""
    pieces = [
        rect(label.x, label.y - 8, 9, 9, cls=label.hue, rx=2),
        text(label.x + 14, label.y, label.words, size=11, room=label.room - 16),
    ]
    return group(pieces, cls="id")  # how many a node gets is the scheduler's choice


def draw_task(spot: Spot, column: Column | None) -> str:
    """Returns a task at its spot."""
    card, how = spot.card, standing(spot.card, column)
    colour, mark = mood(card, column)
    told = f"{card.name}: {how}"
    if card.note:
        told += f", {card.note}"
    if card.past:
        told += "; before: " + ", ".join(past(task) for task in card.past[:MARKS])
    if spot.size == "tile":  # one of hundreds: as few elements as can be
        body = [_tile(card, colour, spot), shape(mark, colour)]
        x, y = spot.x + spot.w / 2, spot.y + spot.h / 2
        return group(body, key=card.key, x=x, y=y, cls="glide lot", title=told)
    place, words_of = _SIZES[spot.size]
    # Which slot is the first that an update gets at, and so what was in it, is drawn by lot.
    drawn = "" if card.service.update in ("", "completed") else " drawn"
    body = [*_body(card, colour, spot), icon(mark, *place, colour)]
    body += words_of(card, colour, spot, how)
    pick = f"service {card.service.name}"
    cls = f"glide lot{drawn}"
    return group(body, key=card.key, x=spot.x, y=spot.y, cls=cls, title=told, pick=pick)


def _tile(card: Card, colour: str, spot: Spot) -> str:
    frame = "ghost" if card.is_leaving else f"{colour}-tint"
    return rect(-spot.w / 2, -spot.h / 2, spot.w, spot.h, cls=frame, rx=3)


def _body(card: Card, colour: str, spot: Spot) -> Iterator[str]:
    if card.past:
        yield rect(2.5, 2.5, spot.w, spot.h, cls="ghost")
    yield rect(0, 0, spot.w, spot.h, cls="panel" if card.is_leaving else "box")
    yield rect(0, 0, spot.w, spot.h, cls="ghost" if card.is_leaving else f"{colour}-tint")
    yield rect(0, 0, 5, spot.h, cls=card.hue, rx=2.5)


def _card(card: Card, colour: str, spot: Spot, how: str) -> Iterator[str]:
    marks = card.past[:MARKS][::-1]
    yield text(
        28,
        15.5,
        squeeze(card.name, 12, (spot.w - 40 - 11 * len(marks)) * BOLD),
        size=12,
        cls="bold",
    )
    told = f"{how}: {card.note}" if card.note else how
    cls = "dim" if card.is_leaving else "bad" if colour == "bad" else ""
    yield text(28, 30.5, told, size=11, room=spot.w - 34, cls=cls)
    for at, task in enumerate(marks):
        yield group([sign(task, 0, 0)], x=spot.w - 9 - 11 * (len(marks) - 1 - at), y=11)


def _small(card: Card, colour: str, spot: Spot, how: str) -> Iterator[str]:
    # Where there is little room the shape has to tell how it is: the name is told by nothing else.
    note = "" if how in ("running", "pending") or spot.w < NARROW else how
    if not note and card.past and spot.w >= NARROW:
        note = f"+{len(card.past)}"
    wide = min(text_width(note, 10.5), spot.w * 0.55) if note else 0
    yield text(24, 15, squeeze(card.name, 11, (spot.w - 32 - wide) * BOLD), size=11, cls="bold")
    if note:
        yield text(spot.w - 5, 15, note, size=10.5, room=wide + 1, anchor="end", cls="dim")


# Where the shape of a task's state stands, and what words go with it.
_SIZES = {"card": ((16.0, 19.0), _card), "small": ((14.0, 11.0), _small)}


def draw_lane(y: float, bottom: float) -> str:
    """Returns the lane of tasks that wait."""
    pieces = [
        rect(EDGE, y, WIDTH - 2 * EDGE, bottom - y, cls="station empty", rx=8),
        icon("paused", EDGE + 16, y + 13),
        text(EDGE + 27, y + 17, "Waiting for a node", size=11.5, cls="bold pause"),
    ]
    return group(pieces, key="lane")
