"""A lab whose nodes may form a swarm: its picture, its tables, and waiting for it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from course.errors import CourseError
from course.notebook.pictures import Pictured
from course.notebook.swarm_actions import SwarmActions
from course.notebook.waits import Seconds, in_cell
from course.views.swarm import SwarmView
from course.views.view import View
from course.watch import swarm_frames
from course.watch.converge import converge
from course.watch.sampler import Sampler
from course.watch.swarm import Swarm
from course.watch.swarm_reader import SwarmReader

EVERY = 0.5  # seconds between two readings while somebody looks


class Swarmed(Pictured):
    """A lab whose nodes are watched as members of a swarm."""

    @cached_property
    def _swarm_sampler(self) -> Sampler[Swarm]:
        reader = SwarmReader(self.nodes)
        return Sampler(reader.read, Swarm(), EVERY, let_go=reader.close, ready=reader.hurry)

    def swarm(self) -> View[Any]:
        """Nodes, services, tasks and the quorum, live, with buttons for the legal commands."""
        sampler = self._swarm_sampler
        act = SwarmActions(self.nodes, lambda: sampler.state.value)
        return self._keep(SwarmView(act)).attach(sampler)

    def members(self) -> pd.DataFrame:
        """The nodes of the swarm as `docker node ls` lists them.

        Raises:
            CourseError: There is no swarm, or no manager answers.
        """
        return swarm_frames.members(self._told("the nodes"))

    def services(self) -> pd.DataFrame:
        """The services as `docker service ls` lists them.

        Raises:
            CourseError: There is no swarm, or no manager answers.
        """
        return swarm_frames.services(self._told("the services"))

    def tasks(self, service: str | None = None) -> pd.DataFrame:
        """The tasks, and those before them, as `docker service ps` lists them.

        Args:
            service: Its name; all services' without one.

        Raises:
            CourseError: There is no such service or no swarm, or no manager answers.
        """
        swarm = self._told("the tasks")
        if service is None:
            return swarm_frames.tasks(swarm)
        if found := swarm.service(service):
            return swarm_frames.tasks(swarm, found)
        names = ", ".join(one.name for one in swarm.services) or "none"
        raise CourseError(
            f"Asked for the tasks of {service!r}.",
            f"The swarm has no service of this name; it has {names}.",
        )

    def converge(self, service: str | None = None, timeout: float = 60) -> Seconds:
        """Waits until services have the tasks that they want, and no update goes on.

        Args:
            service: Name of one; all of them without.
            timeout: Seconds.

        Returns:
            The seconds that it took.

        Raises:
            CourseError: The time is over, or an update was paused: says what was seen last.
        """
        what = service or "The swarm"

        def read() -> Swarm:
            return self._swarm_sampler.settle().value

        return in_cell(what, lambda report: converge(read, service, timeout, report))

    def close(self) -> None:
        """Gives the engines back; a second call does nothing."""
        if "_swarm_sampler" in self.__dict__:
            self._swarm_sampler.close(timeout=1)
        super().close()

    def _told(self, what: str) -> Swarm:
        swarm = self._swarm_sampler.settle().value
        if swarm.exists and swarm.answers:
            return swarm
        tried = f"Asked a manager for {what} of the swarm."
        if swarm.exists:
            raise CourseError(
                tried,
                f"None answers: {swarm.problem or 'they are silent'}",
                f"{swarm.reachable} of {len(swarm.managers)} managers are there, and "
                f"{swarm.majority} are needed; lab.swarm() shows what they told last.",
            )
        raise CourseError(
            tried,
            "None of the lab's nodes is in a swarm.",
            "lab.client.swarm.init(advertise_addr=lab.nodes[0].address) makes one.",
        )
