"""A container's files as a stack: its writable layer on the layers of its image."""

from __future__ import annotations

from collections.abc import Sequence

from course.views.svg import group, line, rect, text
from course.watch.anatomy import Layer

STACK = 440.0  # pixels, its width
ROW, SLIM = 34.0, 20.0
MOST_STEPS = 14
UNITS = ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB"))


def draw_stack(layers: Sequence[Layer], writable: int, x: float) -> tuple[list[str], float]:
    """Returns the writable layer and the image's below it, and where they end.

    Args:
        layers: The image's steps, the newest first.
        writable: Bytes in the writable layer.
        x: Where its left edge is.
    """
    pieces = [
        text(x, 62, "Its files", size=13, cls="bold"),
        rect(x, 72, STACK, 46, cls="new-tint", rx=8),
        text(x + 14, 92, "Writable layer", size=13, cls="bold new"),
        text(x + 14, 109, "whatever it writes; goes when it is removed", size=11, cls="dim"),
        text(x + STACK - 14, 99, bytes_text(writable), anchor="end", cls="bold size"),
    ]
    y = 146.0
    pieces.append(
        text(x, y - 8, "Image, read-only, shared by all its containers:", size=11, cls="dim")
    )
    steps = layers[:MOST_STEPS]
    for number, layer in enumerate(steps):
        pieces.append(_step(layer, x, y, f"layer-{len(layers) - number}"))
        y += (ROW if layer.size else SLIM) + 4
    rest = layers[MOST_STEPS:]
    if rest:
        size = bytes_text(sum(layer.size for layer in rest))
        pieces.append(
            text(x + 14, y + 14, f"… {count(len(rest), 'earlier step')}, {size}", cls="dim")
        )
        y += SLIM
    return pieces, y


def _step(layer: Layer, x: float, y: float, key: str) -> str:
    """A layer is a box; a step that changed no file is a line of text: it made no layer."""
    command = _instruction(layer.command)
    if not layer.size:
        slim = text(x + 26, y + 14, command, size=10.5, room=STACK - 50, mono=True, cls="dim")
        mark = line(x + 14, y + 10, x + 21, y + 10)
        return group([mark, slim], key=key, title=layer.command)
    pieces = [
        rect(x, y, STACK, ROW, cls="box", rx=6),
        text(x + 14, y + 21.5, command, size=11.5, room=STACK - 110, mono=True),
        text(x + STACK - 14, y + 21.5, bytes_text(layer.size), anchor="end", cls="size"),
    ]
    return group(pieces, key=key, title=layer.command)


def _instruction(command: str) -> str:
    """The Dockerfile's words: history wraps them in the builders' own."""
    plain = command.removeprefix("/bin/sh -c ").strip()
    if plain.startswith("#(nop)"):
        return plain.removeprefix("#(nop)").strip()
    plain = plain.replace("RUN /bin/sh -c ", "RUN ", 1)
    return plain.removesuffix("# buildkit").strip() or "imported file system"


def bytes_text(size: float) -> str:
    """Returns bytes in words, as "12.3 MiB"."""
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
    return f"{size:.0f} B"


def count(number: int, what: str) -> str:
    """Returns "1 layer", "2 layers"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
