"""What the Swarm view shows of a moment: columns, cards and services; no pixels, no drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from course.watch.swarm import Host, Member, Swarm
from course.watch.swarm_count import Count, counts
from course.watch.swarm_task import Service, Task

CYCLE = ("new", "again", "run", "pause", "bad", "stop")  # hues of services, in their order
GONE = Service("", "?")  # of a task whose service was removed while it ends


@dataclass(frozen=True, slots=True)
class Card:
    """One task that is, or was last, in its slot.

    Attributes:
        key: Its name from frame to frame: a slot's next task takes it over, and so glides.
        name: As `docker service ps` writes it, "web.3"; of a global service only its name.
        past: The tasks that were in its slot before, newest first.
        lives: Whether its engine itself says that its container is there; None if nobody asked.
    """

    key: str
    name: str
    service: Service
    hue: str
    task: Task
    past: tuple[Task, ...] = ()
    lives: bool | None = None

    @property
    def is_leaving(self) -> bool:
        """Whether another task takes, or took, its place."""
        return self.task.is_alive and not self.task.is_wanted

    @property
    def note(self) -> str:
        """What is wrong, in the engine's words."""
        return self.task.error


@dataclass(frozen=True, slots=True)
class Column:
    """A node of the lab, and what runs on it.

    Attributes:
        member: As its swarm knows it; None outside, or in a swarm of its own.
    """

    host: Host
    member: Member | None
    cards: tuple[Card, ...] = ()

    @property
    def name(self) -> str:
        """The lab's name for it."""
        return self.host.name


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything of one moment.

    Attributes:
        waiting: Tasks that no node was found for yet.
        hues: The palette's name for each service, by id, as `names` of nodes.
        former: Members that are no node of the lab: left-overs of one that left and came anew.
    """

    swarm: Swarm
    columns: tuple[Column, ...] = ()
    waiting: tuple[Card, ...] = ()
    counts: tuple[Count, ...] = ()
    hues: Mapping[str, str] = field(default_factory=dict)
    former: tuple[Member, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def read(swarm: Swarm) -> Scene:
    """Returns what is to be shown."""
    members = {member.id: member for member in swarm.members}
    mapped = {host.member for host in swarm.hosts}
    columns = {host.member: host for host in swarm.hosts if host.member in members}
    names = {member.id: member.name for member in swarm.members}
    names |= {ident: host.name for ident, host in columns.items()}
    cards = list(_cards(swarm, names))
    placed: dict[str, list[Card]] = {}
    for card in cards:
        placed.setdefault(card.task.node if card.task.node in columns else "", []).append(card)
    return Scene(
        swarm,
        tuple(
            Column(host, members.get(host.member), tuple(placed.get(host.member or "-", ())))
            for host in swarm.hosts
        ),
        waiting=tuple(card for card in placed.get("", ()) if card.task.is_wanted),
        counts=counts(swarm),
        hues=hues(swarm.services),
        former=tuple(one for one in swarm.members if one.id not in mapped),
        names=names,
    )


def hues(services: Sequence[Service]) -> dict[str, str]:
    """Returns the palette's name for each service's id."""
    return {one.id: CYCLE[at % len(CYCLE)] for at, one in enumerate(services)}


def _cards(swarm: Swarm, names: Mapping[str, str]) -> Iterator[Card]:
    services, colours = {one.id: one for one in swarm.services}, hues(swarm.services)
    living = {one.task for host in swarm.hosts for one in host.living or ()}
    asked = {host.member for host in swarm.hosts if _knows_better(swarm, host)}
    for (ident, slot, node), tasks in swarm.by_place.items():
        service = services.get(ident, GONE)
        name = f"{service.name}.{slot}" if slot else service.name
        # By its id, where the name is gone: several services may end at once.
        known = f"{service.name}{ident if service is GONE else ''}"
        place = f"{known}.{slot}" if slot else f"{known}@{names.get(node, '?')}"
        for key, task, past in _shown(place, tasks, service):
            lives = task.id in living if task.node in asked else None
            yield Card(key, name, service, colours.get(ident, "stop"), task, past, lives)


def _knows_better(swarm: Swarm, host: Host) -> bool:
    """Whether what an engine says of its containers is newer than what the managers say."""
    member = swarm.member(host.member)
    lost = host.power == "cut" or member is None or member.state == "down"
    return host.living is not None and (lost or not swarm.answers)


def _shown(
    place: str, tasks: Sequence[Task], service: Service
) -> Iterator[tuple[str, Task, tuple[Task, ...]]]:
    """The task that a slot has now, with those before it; and others that have not ended yet."""
    now = next((task for task in tasks if task.is_wanted), None)
    if now is None and service is not GONE and _is_kept(tasks[0], service):
        now = tasks[0]
    ended = tuple(task for task in tasks if task is not now and not task.is_alive)
    if now is not None:
        yield f"t-{place}", now, ended
    leaving = [task for task in tasks if task is not now and task.is_alive]
    for at, task in enumerate(reversed(leaving)):
        yield f"t-{place}-old-{at}", task, ()


def _is_kept(task: Task, service: Service) -> bool:
    """Whether a slot's last task is shown though it has ended, and nothing follows it.

    That of a job is; so is one whose service does not start it again. A slot that was scaled
    away, and one on a node that was drained, are not.
    """
    return service.is_job or task.state in ("complete", "failed", "rejected")


def waits(cards: Sequence[Card]) -> list[tuple[str, str, int]]:
    """Returns why tasks wait: service, reason and how many, by service."""
    told = Counter((card.service.name, card.note or card.task.message) for card in cards)
    return [(name, reason, count) for (name, reason), count in sorted(told.items())]
