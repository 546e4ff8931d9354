"""What became of requests to a published port: the node that took each, and who answered it."""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from course.watch.swarm import Swarm
from course.watch.swarm_task import Service

# What curl's exit codes say, in words: https://curl.se/libcurl/c/libcurl-errors.html
REFUSED, TIMED_OUT, UNREACHABLE = "refused", "timed out", "unreachable"
ERRORS = {
    "7": REFUSED,
    "28": TIMED_OUT,
    "52": "empty answer",
    "55": "broken off",
    "56": "broken off",
    "unreachable": UNREACHABLE,
}
SHORT_ID = 12  # a container's host name, where nobody chose another
MOST = 40  # characters of a page's first line


@dataclass(frozen=True, slots=True)
class Request:
    """A request that came to its end.

    Attributes:
        node: The one whose address it went to.
        answer: First line of the page that came back: who says to have answered.
        error: Why none came: "refused", "timed out" …; empty where one did.
        seconds: How long it took; None where that was not measured.
    """

    node: str
    answer: str = ""
    error: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, order=True)
class Replica:
    """Who can answer: a task that runs, or whoever else did.

    Attributes:
        node: Where it runs; empty where that is not known.
        container: The beginning of its container's id.
    """

    name: str
    node: str = ""
    container: str = ""

    def is_called(self, answer: str) -> bool:
        """Whether a page that says this is its page."""
        return answer == self.name or (bool(self.container) and answer == self.container)


@dataclass(frozen=True)
class Mesh:
    """Requests to one port of several nodes, as far as they have come.

    Attributes:
        seq: Counts up with each moment.
        nodes: Names of those that were asked, in order.
        each: How many requests each of them is to get.
        service: Name of the service that publishes the port; empty where none does.
        mode: How it does: "ingress" (on every node) or "host" (where a task runs).
        tasks: The tasks of that service that ran before the first request or after the last.
        is_over: No more requests will come.
        problem: Why no more come, where something went wrong.
    """

    port: int
    seq: int = 0
    nodes: tuple[str, ...] = ()
    each: int = 0
    service: str = ""
    mode: str = ""
    tasks: tuple[Replica, ...] = ()
    requests: tuple[Request, ...] = ()
    is_over: bool = False
    problem: str = ""

    @cached_property
    def replicas(self) -> tuple[Replica, ...]:
        """The tasks, by node and name, then others that answered, by name."""
        known = sorted(self.tasks, key=lambda one: (self._place(one.node), _natural(one.name)))
        said = {one.answer for one in self.requests if not one.error}
        strange = [word for word in said if not any(one.is_called(word) for one in known)]
        return (*known, *map(Replica, sorted(strange)))

    @cached_property
    def flows(self) -> Counter[tuple[str, Replica]]:
        """How many requests went from which node to whom."""
        found: Counter[tuple[str, Replica]] = Counter()
        for request in self.requests:
            if not request.error:
                found[request.node, self._who(request.answer)] += 1
        return found

    def errors(self, node: str) -> Counter[str]:
        """How many requests to a node failed, by error."""
        return Counter(one.error for one in self.requests if one.node == node and one.error)

    def taken(self, node: str) -> int:
        """How many requests to a node were answered."""
        return sum(one.node == node and not one.error for one in self.requests)

    @property
    def answers(self) -> int:
        """How many requests were answered."""
        return sum(not one.error for one in self.requests)

    def answered(self, replica: Replica) -> int:
        """How many requests it answered."""
        return sum(count for (_, who), count in self.flows.items() if who == replica)

    def _who(self, answer: str) -> Replica:
        return next(one for one in self.replicas if one.is_called(answer))

    def _place(self, node: str) -> int:
        return self.nodes.index(node) if node in self.nodes else len(self.nodes)


def _natural(name: str) -> tuple[str, int]:
    head, _, number = name.rpartition(".")
    return (head, int(number)) if number.isdecimal() else (name, 0)


def publisher(swarm: Swarm, port: int) -> tuple[Service, str] | None:
    """The service that publishes a port, and how: "ingress" or "host"."""
    for service in swarm.services:
        for opening in service.ports:
            if opening.public == port:
                return service, opening.mode
    return None


def replicas(swarm: Swarm, service: Service) -> tuple[Replica, ...]:
    """The tasks of a service that run."""
    found = []
    for task in swarm.tasks_of(service):
        member = swarm.member(task.node)
        if task.runs and member:
            name = f"{service.name}.{task.slot or member.name}"
            found.append(Replica(name, member.name, task.container[:SHORT_ID]))
    return tuple(found)


def merged(*looks: Sequence[Replica]) -> tuple[Replica, ...]:
    """Each replica of several looks, once."""
    return tuple(dict.fromkeys(one for look in looks for one in look))


def parse(node: str, line: str) -> Request | None:
    """Reads a line that the script in `mesh_reader` wrote; None where it is none of its lines.

    Args:
        node: The one that was asked.
        line: Exit code, seconds or "-", and the page in base64.
    """
    words = line.split()
    if len(words) not in (2, 3):
        return None
    code, took, *page = words
    try:
        seconds = float(took) if took != "-" else None
        said = base64.b64decode("".join(page), validate=True).decode(errors="replace")
    except (ValueError, binascii.Error):
        return None
    if code != "0":
        return Request(node, error=ERRORS.get(code, f"curl said {code}"), seconds=seconds)
    return Request(node, _first(said.splitlines()), seconds=seconds)


def _first(lines: Iterable[str]) -> str:
    words = next((line.strip() for line in lines if line.strip()), "")
    return words[:MOST] or "an empty page"
