"""What a lab's engine holds, as the tables that the `docker` commands print."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from course.engine import lab as engine_lab
from course.errors import CourseError
from course.watch import frames
from course.watch.watcher import Watcher


class Watched(engine_lab.Lab):
    """A lab whose engine is watched: each table is of the moment that it is asked for."""

    @cached_property
    def watcher(self) -> Watcher:
        """What keeps the engine's State for all views; started at its first use."""
        watcher = Watcher(self.connect)
        watcher.start()
        return watcher

    def ps(self, *, all: bool = False) -> pd.DataFrame:  # noqa: A002 (docker-py's own word)
        """The containers as `docker ps` lists them; with `all`, those that ended too."""
        return frames.containers(self.watcher.settle(), stopped=all)

    def images(self) -> pd.DataFrame:
        """The images as `docker images` lists them."""
        return frames.images(self.watcher.settle())

    def volumes(self) -> pd.DataFrame:
        """The volumes as `docker volume ls` lists them."""
        return frames.volumes(self.watcher.settle())

    def networks(self) -> pd.DataFrame:
        """The networks as `docker network ls` lists them."""
        return frames.networks(self.watcher.settle())

    def subnets(self) -> pd.DataFrame:
        """The networks as `docker network inspect` tells them: subnet, gateway, internal."""
        return frames.subnets(self.watcher.settle())

    def endpoints(self, network: str | None = None) -> pd.DataFrame:
        """Who hangs on a network (or on all), with address, MAC and aliases.

        Args:
            network: Its name.

        Raises:
            CourseError: No network has this name.
        """
        state = self.watcher.settle()
        names = [one.name for one in state.networks]
        if network is not None and network not in names:
            got = f"The lab's engine has none of this name; it has {', '.join(names)}."
            raise CourseError(f"You asked who hangs on the network {network!r}.", got)
        return frames.endpoints(state, network)

    def mount_points(self, *names: str) -> pd.DataFrame:
        """What is mounted where in these containers (in all, without names)."""
        return frames.mounts(self.watcher.settle(), names)

    def events(self) -> pd.DataFrame:
        """What happened on the engine since the lab was opened (the last 200 events)."""
        return frames.events(self.watcher.settle(), last=200)
