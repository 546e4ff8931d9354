"""Post: what one node of a lab says of itself, in a swarm or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

from requests import Timeout

from course.engine.node import Node
from course.watch import swarm_parse as parse
from course.watch.line import Line
from course.watch.swarm import Host, Living

SLOW = 1.5  # seconds of silence after which a node counts as silent
REST = 2.0  # seconds between two looks at an engine that is well
TIMEOUT = 5  # seconds; a manager that has just lost its quorum would take 20 for `GET /info`


class Post:
    """Asks one engine how it is, and which tasks' containers it has.

    Args:
        node: Of the lab.
    """

    def __init__(self, node: Node) -> None:
        self.node = node
        self._member = ""
        self._forget()

    def _forget(self) -> None:
        connect = partial(self.node.connect, TIMEOUT)
        self._info_line: Line[dict[str, Any]] = Line(connect, lambda api: api.info())
        self._living_line = Line(connect, _living)
        self._info: dict[str, Any] | None = None
        self._living: tuple[Living, ...] | None = None
        self._asked = 0.0
        self._hangs = False

    @property
    def power(self) -> str:
        """on, off or cut."""
        if not self.node.is_on:
            return "off"
        return "cut" if self.node.is_cut else "on"

    @property
    def is_slow(self) -> bool:
        """Whether it lets one wait: it is dead, or asks managers that are."""
        return self._hangs or self._info_line.waits > SLOW

    def ask(self, info: bool, living: bool) -> Iterator[tuple[float, Future[Any]]]:
        """Asks what is due; yields how long each answer has been waited for, and the answer.

        Args:
            info: Whether its state is wanted now; else now and then.
            living: Whether its containers of tasks are wanted.
        """
        if not self.node.is_on:
            self.close()
            return
        now = time.monotonic()
        if info or now - self._asked > REST:
            self._asked = now
            yield self._info_line.waits, self._info_line.ask()
        if living or self.is_slow:
            yield self._living_line.waits, self._living_line.ask()
        else:
            self._living = None

    def host(self) -> Host:
        """Takes what was answered meanwhile, and returns the node as it is."""
        if taken := self._info_line.take():
            self._hangs = isinstance(taken.exception(), Timeout)
            if not self._hangs:
                self._info = None if taken.exception() else taken.result()
        if seen := self._living_line.take():
            self._living = None if seen.exception() else seen.result()
        info = None if self.is_slow and self._living is None else self._info
        made = parse.host(self.node.name, self.node.address, self.power, info)
        self._member = made.member if made.local else self._member
        return replace(made, member=self._member, living=self._living)

    def close(self) -> None:
        """Closes its connections; another question opens others."""
        self._info_line.close()
        self._living_line.close()
        self._forget()


def _living(api: Any) -> tuple[Living, ...]:
    return parse.living(api.containers(filters={"label": parse.TASK}))
