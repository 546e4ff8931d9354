"""Stats: what each container uses, as curves of the last minute."""

from __future__ import annotations

from collections.abc import Sequence

from course.views.columns import COLUMNS, Column
from course.views.curves import Plot
from course.views.icons import HUES, icon
from course.views.sampled import UNREAD, SampledView
from course.views.stack import bytes_text
from course.views.svg import document, group, line, squeeze, text, text_width
from course.watch.sampler import Sample
from course.watch.stats import Series, Stats

LEFT, FIRST = 20.0, 150.0  # where names begin, and the first column
WIDE, GAP = 196.0, 14.0  # a column, and what is between two
WIDTH = FIRST + len(COLUMNS) * (WIDE + GAP)
TOP, PITCH, PLOT = 76.0, 86.0, 52.0
MOST = 20  # containers that are shown
IDLE = "No container runs."


def draw_stats(stats: Stats, names: Sequence[str] = (), notice: str = "", empty: str = IDLE) -> str:
    """Returns the picture as SVG.

    Args:
        stats: What was read.
        names: Containers that are asked for: the newest of each name, running or not; without,
            all that ran within the last minute.
        notice: What is wrong with it.
        empty: What it says where there is no container to show.
    """
    chosen = choose(stats, names)
    shown = chosen[:MOST]
    bottom = TOP + PITCH * len(shown)
    body = [text(LEFT, 34, "Stats", size=16, cls="bold")]
    for at, column in enumerate(COLUMNS):
        body += _column(column, shown, FIRST + at * (WIDE + GAP), stats.time)
    for number, one in enumerate(shown):
        body.append(_name(one, TOP + number * PITCH, f"name:{_key(number, shown)}"))
    if not shown:
        body.append(text(LEFT, TOP, empty, cls="dim"))
    if rest := len(chosen) - len(shown):
        body.append(text(LEFT, bottom + 14, f"… and {rest} more", cls="dim"))
    return document(
        body, width=WIDTH, height=bottom + 30, title="Stats", desc=tell_stats(stats, names),
        notice=notice,
    )  # fmt: skip


def tell_stats(stats: Stats, names: Sequence[str] = ()) -> str:
    """Returns the containers, their states and limits, without what was measured."""
    return ", ".join(map(_tell, choose(stats, names))) or "no container runs"


def choose(stats: Stats, names: Sequence[str]) -> list[Series]:
    """Returns what is to be shown: all, or for each name the newest of that name."""
    if not names:
        return list(stats.series)
    return [stats.of(name) or Series("", name, "not running") for name in names]


def _tell(one: Series) -> str:
    limits = [f"{bytes_text(one.memory_limit)} of memory"] if one.memory_limit else []
    limits += [f"{100 * one.cpus:g} % of a CPU"] if one.cpus else []
    return f"{one.name} {one.state}" + (f" (limit {', '.join(limits)})" if limits else "")


def _key(number: int, shown: Sequence[Series]) -> str:
    """A name, told apart from an earlier container of that name; ids differ from run to run."""
    name = shown[number].name
    return f"{name}:{sum(one.name == name for one in shown[:number])}"


def _name(one: Series, y: float, key: str) -> str:
    state = one.state if one.state in HUES else "exited"
    pieces = [
        icon(state, LEFT + 6, y + 27),
        text(LEFT + 18, y + 31, squeeze(one.name, 13, FIRST - LEFT - 34), size=13, cls="bold"),
        text(LEFT + 18, y + 48, one.state, size=11, cls="dim"),
        line(LEFT, y + PITCH - 10, WIDTH - LEFT, y + PITCH - 10, cls="rule"),
    ]
    return group(pieces, key=key, title=one.name)


def _column(column: Column, shown: Sequence[Series], x: float, now: float) -> list[str]:
    after = x + text_width(column.title, 13) * 1.12 + 10
    pieces = [text(x, 62, column.title, size=13, cls="bold")]
    if column.unit:
        pieces.append(text(after, 62, column.unit, size=11, cls="dim"))
    for one in column.lines:
        if one.name:
            pieces.append(line(after, 58, after + 20, 58, cls=one.stroke))
            pieces.append(text(after + 26, 62, f"{one.sign} {one.name}", size=11, cls="dim"))
            after += 40 + text_width(f"{one.sign} {one.name}", 11)
    top = column.top(shown)
    for number, series in enumerate(shown):
        pieces.append(_cell(column, series, top, x, TOP + number * PITCH, now))
    if shown:
        foot = TOP + PITCH * len(shown) + 4
        pieces.append(text(x, foot, "60 s ago", size=11, cls="dim"))
        pieces.append(text(x + WIDE, foot, "now", size=11, anchor="end", cls="dim"))
    return pieces


def _cell(column: Column, one: Series, top: float, x: float, y: float, now: float) -> str:
    limit = column.limit(one)
    is_own = bool(limit) and column.ends
    plot = Plot(x, y + 20, WIDE, PLOT, limit if is_own else top, now)
    pieces = [*plot.frame(), _said(column, one, x, y + 14)]
    for each in column.lines:
        pieces += plot.curve(one.points, each.value, each.hue, dash=each.dash)
    if limit:
        words = f"limit {column.say_top(limit)}"
        pieces.append(plot.limit(limit))
        pieces.append(text(x + WIDE, y + 14, words, size=11, anchor="end", cls="bad"))
    if not is_own:
        cls = f"dim halo {column.axis}".strip()
        words = f"top {column.say_top(top)}"
        pieces.append(text(x + WIDE - 4, y + 32, words, size=11, anchor="end", cls=cls))
    return group(pieces)


def _said(column: Column, one: Series, x: float, y: float) -> str:
    """What was measured is not compared; that nothing can be measured is."""
    if not one.is_alive:
        return ""
    if not column.is_told:
        cls = "time"
    else:
        cls = "bold time" if column.counts(one) or not one.points else "dim"
    return text(x, y, column.says(one), size=12, cls=cls)


class StatsView(SampledView[Stats]):
    """Live curves of what containers use.

    Args:
        names: Containers to show; without, all that run or ran within the last minute.
    """

    title = "Stats"

    def __init__(self, *names: str) -> None:
        self.names = tuple(dict.fromkeys(names))
        super().__init__()

    def empty(self) -> Sample[Stats]:
        """Returns what is shown before anything is read."""
        return Sample(Stats(), unread=True)

    def draw(self, state: Sample[Stats]) -> str:
        """Returns the picture of a reading as SVG."""
        if state.unread:
            return draw_stats(state.value, (), self.notice(state), UNREAD)
        return draw_stats(state.value, self.names, self.notice(state))

    def tell(self, state: Sample[Stats]) -> str:
        """Returns the picture in words."""
        if state.unread:
            return self.unread(state)
        return tell_stats(state.value, self.names)
