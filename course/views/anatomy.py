"""Anatomy: one container taken apart, as a picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from course.views.sampled import SampledView
from course.views.stack import bytes_text, count, draw_stack
from course.views.svg import arrow, document, group, hatch, rect, text
from course.watch.anatomy import Anatomy, Gauge, Namespace
from course.watch.sampler import Sample, Sampler

WIDTH = 960
LEFT, RIGHT = 24.0, 500.0
FRESH = 1.0  # seconds that the first reading counts as one of now
SEES = {
    "pid": "which processes it sees",
    "net": "interfaces, addresses, ports",
    "mnt": "which files it sees",
    "uts": "its host name",
    "ipc": "shared memory, queues",
    "cgroup": "its view of the limits",
    "user": "which user ids it has",
    "time": "its view of the clock",
}
ORDER = list(SEES)


def draw_anatomy(anatomy: Anatomy, notice: str = "") -> str:
    """Returns the picture as SVG; `notice` is what is wrong with it."""
    stack, left = draw_stack(anatomy.layers, anatomy.writable, LEFT)
    parts, right = _process(anatomy, 70)
    spaces, right = _namespaces(anatomy.namespaces, right)
    limits, right = _limits(anatomy, right)
    head = [
        text(LEFT, 34, anatomy.name, size=16, cls="bold", room=440),
        text(
            WIDTH - LEFT, 34, f"{anatomy.image} · {anatomy.state}", size=13, anchor="end", cls="dim"
        ),
    ]
    return document(
        [*head, *stack, *parts, *spaces, *limits],
        width=WIDTH,
        height=max(left, right) + 18,
        title=f"Anatomy of {anatomy.name}",
        desc=tell_anatomy(anatomy),
        notice=notice,
    )


def tell_anatomy(anatomy: Anatomy) -> str:
    """Returns the picture in words."""
    layers = sum(layer.size > 0 for layer in anatomy.layers)
    told = f"{anatomy.name} ({anatomy.state}): a writable layer on {count(layers, 'layer')}"
    told += f" of {anatomy.image}"
    if not anatomy.namespaces:
        return f"{told}; no process"
    own = [s.name for s in _sorted(anatomy.namespaces) if not s.host and not s.shared]
    shared = [f"{s.name} {_owner(s)}" for s in _sorted(anatomy.namespaces) if s.host or s.shared]
    told += f"; its own namespaces: {', '.join(own) or 'none'}"
    return told + (f"; {'; '.join(shared)}" if shared else "")


def _process(anatomy: Anatomy, y: float) -> tuple[list[str], float]:
    pieces = [
        text(RIGHT, y - 8, "Its process", size=13, cls="bold"),
        rect(
            RIGHT, y + 2, WIDTH - LEFT - RIGHT, 46, cls="run-tint" if anatomy.pid else "box", rx=8
        ),
    ]
    if not anatomy.pid:
        pieces.append(text(RIGHT + 14, y + 30, "none: the container does not run", cls="dim"))
        return pieces, y + 78
    pieces += [
        text(RIGHT + 14, y + 30, anatomy.command, size=12, room=190, mono=True),
        text(RIGHT + 246, y + 22, "on the host", size=10.5, cls="dim"),
        text(RIGHT + 246, y + 38, f"PID {anatomy.pid}", cls="bold inode"),
        arrow([(RIGHT + 328, y + 26), (RIGHT + 350, y + 26)]),
        text(RIGHT + 358, y + 22, "inside", size=10.5, cls="dim"),
        text(RIGHT + 358, y + 38, f"PID {anatomy.inner_pid}", cls=_pid_class(anatomy.inner_pid)),
    ]
    return pieces, y + 78


def _pid_class(inner: int) -> str:
    """1 is told; any other number, in a PID namespace that it shares, is the kernel's choice."""
    return "bold" if inner == 1 else "bold inode"


def _sorted(spaces: tuple[Namespace, ...]) -> list[Namespace]:
    return sorted(spaces, key=lambda s: ORDER.index(s.name) if s.name in ORDER else len(ORDER))


def _owner(space: Namespace) -> str:
    if space.host:
        return "shared with the host"
    return f"shared with {', '.join(space.shared)}" if space.shared else "its own"


def _brief(space: Namespace) -> str:
    if space.host:
        return "the host's"
    return f"with {', '.join(space.shared)}" if space.shared else "its own"


def _namespaces(spaces: tuple[Namespace, ...], y: float) -> tuple[list[str], float]:
    if not spaces:
        return [], y
    pieces = [text(RIGHT, y - 8, "Its namespaces", size=13, cls="bold")]
    for space in _sorted(spaces):
        pieces.append(_space(space, y))
        y += 24
    return pieces, y + 30


def _space(space: Namespace, y: float) -> str:
    hue = "pause" if space.host or space.shared else "run"
    mark = rect(RIGHT, y + 4, 14, 14, cls=f"{hue}-tint", rx=3)
    both = rect(RIGHT + 5, y + 8, 14, 14, cls=f"{hue}-tint", rx=3) if hue == "pause" else ""
    pieces = [
        mark + both,
        text(RIGHT + 28, y + 16, space.name, size=12, cls="bold", mono=True),
        text(RIGHT + 84, y + 16, SEES.get(space.name, ""), size=11, cls="dim"),
        text(RIGHT + 246, y + 16, space.inode, size=11, cls="dim inode", mono=True),
        text(RIGHT + 326, y + 16, _brief(space), size=11.5, room=110, cls=hue),
    ]
    return group(pieces, key=f"ns-{space.name}", title=f"{space.name}: {_owner(space)}")


def _limits(anatomy: Anatomy, y: float) -> tuple[list[str], float]:
    gauges = (
        ("memory", anatomy.memory, bytes_text),
        ("CPU", anatomy.cpu, lambda value: f"{value:.2f}".rstrip("0").rstrip(".") or "0"),
        ("processes", anatomy.pids, lambda value: f"{value:.0f}"),
    )
    shown = [(name, gauge, say) for name, gauge, say in gauges if gauge]
    if not shown:
        return [], y
    pieces = [text(RIGHT, y - 8, "Its control group: use and limit", size=13, cls="bold")]
    for name, gauge, say in shown:
        pieces.append(_gauge(name, gauge, say, y))
        y += 30
    return pieces, y


def _gauge(name: str, gauge: Gauge, say: Callable[[float], str], y: float) -> str:
    x, wide = RIGHT + 84, 190.0
    pieces = [
        text(RIGHT, y + 15, name, size=12),
        rect(x, y + 4, wide, 14, cls="box", rx=4),
        text(x + wide + 14, y + 15.5, say(gauge.used), size=11.5, cls="bold time"),
        text(WIDTH - LEFT, y + 15.5, _of(gauge, say), size=11.5, anchor="end", cls="dim"),
    ]
    if gauge.limit is None:
        pieces.insert(2, hatch(x + 1, y + 5, wide - 2, 12, cls="line faint"))
    else:
        share = min(gauge.used / gauge.limit, 1)
        hue = "bad" if share >= 0.9 else "run"
        pieces.insert(2, rect(x, y + 4, max(share * wide, 2), 14, cls=f"{hue} time", rx=4))
    return group(pieces, key=f"limit-{name}")


def _of(gauge: Gauge, say: Callable[[float], str]) -> str:
    return "no limit" if gauge.limit is None else f"limit {say(gauge.limit)}"


class AnatomyView(SampledView[Anatomy]):
    """The anatomy of one container; on the page it is read anew, again and again.

    Args:
        read: Takes the container apart; called once at once, then on a thread of its own while
            the view is on a page, so that it must use a client of its own.
        every: Seconds between two readings.
    """

    title = "Anatomy"

    def __init__(self, read: Callable[[], Anatomy], every: float = 1.0) -> None:
        self._sampler = Sampler(read, read(), every, is_read=True)
        self._made = time.monotonic()
        super().__init__()

    @property
    def anatomy(self) -> Anatomy:
        """The last reading."""
        return self._state.value

    def empty(self) -> Sample[Anatomy]:
        """Returns the first reading."""
        return self._sampler.state

    def draw(self, state: Sample[Anatomy]) -> str:
        """Returns a reading as SVG; of a container that is gone, the last, and that it is."""
        return draw_anatomy(state.value, self.notice(state))

    def tell(self, state: Sample[Anatomy]) -> str:
        """Returns a reading in words."""
        return f"{self.notice(state)} {tell_anatomy(state.value)}".strip()

    def close(self) -> None:
        """Reads no more; the picture stays."""
        super().close()
        self._sampler.close(timeout=0)  # a reading takes two seconds that nobody needs to wait for

    def _settled(self) -> Sample[Anatomy]:
        """A reading takes two seconds: none is made for a display right after the first."""
        if self._source is not None or time.monotonic() - self._made > FRESH:
            self.show(self._sampler.settle())
        return self._state

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(include, exclude)
        if not self._closed:
            self.attach(self._sampler)
        return bundle
