"""The lab as a notebook sees it: an engine, and the views, traces and checks on it."""

from __future__ import annotations

import contextlib
import threading
from functools import cached_property, partial
from typing import Any

import pandas as pd
from docker.errors import NotFound
from IPython.core.interactiveshell import InteractiveShell

from course.catalogue import Chapter, catalogue
from course.checks.desk import Desk
from course.checks.hints import Ask, Hints
from course.checks.verdict import Verdict
from course.engine import lab as engine_lab
from course.engine.lab import Node, attached, keep_spare, take_sandbox
from course.images import preflight, supply
from course.images.preflight import Preflight
from course.notebook import host_magic, trace_magic
from course.notebook.actions import Actions
from course.notebook.current import open_before, set_current
from course.notebook.progress import cell_report
from course.notebook.refusals import tell_refusals
from course.notebook.status import Status
from course.trace.table import Trace
from course.views.anatomy import AnatomyView
from course.views.lifecycle import Lifecycle
from course.views.run import WhatRunDoes
from course.views.signals import Signals
from course.views.view import View
from course.watch import frames
from course.watch.anatomy import anatomy_of
from course.watch.watcher import Watcher


class Lab(engine_lab.Lab):
    """A clean engine for one chapter, with everything a notebook shows of it."""

    def __init__(self, chapter: Chapter, node: Node, source: str) -> None:
        super().__init__(chapter, node, source)
        self._views: list[View[Any]] = []

    @cached_property
    def watcher(self) -> Watcher:
        """What keeps the engine's State for all views; started at its first use."""
        watcher = Watcher(self.connect)
        watcher.start()
        return watcher

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self)

    def status(self) -> Status:
        """One line: which engine this lab has, and where its images come from."""
        return Status.of(self)

    def trace(self) -> Trace:
        """A context manager that lists the HTTP calls of its block."""
        self.watcher.settle()  # so that the story of this trace can tell the engine's events
        return Trace(self.client)

    def fresh(self, *names: str) -> None:
        """Removes the lab's containers of these names, so that a cell can be run again."""
        for name in names:
            with contextlib.suppress(NotFound):
                self.client.containers.get(name).remove(v=True, force=True)

    def preflight(self, only: str | None = None) -> Preflight:
        """What this machine and its engine have, and what is missing; or one part of that."""
        return preflight.preflight(self.run, only)

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

    def events(self) -> pd.DataFrame:
        """What happened on the engine since the lab was opened (the last 200 events)."""
        return frames.events(self.watcher.settle())

    def lifecycle(self) -> View[Any]:
        """Every container in the state machine, live, with buttons for the legal moves."""
        return self._show(Lifecycle(act=Actions(self.connect)))

    def signals(self) -> View[Any]:
        """A time line of signals, grace periods and exit codes, live."""
        return self._show(Signals())

    def anatomy(self, name: str) -> View[Any]:
        """What one container is made of: layers, namespaces, limits, process."""
        client = self.connect()  # the view reads on its own thread
        return self._keep(AnatomyView(partial(anatomy_of, self, name, client)))

    def what_run_does(self, trace: Trace) -> View[Any]:
        """The story of a trace, with what the engine did meanwhile."""
        return self._keep(WhatRunDoes(trace, self.watcher.settle().events))

    def _show(self, view: View[Any]) -> View[Any]:
        return self._keep(view).attach(self.watcher)

    def _keep(self, view: View[Any]) -> View[Any]:
        # One live picture of a kind: the one that a cell run again replaces is closed.
        for old in [shown for shown in self._views if type(shown) is type(view)]:
            old.close()
            self._views.remove(old)
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
        if "watcher" in self.__dict__:
            self.watcher.stop()
        super().close()

    def __repr__(self) -> str:
        return f"<Lab {self.chapter.number} {self.chapter.slug}>"


def _take(chapter: Chapter) -> tuple[Node, str]:
    if node := attached():
        node.stop()  # leaves it clean
        return node, "attached"
    with cell_report() as report:
        report("Get your engine ready")
        have = supply.ready() or supply.ensure(report)
        sandbox = take_sandbox(have.host, have.image, have.mirror, chapter.number)
    # The next notebook finds a warm one.
    arguments = (have.host, have.image, have.mirror)
    threading.Thread(target=keep_spare, args=arguments, daemon=True).start()
    return sandbox, have.source


def open_lab(number: str) -> Lab:
    """Opens the lab of a chapter; the one that was open in this kernel is closed."""
    chapter = catalogue().chapter(number)
    if before := open_before():
        before.close()
    lab = Lab(chapter, *_take(chapter))
    set_current(lab)
    return lab


def prepare(shell: InteractiveShell) -> None:
    """Makes the magics known to a kernel, and its errors short."""
    host_magic.register(shell)
    trace_magic.register(shell)
    tell_refusals()
