"""Control: what a swarm's managers say, asked from whichever answers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from docker.errors import APIError
from requests import Timeout

from course.engine.node import Node
from course.watch import swarm_parse as parse
from course.watch.line import Line
from course.watch.swarm import Member
from course.watch.swarm_post import SLOW
from course.watch.swarm_task import Service, Task

TIMEOUT = 4  # seconds; without a leader an engine tries for 20, and does not see a new one
SHARE = 10  # tasks are asked for again after so many times the time that they took
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    """A manager's answers as they came; `tasks` is None where it was too soon to ask again."""

    nodes: bytes
    services: bytes
    tasks: bytes | None


class Control:
    """Remembers which manager answered, and what; asks all others when that one does not.

    Attributes:
        members: By name, as are the services.
        asked: The node that answered last.
        problem: What a manager said instead of an answer.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line[Told]] = {}
        self.forget()

    def forget(self) -> None:
        """There is no swarm (any more)."""
        self.close()
        self._services, self._tasks = parse.Rows(parse.service), parse.Rows(parse.task)
        self._nodes: parse.Rows[Member] = parse.Rows(parse.member, always=True)
        self._answered = 0.0
        self._tasks_due = 0.0
        self.members: tuple[Member, ...] = ()
        self.services: tuple[Service, ...] = ()
        self.tasks: tuple[Task, ...] = ()
        self.asked = ""
        self.problem = ""

    @property
    def answers(self) -> bool:
        """Whether a manager answered just now."""
        return not self.problem and time.monotonic() - self._answered < SLOW

    @property
    def exists(self) -> bool:
        """Whether there is a swarm, as far as was told."""
        return bool(self.members)

    def hurry(self) -> None:
        """Asks for everything next time."""
        self._tasks_due = 0.0

    def ask(self, managers: Sequence[Node]) -> Iterator[tuple[float, Future[Told]]]:
        """Asks the manager that answered last; all of them, when it does not.

        Args:
            managers: The nodes that say they are; the best to ask first.

        Yields:
            How long each answer has been waited for, and the answer.
        """
        names = [node.name for node in managers]
        for name in [name for name in self._lines if name not in names]:
            self._lines.pop(name).close()
        if not (self.answers and self.asked in names):
            asked = managers
        else:
            asked = [node for node in managers if node.name == self.asked]
        for node in asked:
            line = self._lines.setdefault(
                node.name, Line(partial(node.connect, TIMEOUT), self._question)
            )
            yield line.waits, line.ask()

    def _question(self, api: Any) -> Told:
        nodes, services = _raw(api, "/nodes"), _raw(api, "/services")
        began = time.monotonic()
        if began < self._tasks_due:
            return Told(nodes, services, None)
        tasks = _raw(api, "/tasks")
        now = time.monotonic()
        self._tasks_due = now + SHARE * (now - began)
        return Told(nodes, services, tasks)

    def take(self) -> None:
        """Takes over what was answered meanwhile."""
        taken = [(name, line.take()) for name, line in self._lines.items()]
        answers = [(name, answer) for name, answer in taken if answer is not None]
        good = [(name, answer) for name, answer in answers if not answer.exception()]
        if good:
            name, answer = next((one for one in good if one[0] == self.asked), good[0])
            self._learn(name, answer.result())
        elif answers and not any(line.waits for line in self._lines.values()):
            self.problem = _words(answers[0][1].exception())

    def _learn(self, name: str, told: Told) -> None:
        self.asked, self.problem, self._answered = name, "", time.monotonic()
        self.members = tuple(sorted(self._nodes.take(told.nodes), key=_by_name))
        self.services = tuple(sorted(self._services.take(told.services), key=_by_name))
        if told.tasks is not None:
            self.tasks = self._tasks.take(told.tasks)

    def close(self) -> None:
        """Closes all connections; another question opens others."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()


def _raw(api: Any, path: str) -> bytes:
    """The answer's bytes: what has not changed need not be read as JSON."""
    answer = api._get(api._url(path))
    api._raise_for_status(answer)
    return bytes(answer.content)


def _words(problem: BaseException | None) -> str:
    if isinstance(problem, APIError):
        return str(problem.explanation or problem)
    if isinstance(problem, Timeout):
        return f"it gave no answer within {TIMEOUT} s"
    return str(problem) or type(problem).__name__


def _by_name(one: Member | Service) -> tuple[list[str | int], str]:
    """node10 comes after node9."""
    parts = _DIGITS.split(one.name)
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], one.id
