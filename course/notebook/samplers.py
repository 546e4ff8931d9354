"""What a lab reads again and again while a view looks: processes and stats."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from docker import DockerClient

from course.watch.processes import Processes, read_processes
from course.watch.sampler import Sampler
from course.watch.stats import Stats, StatsReader
from course.watch.watcher import Watcher


class Samplers:
    """One sampler of each kind for all views of a lab; it lives when it is first asked for.

    Args:
        connect: Gives a new client of the engine.
        run: Runs a script on the engine's host; gives exit code and output.
        watcher: Knows the containers.
    """

    def __init__(
        self,
        connect: Callable[[], DockerClient],
        run: Callable[[str], tuple[int, bytes]],
        watcher: Watcher,
    ) -> None:
        self._connect, self._run, self._watcher = connect, run, watcher

    @cached_property
    def processes(self) -> Sampler[Processes]:
        """The processes of the engine's host."""
        watcher = self._watcher
        return Sampler(
            lambda: read_processes(self._run, watcher.state.containers),
            Processes(),
            ready=watcher.settle,
        )

    @cached_property
    def stats(self) -> Sampler[Stats]:
        """What running containers use."""
        watcher = self._watcher
        reader = StatsReader(self._connect, lambda: watcher.state.containers)
        return Sampler(reader.read, Stats(), let_go=reader.close, ready=watcher.settle)

    def close(self) -> None:
        """Reads no more."""
        for name in ("processes", "stats"):
            if name in self.__dict__:
                getattr(self, name).close(timeout=1)
