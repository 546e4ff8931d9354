"""Where each process and each container's frame stands in a picture of the process tree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from course.watch.processes import Process, Processes

ROW, HEAD, FOOT = 28.0, 28.0, 8.0  # pixels: a process, a frame's title, what is below in it
STEP = 20.0  # pixels that a child is further to the right
MOST = 14  # processes of one frame that are shown


@dataclass(frozen=True, slots=True)
class Row:
    """A process and where it stands; `up` is the place of its parent, if that is shown."""

    process: Process
    x: float
    y: float
    up: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Frame:
    """The processes of one container, or of a PID namespace that no container has.

    Attributes:
        name: The container's; empty for a namespace without one.
        key: The same from frame to frame.
        note: Whose PID namespace its processes are in.
        up: The place of their parent, if that is shown.
        hidden: How many of them are not shown.
    """

    name: str
    key: str
    note: str
    x: float
    y: float
    height: float
    up: tuple[float, float] | None
    hidden: int = 0


@dataclass(slots=True)
class Forest:
    """The rows and frames of a tree, from top to bottom; `y` is where the next one goes."""

    x: float
    y: float
    rows: list[Row] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)


def grow(processes: Processes, x: float, y: float) -> Forest:
    """Returns where everything stands, from (x, y) on.

    A process stands below its parent, but those of a container stand together in its frame,
    below the parent of the first of them.
    """
    return _Planter(processes, Forest(x, y)).plant()


class _Planter:
    """Walks the tree once."""

    def __init__(self, processes: Processes, forest: Forest) -> None:
        self._forest = forest
        self._owners = _owners(processes)
        found = {one.pid: one for one in processes.shown}
        self._children: defaultdict[int, list[Process]] = defaultdict(list)
        self._groups: defaultdict[str, list[Process]] = defaultdict(list)  # the roots of each
        self._sizes: defaultdict[str, int] = defaultdict(int)
        for one in processes.shown:
            group, parent = group_of(one), found.get(one.ppid)
            self._sizes[group] += 1
            if group and (parent is None or group_of(parent) != group):
                self._groups[group].append(one)
            else:
                self._children[one.ppid if parent else 0].append(one)
        self._hung = self._hang(found)

    def _hang(self, found: dict[int, Process]) -> dict[int, list[str]]:
        """PID → the frames below it; 0 for those whose parent is not shown, or in a frame."""
        hung: defaultdict[int, list[str]] = defaultdict(list)
        for group, roots in self._groups.items():
            up = [one.ppid for one in roots if one.ppid in found and not group_of(found[one.ppid])]
            hung[up[0] if up else 0].append(group)
        return hung

    def plant(self) -> Forest:
        for one in self._children[0]:
            self._host(one, self._forest.x, None)
        for group in self._hung.get(0, ()):
            self._frame(group, self._forest.x, None)
        return self._forest

    def _host(self, one: Process, x: float, up: tuple[float, float] | None) -> None:
        place = self._row(one, x, up)
        for child in self._children[one.pid]:
            self._host(child, x + STEP, place)
        for group in self._hung.get(one.pid, ()):
            self._frame(group, x + STEP, place)

    def _frame(self, group: str, x: float, up: tuple[float, float] | None) -> None:
        forest, roots = self._forest, self._groups[group]
        top, first = forest.y, len(forest.rows)
        forest.y += HEAD
        for root in roots:
            self._inside(root, x + 14, None, first)
        hidden = self._sizes[group] - (len(forest.rows) - first)
        forest.y += FOOT + (ROW if hidden else 0)
        name = roots[0].container
        key = name or f"pid:{roots[0].pid}"
        height = forest.y - top
        forest.frames.append(
            Frame(name, f"box:{key}", self._note(group, roots[0]), x, top, height, up, hidden)
        )
        forest.y += FOOT

    def _inside(self, one: Process, x: float, up: tuple[float, float] | None, first: int) -> None:
        if len(self._forest.rows) - first >= MOST:
            return
        place = self._row(one, x, up)
        for child in self._children[one.pid]:
            self._inside(child, x + STEP, place, first)

    def _row(self, one: Process, x: float, up: tuple[float, float] | None) -> tuple[float, float]:
        self._forest.rows.append(Row(one, x, self._forest.y, up))
        place = (x, self._forest.y)
        self._forest.y += ROW
        return place

    def _note(self, group: str, root: Process) -> str:
        if not root.container:
            return "a PID namespace of its own, not Docker's"
        if root.is_host:
            return "in the host's PID namespace"
        owner = self._owners.get(root.namespace, "")
        return f"in {owner}'s PID namespace" if owner not in ("", root.container) else ""


def group_of(process: Process) -> str:
    """Returns what is the same for all that stand in one frame; empty for the host's own."""
    if process.container:
        return process.container
    return "" if process.is_host else f"/{process.namespace}"  # no container's name has a slash


def _owners(processes: Processes) -> dict[str, str]:
    """PID namespace → the container whose first process is PID 1 there."""
    return {
        one.namespace: one.container
        for one in processes.shown
        if one.inner_pid == 1 and one.container and not one.is_host
    }
