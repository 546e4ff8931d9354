"""What check authors write with: small expectations of a live engine.

`check(at)` asks `at` for what the task wants. What is missing raises `NotAttempted` or `NotYet`
with words for the learner. Everything here only reads: the engine through GET and HEAD, the lab's
Docker host through `cat`, `stat`, `readlink` and one HTTP GET. There is no `exec`: it would make an
object on the engine and an event that the learner did not cause.
"""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import docker
import requests
from docker.errors import NotFound

from course.checks.budget import Budget
from course.checks.container import ContainerAt
from course.checks.events import happened
from course.checks.host import PATIENCE, HostAt
from course.checks.lab import Lab
from course.checks.readonly import readonly
from course.checks.verdict import NotAttempted, NotYet

T = TypeVar("T")


class At(HostAt):
    """A live engine and its Docker hosts to hold a task's expectations against.

    Args:
        lab: Whose engine and Docker host.
        client: A client of this check's own, read-only.
        budget: How long the check may take.
    """

    def __init__(self, lab: Lab, client: docker.DockerClient, budget: Budget) -> None:
        super().__init__(lab, budget)
        self.client = client

    def not_yet(self, message: str, look: str = "") -> NoReturn:
        """Raises NotYet: begun, and this is still wrong."""
        raise NotYet(message, look)

    def not_attempted(self, message: str, look: str = "") -> NoReturn:
        """Raises NotAttempted: nothing says that the learner has begun."""
        raise NotAttempted(message, look)

    def ask(self, question: Callable[[docker.APIClient], T], node: str = "node1") -> T | None:
        """Returns what a node's engine answers; None while it is off, or silent for 2 seconds.

        Args:
            question: Asked of a client that can only look.
            node: Which of the lab's engines.
        """
        patience, found = min(self._budget.left(), PATIENCE), self._lab.node(node)
        if not found.is_on:
            return None
        with contextlib.closing(found.connect(max(1, round(patience)))) as client:
            try:
                return question(readonly(client).api)
            except requests.Timeout:
                return None

    def info(self, node: str = "node1") -> dict[str, Any] | None:
        """Returns what a node's engine says of itself, as `ask` does."""
        return self.ask(lambda api: dict(api.info()), node)

    def find(self, name: str) -> ContainerAt | None:
        """Returns the container with this name, or None."""
        found = self._inspect(name)
        # The engine also finds a container by the first letters of its id.
        return found if found and found.name == name else None

    def _inspect(self, key: str) -> ContainerAt | None:
        self._budget.left()
        try:
            return ContainerAt(self.client, self._budget, self.client.api.inspect_container(key))
        except NotFound:
            return None

    def containers(self) -> list[ContainerAt]:
        """Returns every container, whatever its state, newest first."""
        ids = [entry["Id"] for entry in self.client.api.containers(all=True)]
        return [found for key in ids if (found := self._inspect(key))]

    def destroyed(self, **filters: str) -> list[str]:
        """Returns the names of containers that were removed, as far as the engine remembers.

        Args:
            filters: Of the events call, such as `label="key=value"`.
        """
        self._budget.left()
        gone = happened(self.client, 1, event="destroy", **filters)
        return [event.attributes.get("name", "") for event in gone]

    def container(
        self, name: str, like: Callable[[ContainerAt], bool] | None = None
    ) -> ContainerAt:
        """Expects a container with this name.

        Args:
            name: As given at its creation.
            like: Tells a container that would do but for its name.

        Raises:
            NotYet: Another container has nearly this name, or would do.
            NotAttempted: There is none.
        """
        found = self.find(name)
        if found is None:
            self._missing(name, like)
        return found

    def _missing(self, name: str, like: Callable[[ContainerAt], bool] | None) -> NoReturn:
        others = self.containers()
        near = difflib.get_close_matches(name, [other.name for other in others], 1, 0.7)
        if near:
            self.not_yet(
                f"There is a container `{near[0]}`, but none named `{name}`.", "docker ps -a"
            )
        for other in others:
            if like and like(other):
                self.not_yet(
                    f"A container does what is asked, but its name is `{other.name}`, "
                    f"not `{name}`. Without a name of yours the engine makes one up.",
                    'docker ps -a --format "{{.Names}}  {{.Command}}"',
                )
        self.not_attempted(f"There is no container named `{name}` yet.", "docker ps -a")

    def answers(self, port: int, text: str = "", path: str = "/") -> str:
        """Expects success and an answer that holds `text` on a port of the lab's Docker host.

        Waits at most 2 seconds, and returns the first 64 KiB of the answer.
        """
        answer, look = self.asked(port, path), f"curl -i localhost:{port}{path}"
        if answer is None:
            self.not_yet(f"Port {port} does not answer.", f"docker ps --filter publish={port}")
        if not 200 <= answer.status < 300:
            self.not_yet(f"Port {port} answers `{path}` with status {answer.status}.", look)
        if text not in answer.body:
            self.not_yet(f"Port {port} answers, but without `{text}`.", look)
        return answer.body
