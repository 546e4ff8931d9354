"""What a swarm holds, as values that never change: one Swarm for each moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from course.watch.swarm_task import Service, Task


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Member:
    """A node of a swarm, as its managers know it.

    Attributes:
        role: manager or worker.
        availability: active, pause or drain.
        state: ready, down, unknown or disconnected.
        reachability: Of a manager: reachable, unreachable or unknown; empty for a worker.
        message: Why it is down.
    """

    id: str
    name: str
    address: str = ""
    role: str = "worker"
    leader: bool = False
    availability: str = "active"
    state: str = "unknown"
    reachability: str = ""
    engine: str = ""
    labels: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    message: str = ""

    @property
    def is_manager(self) -> bool:
        """Whether it takes part in Raft."""
        return self.role == "manager"


@dataclass(frozen=True, slots=True)
class Living:
    """A task's container that an engine itself says is there, whoever governs it."""

    task: str
    name: str
    state: str = "running"


@dataclass(frozen=True, slots=True)
class Host:
    """A node of the lab, in a swarm or not.

    Attributes:
        power: on, off (switched off) or cut (off the nodes' network).
        local: What its engine says of itself: inactive, pending, active, error or locked; empty
            while it does not answer.
        member: Its id in its swarm.
        is_manager: Whether its engine takes orders for the swarm.
        problem: Why it is in no good state, in the engine's words.
        living: Its containers of tasks; None where that was not asked.
    """

    name: str
    address: str = ""
    power: str = "on"
    local: str = ""
    member: str = ""
    is_manager: bool = False
    problem: str = ""
    living: tuple[Living, ...] | None = None


@dataclass(frozen=True)
class Swarm:
    """All of a swarm at one moment, and the lab's nodes whether they are in it or not.

    Attributes:
        hosts: All nodes of the lab, in their order.
        members: As `docker node ls` lists them; of the last answer, if none came now.
        services: By name.
        tasks: Those that ended, too, as long as the swarm remembers them.
        answers: Whether a manager answered; else all but `hosts` is the last known.
        asked: The node that answered last.
        problem: What the managers said instead of an answer.
    """

    hosts: tuple[Host, ...] = ()
    members: tuple[Member, ...] = ()
    services: tuple[Service, ...] = ()
    tasks: tuple[Task, ...] = ()
    answers: bool = False
    asked: str = ""
    problem: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is a swarm, be it one that does not answer."""
        return bool(self.members)

    @cached_property
    def managers(self) -> tuple[Member, ...]:
        """The nodes that vote."""
        return tuple(member for member in self.members if member.is_manager)

    @cached_property
    def reachable(self) -> int:
        """How many of them there are to vote, as far as is known."""
        if self.answers:
            return sum(one.reachability == "reachable" for one in self.managers)
        there = {one.member for one in self.hosts if one.power == "on" and one.local}
        return sum(one.id in there for one in self.managers)

    @property
    def majority(self) -> int:
        """How many of them it takes to decide anything."""
        return len(self.managers) // 2 + 1

    @property
    def quorum(self) -> bool:
        """Whether enough managers are there; without, nothing in the swarm can be changed."""
        return self.exists and (self.answers or self.reachable >= self.majority)

    @cached_property
    def by_place(self) -> Mapping[tuple[str, int, str], tuple[Task, ...]]:
        """The tasks of each slot, the newest first."""
        found: dict[tuple[str, int, str], list[Task]] = {}
        for task in sorted(self.tasks, key=lambda one: (-one.created, one.id)):
            found.setdefault(task.place, []).append(task)
        return {place: tuple(tasks) for place, tasks in found.items()}

    def member(self, ident: str) -> Member | None:
        """Returns the member of this id or name, or None."""
        return next((one for one in self.members if ident in (one.id, one.name)), None)

    def service(self, ident: str) -> Service | None:
        """Returns the service of this id or name, or None."""
        return next((one for one in self.services if ident in (one.id, one.name)), None)

    def host(self, name: str) -> Host | None:
        """Returns the lab's node of this name, or None."""
        return next((one for one in self.hosts if one.name == name), None)

    def tasks_of(self, service: Service) -> Iterable[Task]:
        """Yields a service's tasks."""
        return (task for task in self.tasks if task.service == service.id)
