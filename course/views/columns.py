"""The columns of Stats: what is drawn of each container, on which scale, in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from course.views.curves import Value, most, whole_cpus
from course.views.stack import bytes_text
from course.watch.stats import Series


@dataclass(frozen=True, slots=True)
class Line:
    """One curve; `sign` stands before its value, `name` in the legend."""

    value: Value
    hue: str
    sign: str = ""
    name: str = ""
    dash: bool = False

    @property
    def stroke(self) -> str:
        """Its classes."""
        return f"{self.hue}-line{' dash' if self.dash else ''}"


@dataclass(frozen=True, slots=True)
class Column:
    """What is drawn of each container in one column.

    Attributes:
        unit: Said behind the title.
        say: A measured value in words.
        say_top: An end of an axis, or a limit, in words.
        top: The end of the axis for these containers; all have one, so that they compare.
        limit: The limit of a container; 0 without one.
        ends: Whether a container's axis ends at its limit.
        axis: The class of the axis' end where that hangs on what was measured.
        is_told: Whether it is compared that the engine counts this at all.
    """

    title: str
    lines: tuple[Line, ...]
    say: Callable[[float], str]
    say_top: Callable[[float], str]
    top: Callable[[Sequence[Series]], float]
    unit: str = ""
    limit: Callable[[Series], float] = lambda one: 0.0
    ends: bool = False
    axis: str = ""
    is_told: bool = True

    def counts(self, one: Series) -> bool:
        """Whether the engine measures this of a container."""
        return any(value is not None for value in _values(self.lines, [one]))

    def says(self, one: Series) -> str:
        """Returns what was measured last, as "↓ 1.2 KiB/s ↑ 300 B/s"."""
        if not one.points:
            return "…"
        told = [(each.sign, each.value(one.points[-1])) for each in self.lines]
        said = [f"{sign} {self.say(value)}" for sign, value in told if value is not None]
        return " ".join(said).strip() or "not counted"


def _values(lines: Sequence[Line], shown: Sequence[Series]) -> Iterator[float | None]:
    for one in shown:
        for point in one.points:
            yield from (each.value(point) for each in lines)


def _percent(value: float) -> str:
    return f"{value:.1f} %"


def _whole_percent(value: float) -> str:
    return f"{value:g} %"


def _rate(value: float) -> str:
    return f"{bytes_text(value)}/s"


def _rates(title: str, *lines: Line, is_told: bool = True) -> Column:
    def top(shown: Sequence[Series]) -> float:
        return most(_values(lines, shown), 1024)

    return Column(title, lines, _rate, _rate, top, axis="size", is_told=is_told)


def _cpu_top(shown: Sequence[Series]) -> float:
    measured = [point.cpu for one in shown for point in one.points]
    return whole_cpus([*measured, *(100 * one.cpus for one in shown)])


def _memory_top(shown: Sequence[Series]) -> float:
    free = [one for one in shown if not one.memory_limit]
    return most((point.memory for one in free for point in one.points), 1024**2)


COLUMNS = (
    Column(
        "CPU", (Line(lambda point: point.cpu, "new"),), _percent, _whole_percent, _cpu_top,
        unit="100 % is one CPU", limit=lambda one: 100 * one.cpus,
    ),
    Column(
        "Memory", (Line(lambda point: point.memory, "again"),), bytes_text, bytes_text,
        _memory_top, unit="without idle cache", limit=lambda one: one.memory_limit,
        ends=True, axis="size",
    ),
    _rates(
        "Network",
        Line(lambda point: point.received, "run", "↓", "in"),
        Line(lambda point: point.sent, "pause", "↑", "out", dash=True),
    ),
    _rates(
        "Disk",
        Line(lambda point: point.read, "stop", "↓", "read"),
        Line(lambda point: point.written, "bad", "↑", "written", dash=True),
        is_told=False,  # in a sandbox, cgroup v1 counts nothing and v2 does
    ),
)  # fmt: skip
