"""The pictures that a lab draws of its engine's State, each live and one of a kind."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from course.notebook.actions import Actions
from course.notebook.tables import Watched
from course.views.compose import Compose
from course.views.lifecycle import Lifecycle
from course.views.mounts import Mounts
from course.views.network import NetworkMap
from course.views.restarts import Restarts
from course.views.signals import Signals
from course.views.view import View


class Pictured(Watched):
    """A lab whose engine can be looked at."""

    @cached_property
    def _views(self) -> list[View[Any]]:
        return []

    def lifecycle(self) -> View[Any]:
        """Every container in the state machine, live, with buttons for the legal moves."""
        return self._show(Lifecycle(act=Actions(self.connect)))

    def signals(self) -> View[Any]:
        """A time line of signals, grace periods and exit codes, live."""
        return self._show(Signals())

    def mounts(self) -> View[Any]:
        """Containers, and the volumes, host paths and tmpfs mounted in them, live."""
        return self._show(Mounts())

    def network_map(self) -> View[Any]:
        """Networks as buses, with containers, addresses, names and published ports, live."""
        return self._show(NetworkMap())

    def compose(self, project: str | None = None) -> View[Any]:
        """The services of a Compose project, what each waits for, its networks and volumes, live.

        Args:
            project: Its name; without one, the only project that there is.
        """
        return self._show(Compose(project))

    def restarts(self, *names: str) -> View[Any]:
        """How these containers (all that ended, without names) ended and came back, live."""
        return self._show(Restarts(*names))

    def _show(self, view: View[Any]) -> View[Any]:
        return self._keep(view).attach(self.watcher)

    def _keep(self, view: View[Any]) -> View[Any]:
        # One live picture of a kind: the one that a cell run again replaces is closed.
        for old in [shown for shown in self._views if type(shown) is type(view)]:
            old.close()
            self._views.remove(old)
        self._views.append(view)
        return view
