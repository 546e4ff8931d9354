"""Events of a container as marks in its lane: started, signalled, ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from course.views.tokens import SIGNALS
from course.watch.state import Container, Event, State

LANES = 6
MARKS = 6  # of each lane, the last so many
KILL = 9
HARMLESS = frozenset({1, 10, 12, KILL})  # signals that no `docker stop` begins with


@dataclass(frozen=True, slots=True)
class Mark:
    """One event in a lane.

    Attributes:
        kind: start, signal, paused, resumed or die.
        time: Seconds since the epoch.
        alive: Whether the process lives from here on.
        signal: Its number, for a signal.
        code: The exit code, for an end.
        oom: Whether the kernel ended it for want of memory.
        grace: Whether SIGKILL is due unless the process ends first.
    """

    kind: str
    time: float
    alive: bool = True
    signal: int = 0
    code: int = 0
    oom: bool = False
    grace: bool = False

    @property
    def words(self) -> str:
        """The mark in a word or two."""
        if self.kind == "signal":
            return SIGNALS.get(self.signal, f"signal {self.signal}")
        return f"exit {self.code}" if self.kind == "die" else self.kind

    @property
    def why(self) -> str:
        """What an exit code tells."""
        if self.oom:
            return "out of memory"
        if self.code > 128:
            return f"128 + {self.code - 128}"
        reasons = {0: "of its own accord", 126: "cannot be run", 127: "not found"}
        return reasons.get(self.code, "it failed")


@dataclass(frozen=True, slots=True)
class Lane:
    """The marks of one container; `key` is the same from run to run where names are."""

    key: str
    name: str
    note: str
    marks: tuple[Mark, ...]


def lanes(state: State) -> list[Lane]:
    """Returns a lane for each container that got a signal or ended, the last six."""
    told: dict[str, list[Event]] = defaultdict(list)
    for event in state.events:
        if event.type == "container":
            told[event.id].append(event)
    there = {container.id: container for container in state.containers}
    found = [_lane(events, there.get(ident)) for ident, events in told.items()]
    return _named([lane for lane in found if lane][-LANES:])


def _lane(events: Sequence[Event], container: Container | None) -> Lane | None:
    marks = _marks(events)
    if not any(mark.kind in ("signal", "die") for mark in marks):
        return None
    name = container.name if container else events[-1].name
    note = _note(container) if container else "removed"
    return Lane(name, name, note, tuple(marks[-MARKS:]))


def _note(container: Container) -> str:
    if container.stop_signal and container.stop_signal not in ("SIGTERM", "15"):
        return f"stops on {container.stop_signal}"
    return container.state


def _named(found: list[Lane]) -> list[Lane]:
    """Gives lanes of one name (removed and made again) keys that differ."""
    seen: dict[str, int] = defaultdict(int)
    keyed = []
    for lane in found:
        seen[lane.name] += 1
        keyed.append(replace(lane, key=f"{lane.name}-{seen[lane.name]}"))
    return keyed


def _marks(events: Sequence[Event]) -> list[Mark]:
    marks: list[Mark] = []
    oom = stopped = False
    for event in sorted(events, key=lambda event: event.time):
        oom = oom or event.action == "oom"
        if event.action == "stop":
            stopped = True
        elif mark := _mark(event, oom):
            marks.append(mark)
            oom = oom and mark.alive
        if stopped and marks and marks[-1].kind == "die":  # engines tell the two in either order
            _grant(marks)
            stopped = False
    return _pending(marks)


def _mark(event: Event, oom: bool) -> Mark | None:
    has = event.attributes
    if event.action == "kill":
        return Mark("signal", event.time, signal=number(has.get("signal", "")))
    if event.action == "die":
        return Mark("die", event.time, alive=False, code=int(has.get("exitCode", 0)), oom=oom)
    kind = {"start": "start", "pause": "paused", "unpause": "resumed"}.get(event.action)
    return Mark(kind, event.time) if kind else None


def number(signal: str) -> int:
    """Returns the number of a signal as engines write it: "15", "TERM" or "SIGTERM"."""
    if signal.isdigit():
        return int(signal)
    names = {name: number for number, name in SIGNALS.items()}
    return names.get(f"SIG{signal.removeprefix('SIG')}", 0)


def _grant(marks: list[Mark]) -> None:
    """The engine says that the last end was a stop: its first signal opened a grace period.

    Only now is that sure, for `docker kill -s TERM` looks the same until here.
    """
    first = len(marks) - 2
    if first > 0 and marks[first].signal == KILL:
        first -= 1
    if first >= 0 and marks[first].kind == "signal" and marks[first].signal != KILL:
        marks[first] = replace(marks[first], grace=True)


def _pending(marks: list[Mark]) -> list[Mark]:
    """A last signal that nothing has followed yet may be the start of a grace period."""
    if marks and marks[-1].kind == "signal" and marks[-1].signal not in HARMLESS:
        marks[-1] = replace(marks[-1], grace=True)
    return marks
