"""A request's path as lanes and steps between them: what Request path draws, and tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from course.watch.path import DONE, FAILED, QUEUED, REFUSED, ROW, TAKEN, Hop, Member, RequestPath

BROWSER = "browser"
# From the browser to the back, as complex-app has them; others follow.
ORDER = ("nginx", "client", "server", "postgres", "redis", "worker")
# Who is asked, when a service says this: databases know nothing of requests.
ASKED = {ROW: "postgres", QUEUED: "redis", TAKEN: "redis", DONE: "redis"}
GATEWAY = ("502", "504")  # nginx answers for somebody who does not
MOST = 4  # lanes of one service
NOBODY, ALONE = "queued, nobody took it", "taken, and its worker ended"


@dataclass(frozen=True, slots=True)
class Lane:
    """A container that takes part, or the browser.

    Attributes:
        container: Its name.
        short: The same without the project's.
        by_lot: Whether others of its service might have done the same.
    """

    service: str
    container: str = ""
    short: str = ""
    number: int = 1
    state: str = "running"
    by_lot: bool = False

    @property
    def title(self) -> str:
        """Its service, with the container's number where there are several."""
        return f"{self.service} {self.number}" if self.by_lot else self.service


@dataclass(frozen=True, slots=True)
class Step:
    """An arrow from a lane to another, or a remark on one.

    Attributes:
        source: Number of the lane.
        target: The same for a remark.
        words: What happens.
        kind: "ask", "answer", "refusal" (an answer from 400 on), "broken" (nobody answers); "note",
            "bad" and "wait" are remarks.
        note: What more there is to say, such as an error's words.
        seconds: Since the request came in; None where no log tells.
        later: Whether the answer did not wait for it.
    """

    source: int
    target: int
    words: str
    kind: str = "ask"
    note: str = ""
    seconds: float | None = None
    later: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """All lanes from left to right and all steps from top to bottom."""

    lanes: tuple[Lane, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def touched(self) -> frozenset[str]:
        """The services that the request came to."""
        ends = {end for step in self.steps for end in (step.source, step.target)}
        return frozenset(self.lanes[end].service for end in ends)

    def is_by_lot(self, step: Step) -> bool:
        """Whether another container of the service might have done this step."""
        return self.lanes[step.source].by_lot or self.lanes[step.target].by_lot

    def tell(self) -> str:
        """Returns the steps in words, without containers' names and times."""
        return "; ".join(self._tell(step) for step in self.steps)

    def _tell(self, step: Step) -> str:
        source, target = self.lanes[step.source].service, self.lanes[step.target].service
        way = source if source == target else f"{source} to {target}"
        return f"{way}: {step.words}"


def story(path: RequestPath) -> Story:
    """Returns what is drawn of a path."""
    lanes = tuple(_lanes(path))
    return Story(lanes, tuple(_steps(path, lanes)) if path.hops else ())


def _lanes(path: RequestPath) -> Iterator[Lane]:
    yield Lane(BROWSER)
    speaking = {hop.container for hop in path.hops}
    spoken = {hop.service for hop in path.hops} | {hop.to for hop in path.hops} - {""}
    spoken |= {ASKED[hop.what] for hop in path.hops if hop.what in ASKED}
    there = {one.service for one in path.members}
    rest = sorted(spoken - set(ORDER))
    for service in (*(one for one in ORDER if one in there | spoken), *rest):
        mine = [one for one in path.members if one.service == service]
        if not mine:
            yield Lane(service, state="removed" if path.members else "")
        for one in _shown(mine, speaking):
            short = one.name.removeprefix(f"{path.project}-")
            yield Lane(service, one.name, short, one.number, one.state, len(mine) > 1)


def _shown(mine: Sequence[Member], speaking: set[str]) -> list[Member]:
    if len(mine) <= MOST:
        return list(mine)
    ranked = sorted(mine, key=lambda one: one.name not in speaking)[:MOST]
    return sorted(ranked, key=lambda one: one.number)


def _steps(path: RequestPath, lanes: Sequence[Lane]) -> Iterator[Step]:
    def at(service: str, container: str = "") -> int:
        same = [n for n, lane in enumerate(lanes) if lane.service == service]
        return next((n for n in same if lanes[n].container == container), same[0] if same else 0)

    answer, now = path.answer, path.now
    last = 0
    if answer is not None:
        gate = at(answer.service, answer.container)
        yield Step(0, gate, answer.what, seconds=0.0)
        last = gate
        if now or answer.to:
            inner = at(now[0].service, now[0].container) if now else at(answer.to)
            silent = not now and answer.status in GATEWAY
            words = "nobody answers" if silent else "passed on"
            yield Step(gate, inner, words, "broken" if silent else "ask")
            last = gate if silent else inner
    for hop in now:
        last = at(hop.service, hop.container)
        yield _said(hop, last, at(ASKED[hop.what]) if hop.what in ASKED else last)
    if answer is not None:
        kind = "answer" if answer.status < "400" else "refusal"
        yield Step(last, 0, _status(answer.status), kind, seconds=answer.seconds)
    for number, hop in enumerate(path.later):
        worker, store = at(hop.service, hop.container), at(ASKED[hop.what])
        ends = (store, worker) if hop.what == TAKEN else (worker, store)
        again = " again" if hop.what in {one.what for one in path.later[:number]} else ""
        yield Step(*ends, _labelled(hop, again), seconds=hop.seconds, later=True)
    if path.is_pending:
        yield _waiting(path, at)


def _said(hop: Hop, source: int, target: int) -> Step:
    bad = hop.what in (REFUSED, FAILED)
    if source == target:
        note = hop.note if hop.what == FAILED else ""
        return Step(source, target, hop.what, "bad" if bad else "note", note, hop.seconds)
    return Step(source, target, _labelled(hop), seconds=hop.seconds)


def _labelled(hop: Hop, again: str = "") -> str:
    return f"{hop.what}{again}: {hop.note}" if hop.note else f"{hop.what}{again}"


def _waiting(path: RequestPath, at: Callable[..., int]) -> Step:
    taken = [hop for hop in path.later if hop.what == TAKEN]
    if not taken:
        where = at(ASKED[QUEUED])
        return Step(where, where, NOBODY, "wait", later=True)
    where = at(taken[-1].service, taken[-1].container)
    alive = any(one.name == taken[-1].container and one.state == "running" for one in path.members)
    return Step(where, where, "at it" if alive else ALONE, "wait", later=True)


def _status(code: str) -> str:
    try:
        return f"{code} {HTTPStatus(int(code)).phrase}"
    except ValueError:
        return code
