"""How far each service of a swarm has come: tasks that run, of those that are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.watch.swarm import Member, Swarm
from course.watch.swarm_fit import lacking
from course.watch.swarm_task import Service, Task


@dataclass(frozen=True, slots=True)
class Count:
    """The tasks of one service.

    Attributes:
        running: Those that run and are to go on.
        wanted: Those that there should be.
        fresh: Of those that run, how many are as the service is now.
        leaving: Those that are to end, and have not.
        done: Those of a job that have ended well.
        lacking: Nodes that are to get one of a global service, and have none yet.
    """

    service: Service
    running: int
    wanted: int
    fresh: int
    leaving: int
    done: int
    lacking: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether everything is as it is wanted, and nothing is under way."""
        if self.service.is_updating or self.leaving or self.lacking:
            return False
        if self.service.is_job:
            return self.done >= self.wanted
        return self.running == self.wanted == self.fresh


def counts(swarm: Swarm) -> tuple[Count, ...]:
    """Returns the counts of all services, in their order."""
    tasks: dict[str, list[Task]] = {}
    for task in swarm.tasks:
        tasks.setdefault(task.service, []).append(task)
    found = ((service, tasks.get(service.id, ())) for service in swarm.services)
    return tuple(_count(service, its, swarm.members) for service, its in found)


def _count(service: Service, tasks: Sequence[Task], members: Sequence[Member]) -> Count:
    down = {member.id for member in members if member.state == "down"}
    running = [task for task in tasks if task.runs or (service.is_job and task.state == "running")]
    wanted = service.wanted
    if wanted is None:  # one on each node that fits; those on others are no longer wanted
        wanted = len({task.node for task in tasks if task.is_wanted and task.node not in down})
    return Count(
        service,
        len(running),
        wanted,
        fresh=sum(task.template == service.template for task in running),
        # What a dead node still seems to run it cannot be told to end.
        leaving=sum(t.is_alive and not t.is_wanted and t.node not in down for t in tasks),
        done=sum(task.state == "complete" and task.desired == "complete" for task in tasks),
        lacking=len(lacking(service, members, tasks)),
    )
