"""One request's way through the services of a Compose project, as their logs tell it.

A service says what it does in lines of JSON, `{"request": ID, "what": …}`: as exercises/complex-app
does, where nginx makes the id and it goes along with the request and with the job. Databases know
nothing of requests. What was asked of them stands in the line of who asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ROW, QUEUED, TAKEN, DONE = "row written", "job queued", "job taken", "value written"
REFUSED, FAILED = "refused", "failed"
LATER = (TAKEN, DONE)  # what the answer does not wait for


@dataclass(frozen=True, slots=True)
class Member:
    """A container of the project; `state` is as in `docker ps`, "running" or "exited"."""

    service: str
    name: str
    number: int = 1
    state: str = "running"


@dataclass(frozen=True, slots=True)
class Hop:
    """One line of a log: what a container says that it did for the request.

    Attributes:
        service: Of the project, as in its Compose file.
        container: Its name.
        what: As it says.
        seconds: From the request's coming in to this line, by the engine's clock.
        status: Of the answer, where nginx tells of one: "202".
        to: The service to which nginx gave the request.
        note: What more it says: the index, or an error's words.
    """

    service: str
    container: str
    what: str
    seconds: float = 0.0
    status: str = ""
    to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestPath:
    """What is known of one request.

    Attributes:
        project: The Compose project.
        request: The id that was asked for or found; empty where no log tells of a POST.
        hops: In the order of what caused what: the line with the answer's status, which nginx
            writes when all is over, stands first; what a worker did later stands last.
        members: The project's containers, by service and number.
    """

    project: str = ""
    request: str = ""
    hops: tuple[Hop, ...] = ()
    members: tuple[Member, ...] = ()

    @property
    def answer(self) -> Hop | None:
        """The hop that tells the answer's status, when there was one."""
        return next((hop for hop in self.hops if hop.status), None)

    @property
    def now(self) -> tuple[Hop, ...]:
        """What the answer waited for, without the answer."""
        return tuple(hop for hop in self.hops if not hop.status and hop.what not in LATER)

    @property
    def later(self) -> tuple[Hop, ...]:
        """What workers did."""
        return tuple(hop for hop in self.hops if hop.what in LATER)

    @property
    def number(self) -> str:
        """The index that was handed in, where a line tells it."""
        told = (hop.note for hop in self.hops if hop.what in (ROW, QUEUED, *LATER))
        return next(told, "")

    @property
    def is_pending(self) -> bool:
        """Whether a job is queued or taken, and no value written."""
        said = {hop.what for hop in self.hops}
        return bool(said & {QUEUED, TAKEN}) and DONE not in said

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is to come."""
        return self.answer is not None and not self.is_pending


@dataclass(frozen=True, slots=True)
class Line:
    """A line of JSON in a log that names a request; `at` in seconds since the epoch."""

    at: float
    member: Member
    said: Mapping[str, Any]

    @property
    def request(self) -> str:
        """Its request's id."""
        return str(self.said["request"])

    def hop(self, first: float) -> Hop:
        """Returns it as a hop of a request that came in at `first`."""
        what, status, to, error, number = (
            _words(self.said.get(key)) for key in ("what", "status", "to", "error", "number")
        )
        member, seconds = self.member, self.at - first
        service = to.partition(":")[0]  # without its port
        return Hop(member.service, member.name, what, seconds, status, service, error or number)

    @property
    def began(self) -> float:
        """When that began: nginx tells an answer when it has been given, and how long it took."""
        try:
            return self.at - float(self.said.get("seconds", 0))
        except (TypeError, ValueError):
            return self.at


def _words(value: object) -> str:
    """A log may hold anything: a value that is no plain word or number is none."""
    return str(value) if isinstance(value, str | int | float) else ""


def parse(raw: bytes, member: Member) -> list[Line]:
    """Returns the lines of a log (with the engine's times) that name a request."""
    lines = (_line(one, member) for one in raw.decode(errors="replace").split("\n"))
    return [line for line in lines if line is not None]


def _line(raw: str, member: Member) -> Line | None:
    stamp, _, words = raw.partition(" ")
    if not words.startswith("{"):
        return None
    try:
        at = datetime.fromisoformat(stamp).timestamp()
        said = json.loads(words)
    except (ValueError, RecursionError):  # somebody else's words, or JSON to break a reader with
        return None
    request = said.get("request")
    return Line(at, member, said) if isinstance(request, str) and request else None


def trace(
    project: str, members: Iterable[Member], lines: Iterable[Line], request: str | None = None
) -> RequestPath:
    """Returns the path of one request.

    Args:
        project: The Compose project's name.
        members: Its containers.
        lines: What their logs say.
        request: The id; without one it is the latest POST.
    """
    requests: dict[str, list[Line]] = {}
    for line in lines:
        requests.setdefault(line.request, []).append(line)
    wanted = request or _latest_post(requests)
    found = sorted(requests.get(wanted, ()), key=lambda line: line.at)
    first = min((line.began for line in found), default=0.0)
    hops = [line.hop(first) for line in found]
    ranked = sorted(hops, key=lambda hop: (not hop.status, hop.what in LATER))
    told = sorted(members, key=lambda one: (one.service, one.number))
    return RequestPath(project, wanted, tuple(ranked), tuple(told))


def _latest_post(requests: Mapping[str, list[Line]]) -> str:
    """By its first line; one that nginx has not told of yet is a POST if it writes something."""
    posts = [
        (min(line.began for line in lines), ident)
        for ident, lines in requests.items()
        if any(_is_post(line.said) for line in lines)
    ]
    return max(posts, default=(0.0, ""))[1]


def _is_post(said: Mapping[str, Any]) -> bool:
    what = _words(said.get("what"))
    return what.startswith("POST ") or what in (ROW, QUEUED, REFUSED)
