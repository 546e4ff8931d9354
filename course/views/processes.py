"""Processes: one tree from the host's PID 1 to each container's, with both of their numbers."""

from __future__ import annotations

from collections.abc import Sequence

from course.views.forest import FOOT, ROW, Frame, Row, grow
from course.views.icons import icon
from course.views.process_row import HOST, INSIDE, STATE, USER, WIDTH, draw_row, role_of
from course.views.sampled import UNREAD, SampledView
from course.views.stack import count
from course.views.svg import document, group, path, rect, squeeze, text, text_width
from course.watch.processes import Process, Processes
from course.watch.sampler import Sample

LEFT, TOP = 24.0, 78.0
IDLE = "No container runs."


def draw_processes(
    processes: Processes, names: Sequence[str] = (), notice: str = "", empty: str = IDLE
) -> str:
    """Returns the picture as SVG.

    Args:
        processes: What was read.
        names: Containers that are asked for; of those that have no process a line says so.
        notice: What is wrong with it.
        empty: What it says where no container has a process.
    """
    seen = _told_once(processes)
    forest = grow(seen, LEFT, TOP)
    y = forest.y
    idle = [name for name in names if not processes.of(name)]
    lines = [f"{name}: no process, it does not run" for name in idle]
    if not any(one.container for one in seen.shown) and not idle:
        lines.append(empty)
    notes = [text(LEFT, y + 20 + 20 * n, words, cls="dim") for n, words in enumerate(lines)]
    y += 20 * len(lines)
    placed: list[Row | Frame] = [*forest.rows, *forest.frames]
    body = [
        *_heads(),
        path("".join(_branch(one) for one in placed), cls="line faint"),
        *_by_key(forest.frames),
        # By PID: a browser that moves an element among its siblings stops its glide.
        *(draw_row(row) for row in sorted(forest.rows, key=lambda row: row.process.pid)),
        *notes,
        *_legend(y + 34, processes.others),
    ]
    told = tell_processes(processes, names)
    return document(body, width=WIDTH, height=y + 54, title="Processes", desc=told, notice=notice)


def tell_processes(processes: Processes, names: Sequence[str] = ()) -> str:
    """Returns the picture in words: each container with its PID 1, and its zombies."""
    there = sorted({one.container for one in processes.shown if one.container} | set(names))
    told = [f"{name}: {_tell(processes.of(name))}" for name in there]
    strange = {one.namespace for one in processes.shown if not (one.container or one.is_host)}
    if strange:
        told.append(f"{count(len(strange), 'PID namespace')} that no container has")
    return "; ".join(told) or "no container runs"


def _tell(members: Sequence[Process]) -> str:
    if not members:
        return "no process"
    first = [one.name for one in members if one.inner_pid == 1 and not one.is_host]
    dead = [one.name for one in members if one.is_zombie]
    rest = len(members) - len(first) - len(dead)
    told = [f"PID 1 {name}" for name in first]
    if rest:
        told.append(f"{rest} more" if first else _many(rest))
    if dead:
        told.append(f"{count(len(dead), 'zombie')} ({', '.join(sorted(set(dead)))})")
    return ", ".join(told) + ("" if first else f" in {_whose(members[0])} PID namespace")


def _many(number: int) -> str:
    return "1 process" if number == 1 else f"{number} processes"


def _whose(process: Process) -> str:
    return "the host's" if process.is_host else "another's"


def _told_once(processes: Processes) -> Processes:
    """Leaves out the second listener of a port: there is one for each version of IP."""
    shown, ports = [], set()
    for one in processes.shown:
        if one.name == "docker-proxy" and not one.container:
            if role_of(one) in ports:
                continue
            ports.add(role_of(one))
        shown.append(one)
    return Processes(tuple(shown), processes.others)


def _heads() -> list[str]:
    return [
        text(LEFT, 34, "Processes", size=16, cls="bold"),
        text(LEFT, 62, "Each below its parent, as in ps --forest", size=11.5, cls="dim"),
        text(STATE, 62, "state", size=11.5, cls="dim"),
        text(USER, 62, "user", size=11.5, cls="dim"),
        text(HOST, 46, "PID", size=13, anchor="end", cls="bold"),
        text(HOST, 62, "on the host", size=11.5, anchor="end", cls="dim"),
        text(INSIDE, 46, "PID", size=13, cls="bold"),
        text(INSIDE, 62, "in the container", size=11.5, cls="dim"),
    ]


def _branch(at: Row | Frame) -> str:
    """A stroke from the parent down and to the right."""
    if at.up is None:
        return ""
    x, y = at.up[0] + 5, at.y + (ROW / 2 if isinstance(at, Row) else 14)
    return f"M{x:.0f} {at.up[1] + ROW - 5:.0f}V{y:.0f}H{at.x - 3:.0f}"


def _by_key(frames: Sequence[Frame]) -> list[str]:
    return [_frame(frame) for frame in sorted(frames, key=lambda frame: frame.key)]


def _frame(frame: Frame) -> str:
    hue = "new" if frame.name else "again"
    wide = WIDTH - 16 - frame.x
    title = squeeze(frame.name or "no container", 13, 220)
    pieces = [
        rect(0, 0, wide, frame.height, cls=f"{hue}-tint", rx=9),
        text(14, 19, title, size=13, cls=f"bold {hue}"),
        text(28 + text_width(title, 13) * 1.12, 19, frame.note, size=11.5, cls="dim"),
    ]
    if frame.hidden:
        y = frame.height - FOOT - 8
        pieces.append(text(14, y, f"… and {frame.hidden} more", cls="dim"))
    return group(pieces, key=frame.key, x=frame.x, y=frame.y, cls="glide")


def _legend(y: float, others: int) -> list[str]:
    return [
        rect(LEFT, y - 12, 22, 15, cls="new-tint", rx=4),
        text(LEFT + 30, y, "a container", size=11.5, cls="dim"),
        rect(LEFT + 116, y - 12, 42, 16, cls="run-tint", rx=8),
        text(LEFT + 137, y, "PID 1", size=10.5, anchor="middle", cls="bold run"),
        text(LEFT + 166, y, "first of its PID namespace", size=11.5, cls="dim"),
        icon("failed", LEFT + 340, y - 4, "bad"),
        text(LEFT + 352, y, "zombie", size=11.5, cls="dim"),
        text(
            WIDTH - LEFT,
            y,
            f"the host's other processes: {others}",
            size=11.5,
            anchor="end",
            cls="dim time",
        ),
    ]


class ProcessesView(SampledView[Processes]):
    """The process tree of the engine's host, live.

    Args:
        names: Containers to show; all of them without.
    """

    title = "Processes"

    def __init__(self, *names: str) -> None:
        self.names = tuple(dict.fromkeys(names))
        super().__init__()

    def empty(self) -> Sample[Processes]:
        """Returns what is shown before anything is read."""
        return Sample(Processes(), unread=True)

    def draw(self, state: Sample[Processes]) -> str:
        """Returns the picture of a reading as SVG."""
        if state.unread:
            return draw_processes(state.value, (), self.notice(state), UNREAD)
        return draw_processes(self._chosen(state), self.names, self.notice(state))

    def tell(self, state: Sample[Processes]) -> str:
        """Returns the picture in words."""
        if state.unread:
            return self.unread(state)
        return tell_processes(self._chosen(state), self.names)

    def _chosen(self, state: Sample[Processes]) -> Processes:
        return state.value.only(self.names) if self.names else state.value
