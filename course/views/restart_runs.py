"""Events of a container as its runs: how each began, how it ended, what came after.

A restart by policy and one by hand are both a `start` event. They are told apart by what was
before: after `docker stop` or `docker kill` (a `stop`, a `kill` event) no policy starts it again.
Waits grow as the engine's restart manager has it: 100 ms, doubled up to a minute, and from the
start again after a run of 10 s.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from course.views.lanes import KILL, number
from course.watch.state import Container, Event, State

FIRST, LONGEST = 0.1, 60.0  # seconds: waits before a restart
LASTED = 10.0  # seconds: a run so long makes the next wait the first again


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container.

    Attributes:
        start: Seconds since the epoch; None when it is not known any more.
        end: None while it goes on.
        asked: "stop", "kill", "restart" or "rm" where somebody ended it; else empty.
        restart: Which restart by policy it is, counted from the last start by hand; 0 for that.
        wait: Which wait in a row follows; 0 without one.
        halted: Whether somebody stopped the container while it waited.
        health: The changes of its health.
    """

    start: float | None
    end: float | None = None
    code: int = 0
    oom: bool = False
    asked: str = ""
    signals: tuple[int, ...] = ()
    restart: int = 0
    wait: int = 0
    halted: bool = False
    health: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one container; `container` is None when it was removed."""

    name: str
    container: Container | None
    runs: tuple[Run, ...] = ()

    @property
    def policy(self) -> str:
        """Its restart policy as `--restart` takes it; empty when it was removed."""
        one = self.container
        if one is None:
            return ""
        limit = f":{one.restart_limit}" if one.restart_limit else ""
        return f"{one.restart_policy}{limit}"

    @property
    def verdict(self) -> str:
        """Why it stands where it stands."""
        one, last = self.container, self.runs[-1] if self.runs else None
        if one is None:
            return "removed" if self.runs else "not there"
        if one.alive or last is None or last.end is None:
            return f"{one.state} ({one.health})" if one.health and one.alive else one.state
        if one.state == "restarting":
            return f"waits before restart {last.restart + 1}"
        return _why(one, last)


def rule(wait: int) -> float:
    """Returns how many seconds the engine waits before a restart, the `wait`-th in a row."""
    return min(FIRST * 2.0 ** (min(wait, 20) - 1), LONGEST)


def histories(state: State, names: Sequence[str] = ()) -> list[History]:
    """Returns the containers that ended at least once, or those of these names.

    Of containers that had one name after another, only the last.
    """
    told: dict[str, list[Event]] = defaultdict(list)
    for event in state.events:
        if event.type == "container":
            told[event.id].append(event)
    there = {container.id: container for container in state.containers}
    found: dict[str, History] = {}
    for ident, events in told.items():
        one = there.get(ident)
        name = one.name if one else events[-1].name
        found.pop(name, None)
        found[name] = History(name, one, runs(events, one))
    for one in state.containers:
        found.setdefault(one.name, History(one.name, one))
    if names:
        return [found.get(name, History(name, None)) for name in names]
    return [one for one in found.values() if _worth(one)]


def runs(events: Sequence[Event], container: Container | None) -> tuple[Run, ...]:
    """Returns the runs that events of one container tell, oldest first."""
    found: list[Run] = []
    for event in sorted(events, key=lambda event: event.time):
        if event.action == "start":
            found.append(_started(event, found, container))
        elif event.action in _STEPS:
            if not found:
                found.append(Run(None))
            found[-1] = _STEPS[event.action](found[-1], event)
            if found[-1].halted:
                found[-1] = replace(found[-1], wait=_waits(found))
            if event.action == "restart":  # it is told behind the start
                found[-1] = replace(found[-1], restart=0)
                found[-2:-1] = [replace(one, asked="restart", wait=0) for one in found[-2:-1]]
    waits = container is not None and container.state == "restarting"
    if found and found[-1].end and waits:
        found[-1] = replace(found[-1], wait=_waits(found))
    return tuple(found)


def _worth(one: History) -> bool:
    return any(run.end or run.asked for run in one.runs)


def _started(event: Event, found: list[Run], container: Container | None) -> Run:
    if not found or not _restarts(found[-1], container):
        return Run(event.time)
    last = found[-1] = replace(found[-1], wait=_waits(found))
    return Run(event.time, restart=last.restart + 1)


def _restarts(last: Run, container: Container | None) -> bool:
    """Whether the policy starts a container again after such a run."""
    if last.end is None or last.asked or last.halted or _final(last, container):
        return False
    if container is None:
        return True  # of a removed one the policy is not known; nobody asked it to end
    if container.restart_policy == "on-failure":
        limit = container.restart_limit
        return last.code != 0 and not (limit and last.restart >= limit)
    return container.restart_policy in ("always", "unless-stopped")


def _final(last: Run, container: Container | None) -> bool:
    """Whether a signal sent by `docker kill` makes the engine forget the policy.

    Any does, but where an image has a stop signal of its own, only that and SIGKILL.
    """
    own = number(container.stop_signal) if container else 0
    return any(not own or signal in (own, KILL) for signal in last.signals)


def _waits(found: Sequence[Run]) -> int:
    """Which wait in a row the last of these runs is followed by."""
    last = found[-1]
    before = found[-2].wait if last.restart and len(found) > 1 else 0
    lasted = last.end - last.start if last.end and last.start else 0.0
    return 1 if lasted >= LASTED else before + 1


def _died(run: Run, event: Event) -> Run:
    code = event.attributes.get("exitCode", "")
    return replace(run, end=event.time, code=int(code) if code.isdecimal() else 0)


def _killed(run: Run, event: Event) -> Run:
    signal = number(event.attributes.get("signal", ""))
    return run if run.end else replace(run, signals=(*run.signals, signal))


def _stopped(run: Run, _: Event) -> Run:
    """A stop that sends no signal finds no process: the container waits for its restart."""
    return replace(run, asked="stop") if run.signals or not run.end else replace(run, halted=True)


def _destroyed(run: Run, _: Event) -> Run:
    return replace(run, asked="rm") if run.signals and not run.asked else run


_STEPS: dict[str, Callable[[Run, Event], Run]] = {
    "die": _died,
    "kill": _killed,
    "stop": _stopped,
    "destroy": _destroyed,
    "oom": lambda run, _: replace(run, oom=True),
    "restart": lambda run, _: run,
    "health_status": lambda run, event: replace(run, health=(*run.health, event.detail)),
}


def _why(one: Container, last: Run) -> str:
    if last.halted:
        return f"docker stop while it waited: no restart {last.restart + 1}"
    if last.asked == "stop":
        return "docker stop: no restart"
    if _final(last, one):
        return "docker kill: no restart"
    if one.restart_policy == "on-failure" and not last.code:
        return "exit 0 is no failure: no restart"
    if one.restart_policy == "on-failure" and last.restart >= one.restart_limit > 0:
        times = "restart is" if one.restart_limit == 1 else f"{one.restart_limit} restarts are"
        return f"its {times} used up"
    return "policy no: no restart" if one.restart_policy in ("", "no") else "ended"
