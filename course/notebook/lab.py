"""The lab as a notebook sees it: an engine, and the views, traces and checks on it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from docker.errors import NotFound
from IPython.core.interactiveshell import InteractiveShell

from course.catalogue import Chapter, catalogue
from course.checks.desk import Desk
from course.checks.hints import Ask, Hints
from course.checks.make_network import remove_networks
from course.checks.make_volume import remove_volumes
from course.checks.verdict import Verdict
from course.engine.attached import ATTACHED, attach
from course.engine.cluster import Cluster
from course.engine.lab import keep_spare, take
from course.engine.upload import upload
from course.images import preflight, supply
from course.images.preflight import Preflight
from course.notebook import first_line, host_magic, trace_magic
from course.notebook.audit import Audited
from course.notebook.builds import Builds
from course.notebook.current import open_before, set_current
from course.notebook.mesh import Meshed
from course.notebook.pictures import Pictured
from course.notebook.progress import cell_report
from course.notebook.refusals import tell_refusals
from course.notebook.registry import Registries
from course.notebook.samplers import Samplers
from course.notebook.status import Status
from course.notebook.waits import Seconds, wait_in_cell
from course.trace.table import Trace
from course.views.anatomy import AnatomyView
from course.views.layers import PATIENCE, Layers
from course.views.path import PATIENCE as PATH_WAIT
from course.views.path import RequestPathView
from course.views.processes import ProcessesView
from course.views.run import WhatRunDoes
from course.views.stats import StatsView
from course.views.view import View
from course.watch.anatomy import anatomy_of
from course.watch.path import RequestPath
from course.watch.path_reader import PathReader
from course.watch.recorder import Recorder
from course.watch.sampler import Sampler


class Lab(Audited, Registries, Meshed, Pictured):
    """A clean engine for one chapter, with everything a notebook shows of it."""

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self)

    @cached_property
    def _builds(self) -> Builds:
        return Builds(self.nodes[0].machine, self.connect)

    @cached_property
    def _samplers(self) -> Samplers:
        return Samplers(self.connect, self.run, self.watcher)

    def status(self) -> Status:
        """One line: which engine this lab has, and where its images come from."""
        return Status.of(self)

    def trace(self) -> Trace:
        """A context manager that lists the HTTP calls of its block."""
        self.watcher.settle()  # so that the story of this trace can tell the engine's events
        return Trace(self.client)

    def fresh(self, *names: str, networks: Iterable[str] = (), volumes: Iterable[str] = ()) -> None:
        """Removes the lab's containers of these names, so that a cell can be run again.

        Args:
            names: Of the containers.
            networks: Names of networks to remove with them; others leave them first.
            volumes: Names of volumes to remove with them, and with whatever container has one.
        """
        for name in names:
            with contextlib.suppress(NotFound):
                self.client.containers.get(name).remove(v=True, force=True)
        remove_networks(self, *networks)
        remove_volumes(self, *volumes)

    def preflight(self, only: str | None = None) -> Preflight:
        """What this machine and its engine have, and what is missing; or one part of that."""
        return preflight.preflight(self.run, only)

    def wait(
        self, name: str, command: str | Sequence[str] | None = None, timeout: float = 60
    ) -> Seconds:
        """Waits until a command in a container succeeds, or until the container is healthy.

        Args:
            name: Of the container.
            command: For the container, without a shell: `"mysqladmin ping"`. Without one, the
                container's health check is asked.
            timeout: Seconds.

        Returns:
            The seconds that it took.

        Raises:
            CourseError: It ended, or the time is over: says what was seen last.
        """
        return wait_in_cell(self.connect, name, command, timeout)

    def anatomy(self, name: str) -> View[Any]:
        """What one container is made of: layers, namespaces, limits, process."""
        client = self.connect()  # the view reads on its own thread
        return self._keep(AnatomyView(partial(anatomy_of, self, name, client)))

    def processes(self, *names: str) -> View[Any]:
        """The process tree of the Docker host, all containers' or these, live."""
        return self._keep(ProcessesView(*names)).attach(self._samplers.processes)

    def stats(self, *names: str) -> View[Any]:
        """Curves of CPU, memory and network, for all containers or these, live."""
        return self._keep(StatsView(*names)).attach(self._samplers.stats)

    def layers(self, *builds: object, wait: float = PATIENCE) -> Layers:
        """One build, or several side by side: steps against layers, while they go on.

        Args:
            builds: What `client.api.build(…, decode=True)` or `buildkit` returned.
            wait: Seconds that the cell which shows it waits for the end.
        """
        return self._add(Layers([self._builds.recorder(build) for build in builds], wait))

    def buildkit(self, command: str, path: str | Path | None = None) -> Recorder:
        """Runs `docker build …`, so BuildKit, on the lab's Docker host; for `layers`.

        Args:
            command: As in a terminal.
            path: A folder of this machine; the command runs there, in a copy on the Docker host.
                Without one it runs in the folder that both share.
        """
        return self._builds.buildkit(command, path)

    def upload(self, folder: str | Path) -> str:
        """Copies a folder of this machine to the lab's Docker host; returns its place there.

        Args:
            folder: One in `work` is shared, and stays where it is. Of another, an earlier copy is
                replaced, with all that was changed in it.

        Raises:
            CourseError: There is no such folder, or the copy was refused.
        """
        source = Path(folder)
        return upload(self.nodes[0].machine, source, f"/exercises/{source.resolve().name}")

    def layers_of(self, *images: str) -> Layers:
        """Finished images side by side, from their history: what each step added."""
        return self._add(Layers(self._builds.images(images)))

    def request_path(
        self, request_id: str | None = None, project: str = "complex-app", wait: float = PATH_WAIT
    ) -> View[Any]:
        """The services of a Compose project that one request touched, from their logs, live.

        Args:
            request_id: As in the header X-Request-ID of its answer. Without one, the latest POST.
            project: The Compose project.
            wait: Seconds that the cell which shows it waits for the request's end.
        """
        reader = PathReader(self.connect, project, request_id)
        sampler = Sampler(reader.read, RequestPath(project), let_go=reader.close)
        return self._keep(RequestPathView(wait)).attach(sampler)

    def what_run_does(self, trace: Trace) -> View[Any]:
        """The story of a trace, with what the engine did meanwhile."""
        return self._keep(WhatRunDoes(trace, self.watcher.settle().events))

    def _add(self, view: Layers) -> Layers:
        # What is built does not change any more: those shown before stay as they are.
        self._views.append(view)
        return view

    def task(self, task_id: str) -> Ask:
        """Sets the stage for a task and shows what it asks for."""
        return self._desk.task(task_id)

    def check(self, task_id: str, answer: object = None) -> Verdict:
        """Checks a task on the live engine."""
        return self._desk.check(task_id, answer)

    def hint(self, task_id: str) -> Hints:
        """Gives one more hint."""
        return self._desk.hint(task_id)

    def close(self) -> None:
        """Gives the engine back; a second call does nothing."""
        for view in self._views:
            view.close()
        if "_samplers" in self.__dict__:
            self._samplers.close()
        if "watcher" in self.__dict__:
            self.watcher.stop()
        super().close()

    def __repr__(self) -> str:
        return f"<Lab {self.chapter.number} {self.chapter.slug}>"


def _take(chapter: Chapter, count: int) -> tuple[Cluster, str]:
    if given := attach(count):
        return given, ATTACHED
    with cell_report() as report:
        report("Get your engine ready" if count == 1 else f"Get your {count} engines ready")
        have = supply.ready() or supply.ensure(report)
        arguments = (have.host, have.image, have.mirror)
        cluster = take(*arguments, chapter.number, count)
    # The next notebook finds a warm one.
    threading.Thread(target=keep_spare, args=arguments, daemon=True).start()
    return cluster, have.source


def open_lab(number: str, nodes: int | None = None) -> Lab:
    """Opens the lab of a chapter; the one that was open in this kernel is closed."""
    chapter = catalogue().chapter(number)
    if before := open_before():
        before.close()
    lab = Lab(chapter, *_take(chapter, chapter.nodes if nodes is None else nodes))
    set_current(lab)
    return lab


def prepare(shell: InteractiveShell) -> None:
    """Makes the magics known to a kernel, and its errors short."""
    host_magic.register(shell)
    trace_magic.register(shell)
    first_line.register(shell)
    tell_refusals()
