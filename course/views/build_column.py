"""One build as a column: its head, its steps, the layers beside them, and why it failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from course.views.build_marks import HUES, WORDS, mark
from course.views.svg import group, line, rect, shorten, text, text_width, wrap
from course.watch.build import BUILDKIT, MAKES_LAYERS, Build, Step
from course.watch.frames import size

GUTTER = 40.0
TALL, SLIM, HEAD = 42.0, 25.0, 26.0
LINES_DRAWN = 5  # of a step that failed: its last ones
MOST = 24  # steps; of more, the first ones are counted, not drawn
Place = tuple[float, float, float]
"""Left and right edge of a layer's box, and the middle of its height."""


@dataclass
class Column:
    """A column as drawn.

    Attributes:
        bottom: Where it ends.
        places: Digest of each layer drawn → where its box is.
    """

    pieces: list[str] = field(default_factory=list)
    bottom: float = 0.0
    places: dict[str, Place] = field(default_factory=dict)


def draw_build(
    build: Build, x: float, width: float, shared: frozenset[str], most: int, name: str
) -> Column:
    """Returns the column of a build.

    Args:
        build: The build, under way or over.
        x: Its left edge.
        width: In pixels.
        shared: Digests of layers that another column has, too.
        most: Bytes that are as wide as a layer's box.
        name: What it is called where it has no tag.
    """
    column = Column(_head(build, x, width, name), 92.0)
    hidden = max(len(build.steps) - MOST, 0)
    if hidden:
        column.pieces.append(text(x, column.bottom + 12, f"… {hidden} earlier steps", cls="dim"))
        column.bottom += SLIM
    rows = _Rows(build, x, width, shared, max(most, 1))
    numbered = list(enumerate(build.steps, 1))[hidden:]
    stages = len({step.stage for step in build.steps})
    for stage, steps in groupby(numbered, key=lambda pair: pair[1].stage):
        mine = list(steps)
        if stages > 1:
            column.pieces.append(_stage(stage, mine[0][1].is_left, x, column.bottom))
            column.bottom += HEAD
        for number, step in mine:
            rows.draw(number, step, column)
    _rest(build, x, column)
    _failure(build, x, width, column)
    return column


def tell_build(build: Build, name: str) -> str:
    """Returns a build in words, without sizes and times."""
    told = build.name or name
    told += f" ({build.builder}): " if build.builder else ": "
    if not build.builder:
        made = sum(bool(step.layers) for step in build.steps)
        return f"{told}{made} layers from {len(build.steps)} steps"
    told += "; ".join(f"{_brief(step.instruction)}: {WORDS[step.state]}" for step in build.steps)
    if not build.steps:
        told += "no step yet" if not build.is_over else "no step begun"
    if build.problem:
        told += f". {build.explain()}"
    return told.rstrip(". ")


def _brief(instruction: str) -> str:
    return shorten(instruction, 1, 40)


def _head(build: Build, x: float, width: float, name: str) -> list[str]:
    builder = build.builder or "finished image"
    room = width - text_width(builder, 12) - 24
    pieces = [
        text(x, 36, build.name or name, size=15, cls="bold", room=room),
        text(x + width, 36, builder, size=12, cls="dim", anchor="end"),
        line(x, 78, x + width, 78, cls="rule"),
    ]
    return pieces + _facts(build, x, width)


def _facts(build: Build, x: float, width: float) -> list[str]:
    at, pieces = x, []
    step = min(width / 3, 170)
    if build.context is not None:
        pieces += _fact("context", size(build.context), at, "size")
    elif build.builder == BUILDKIT and build.layers:
        pieces += _fact("context", "not sent", at, "")
    if build.builder and not build.is_over:
        begun = sum(step.state != "waiting" for step in build.steps)
        steps = f"step {begun} of {build.total}" if build.total else "starting"
        pieces.append(text(at + step, 62, steps, size=12, cls="bold new time"))
    elif build.seconds is not None:
        pieces += _fact("took", f"{build.seconds:.1f} s", at + step, "time")
    if build.size is not None:
        place = at + 2 * step if build.builder else at
        pieces += _fact("image", size(build.size), place, "size")
    elif build.problem:
        pieces.append(text(at + 2 * step, 62, "no image", size=12, cls="bold bad"))
    return pieces


def _fact(name: str, value: str, x: float, cls: str) -> list[str]:
    offset = text_width(name, 11) + 6
    return [
        text(x, 62, name, size=11, cls="dim"),
        text(x + offset, 62, value, size=12, cls=f"bold {cls}"),
    ]


def _stage(name: str, is_left: bool, x: float, y: float) -> str:
    told = f"stage {name}" + (": not part of the image" if is_left else "")
    return text(x, y + 14, told, size=11.5, cls="dim bold")


class _Rows:
    """Draws steps one below the other."""

    def __init__(
        self, build: Build, x: float, width: float, shared: frozenset[str], most: int
    ) -> None:
        self.build, self.x, self.width, self.shared, self.most = build, x, width, shared, most
        self.box = 290.0 if width > 600 else 152.0
        self.left = x + width - self.box

    def draw(self, number: int, step: Step, column: Column) -> None:
        tall = step.verb == "FROM" or step.verb in MAKES_LAYERS or bool(step.layers)
        height = TALL if tall or step.state in ("running", "failed") else SLIM
        y = column.bottom
        pieces = list(self._tall(step, y) if height == TALL else self._slim(step, y))
        if height == TALL:
            pieces += self._layer(step, y, column)
        title = f"{number}. {step.instruction}"
        column.pieces.append(group(pieces, key=f"step-{self.x:.0f}-{number}", title=title))
        column.bottom += height

    def _tall(self, step: Step, y: float) -> Iterator[str]:
        hue, word = HUES[step.state], WORDS[step.state]
        room = self.left - self.x - 36
        yield mark(step.state, self.x + 9, y + 19)
        cls = "dim" if step.state == "waiting" else ""
        base = y + 16 if word else y + 24
        yield text(self.x + 26, base, step.instruction, size=11.5, room=room, mono=True, cls=cls)
        yield text(self.x + 26, y + 32, word, size=11, cls=f"bold {hue}")
        at = self.x + 34 + text_width(word, 12)
        if step.state == "running" and step.said:
            said = step.said[-1]
            yield text(at, y + 32, said, size=10.5, room=self.left - at - 10, cls="dim time")
        elif step.seconds is not None and step.state != "cached":
            yield text(at, y + 32, f"{step.seconds:.1f} s", size=11, cls="dim time")

    def _slim(self, step: Step, y: float) -> Iterator[str]:
        hue, word = HUES[step.state], WORDS[step.state]
        yield mark(step.state, self.x + 9, y + 12)
        room = self.left - self.x - 36
        yield text(self.x + 26, y + 16, step.instruction, size=11, room=room, mono=True, cls="dim")
        told = f"{word}, no layer" if word else "no layer"
        yield text(self.left + 10, y + 16, told, size=11, cls=f"{hue}")

    def _layer(self, step: Step, y: float, column: Column) -> list[str]:
        if step.size is None:
            return self._unknown(step, y)
        if not step.layers:
            return [text(self.left + 10, y + 22, "no layer", size=11, cls="dim")]
        shared = self._is_shared(step)
        hue = "again" if shared else "stop" if step.verb == "FROM" or step.is_left else "new"
        key = step.layer or (self._base(step) if step.verb == "FROM" else "")
        if key and not step.is_left:
            column.places[key] = (self.x, self.x + self.width, y + 20)
        what = f"{step.layers} layers" if step.layers > 1 else "layer"
        what = f"shared {what}" if shared else what
        share = min(step.size / self.most, 1)
        bar = rect(self.left, y + 4, max(share * self.box, 3), 32, cls=f"{hue} size faint", rx=5)
        return [
            rect(self.left, y + 4, self.box, 32, cls="box", rx=5),
            group([f'<g opacity=".45">{bar}</g>']),
            rect(self.left, y + 4, self.box, 32, cls=f"{hue}-tint", rx=5),
            text(self.left + 10, y + 24, what, size=11),
            text(self.left + self.box - 10, y + 24, size(step.size), anchor="end", cls="bold size"),
        ]

    def _unknown(self, step: Step, y: float) -> list[str]:
        if self.build.is_over:
            return []
        return [rect(self.left, y + 4, self.box, 32, cls="ghost", rx=5)]

    def _base(self, step: Step) -> str:
        layers = self.build.layers[: step.layers]
        return layers[-1] if layers else ""

    def _is_shared(self, step: Step) -> bool:
        if step.is_left:
            return False
        if step.verb == "FROM":
            base = self.build.layers[: step.layers]
            return bool(base) and self.shared.issuperset(base)
        return step.layer in self.shared


def _rest(build: Build, x: float, column: Column) -> None:
    left = build.total - len(build.steps)
    if left <= 0:
        return
    steps = "1 more step" if left == 1 else f"{left} more steps"
    told = f"{steps}, not reached" if build.is_over else f"… {steps}"
    column.pieces.append(text(x + 26, column.bottom + 14, told, size=11, cls="dim"))
    column.bottom += SLIM


def _failure(build: Build, x: float, width: float, column: Column) -> None:
    """The paragraph, and the last words of the step that failed."""
    lines = [(words, False) for words in wrap(build.explain(), 12, width - 28)]
    if build.problem and build.failed:
        lines += [(words, True) for words in build.failed[1].said[-LINES_DRAWN:]]
    if build.note and not build.problem:
        lines = [(words, False) for words in wrap(build.note, 12, width - 28)]
    if not lines:
        return
    y, height = column.bottom + 8, 18.0 * len(lines) + 16
    hue = "bad" if build.problem else "pause"
    column.pieces.append(rect(x, y, width, height, cls=f"{hue}-tint", rx=8))
    column.pieces += _lines(lines, x + 14, y + 22, width - 28)
    column.bottom = y + height


def _lines(lines: Sequence[tuple[str, bool]], x: float, y: float, room: float) -> Iterator[str]:
    for number, (words, output) in enumerate(lines):
        # What a program printed holds times and names drawn by lot: it is shown, not compared.
        cls = "time" if output else ""
        size = 11 if output else 12
        yield text(x, y + 18 * number, words, size=size, room=room, mono=output, cls=cls)
