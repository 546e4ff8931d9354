"""Swarm to pandas: the tables of `docker node ls`, `docker service ls` and `docker service ps`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from course.watch.frames import duration
from course.watch.swarm import Member, Swarm
from course.watch.swarm_count import Count, counts
from course.watch.swarm_task import Service, Task

MEMBERS = ("ID", "HOSTNAME", "STATUS", "AVAILABILITY", "MANAGER STATUS", "ENGINE VERSION")
SERVICES = ("ID", "NAME", "MODE", "REPLICAS", "IMAGE", "PORTS")
EARLIER = " \\_ "  # before the name of a task that was in the slot before
TASKS = ("ID", "NAME", "IMAGE", "NODE", "DESIRED STATE", "CURRENT STATE", "ERROR")


def members(swarm: Swarm) -> pd.DataFrame:
    """Returns the table of `docker node ls`, by name; the node that was asked has a star.

    Returns:
        Columns ID, HOSTNAME, STATUS, AVAILABILITY, MANAGER STATUS, ENGINE VERSION.
    """
    host = swarm.host(swarm.asked)
    here = host.member if host else ""
    rows = (
        (
            f"{one.id} *" if one.id == here else one.id,
            one.name,
            one.state.capitalize(),
            one.availability.capitalize(),
            "Leader" if one.leader else one.reachability.capitalize(),
            one.engine,
        )
        for one in swarm.members
    )
    return _frame(rows, MEMBERS)


def services(swarm: Swarm) -> pd.DataFrame:
    """Returns the table of `docker service ls`, by name.

    Returns:
        Columns ID, NAME, MODE, REPLICAS ("2/3"), IMAGE, PORTS (those of the routing mesh).
    """
    rows = ((*_service(count.service), _replicas(count), *_about(count.service)) for count in
            counts(swarm))  # fmt: skip
    return _frame(rows, SERVICES)


def tasks(swarm: Swarm, service: Service | None = None, now: float | None = None) -> pd.DataFrame:
    r"""Returns the table of `docker service ps`: each slot's task, and below it those before.

    Args:
        swarm: What was read.
        service: One service; all of them when None.
        now: Seconds since the epoch that ages are counted from; the present when None.

    Returns:
        Columns ID, NAME (of an earlier task with ` \_ ` before it), IMAGE, NODE, DESIRED STATE,
        CURRENT STATE, ERROR.
    """
    now = time.time() if now is None else now
    names = {one.id: one.name for one in swarm.members}
    chosen = swarm.services if service is None else (service,)
    rows = (
        _task(task, (EARLIER if at else "") + name, names, now)
        for one in chosen
        for name, found in slots(swarm, one)
        for at, task in enumerate(found)
    )
    return _frame(rows, TASKS)


def slots(swarm: Swarm, service: Service) -> Iterator[tuple[str, Sequence[Task]]]:
    """Yields the slots of a service by number, or by node: name, and tasks with the newest first.

    The command line names a global task after its node's id; here it has the node's name.
    """
    names: dict[str, Member] = {one.id: one for one in swarm.members}
    own = [(place, found) for place, found in swarm.by_place.items() if place[0] == service.id]

    def order(slot: tuple[tuple[str, int, str], Sequence[Task]]) -> tuple[int, str]:
        _, number, node = slot[0]
        return number, names[node].name if node in names else node

    for place, found in sorted(own, key=order):
        yield f"{service.name}.{place[1] or order((place, found))[1]}", found


def _service(service: Service) -> tuple[str, str, str]:
    return service.id[:12], service.name, service.mode.replace("-", " ")


def _replicas(count: Count) -> str:
    told = f"{count.running}/{count.wanted}"
    if not count.service.is_job:
        return told
    return f"{count.running}/{count.wanted} ({count.done}/{count.wanted} completed)"


def _about(service: Service) -> tuple[str, str]:
    published = (one for one in service.ports if one.mode == "ingress" and one.public)
    ports = ", ".join(f"*:{one.public}->{one.private}/{one.protocol}" for one in published)
    return service.image, ports


def _task(task: Task, name: str, names: dict[str, str], now: float) -> tuple[str, ...]:
    since = f"{duration(now - task.updated).lower()} ago" if task.updated else ""
    return (
        task.id[:12],
        name,
        task.image,
        names.get(task.node, task.node[:12]),
        task.desired.capitalize(),
        f"{task.state.capitalize()} {since}".rstrip(),
        f'"{task.error}"' if task.error else "",
    )


def _frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))
