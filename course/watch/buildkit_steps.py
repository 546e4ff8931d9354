"""The steps of a build and their stages, as BuildKit's vertexes tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from course.watch.build import UNKNOWN, State, Step

_STEP = re.compile(
    r"^\[(?:(?P<stage>[^\]\s]+) )?(?P<at>\d+)/(?P<of>\d+)\] (?P<what>.*)$", re.DOTALL
)
_FROM = re.compile(r"--from=(\S+)|^FROM (\S+)")
REGISTRY = re.compile(r"docker\.io/(?:library/)?|@sha256:[0-9a-f]{64}")
_FROM_NAME = re.compile(r"^\[.*?\] ")


@dataclass
class Vertex:
    """One thing that BuildKit does; times in seconds of any clock.

    Attributes:
        inputs: Digests of what it needs.
        spans: When it worked; it may do so more than once.
    """

    name: str
    inputs: tuple[str, ...] = ()
    spans: dict[float, float | None] = field(default_factory=dict)
    cached: bool = False
    error: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        """How it is."""
        if self.error:
            return "failed"
        if self.cached:
            return "cached"
        if not self.spans:
            return "waiting"
        return "running" if None in self.spans.values() else "built"

    @property
    def seconds(self) -> float | None:
        """How long it worked; None before it ends."""
        if not self.spans or None in self.spans.values():
            return None
        return sum((end or start) - start for start, end in self.spans.items())


def ordered(vertexes: Mapping[str, Vertex]) -> list[Step]:
    """Returns the steps as the Dockerfile has them; what is done at once is told in any order."""
    stages: dict[str, dict[int, Step]] = {}
    for vertex in vertexes.values():
        if found := _STEP.match(vertex.name):
            stage = stages.setdefault(found["stage"] or "", {})
            stage[int(found["at"])] = _step(vertex, found)
            if found["at"] == "2":
                stage.setdefault(1, _base(vertexes, vertex, found["stage"] or ""))
    names = _stage_order(stages, dict(parents(vertexes)))
    several = len(names) > 1
    steps = [stages[name][at] for name in names for at in sorted(stages[name])]
    return steps if several else [replace(step, stage="") for step in steps]


def parents(vertexes: Mapping[str, Vertex]) -> tuple[tuple[str, str], ...]:
    """Returns each stage that stands on another one, with that one.

    Of `FROM scratch` and `FROM STAGE` nothing is told. But what the first step of such a stage
    needs, and does not copy from, it stands on. Plain text tells of no needs.
    """
    firsts: dict[str, Vertex] = {}
    lasts: dict[str, tuple[int, str]] = {}
    for key, vertex in vertexes.items():
        if found := _STEP.match(vertex.name):
            stage, at = found["stage"] or "", int(found["at"])
            lasts[stage] = max(lasts.get(stage, (0, "")), (at, key))
            if at == 1:
                firsts[stage] = vertex
    ends = {key: stage for stage, (_, key) in lasts.items()}
    is_told = any(vertex.inputs for vertex in vertexes.values())
    found_all = {
        stage: _parent(first, ends, list(lasts)) if is_told else UNKNOWN
        for stage, first in firsts.items()
        if len(lasts) > 1 and not _FROM_NAME.sub("", first.name).startswith("FROM ")
    }
    return tuple((stage, parent) for stage, parent in found_all.items() if parent)


def _parent(first: Vertex, ends: Mapping[str, str], stages: Sequence[str]) -> str:
    copied = _names(first.name)
    copied |= {stages[int(at)] for at in copied if at.isdecimal() and int(at) < len(stages)}
    on = (ends[key] for key in first.inputs if key in ends)
    return next((name for name in on if not copied & {name, name.removeprefix("stage-")}), "")


def _base(vertexes: Mapping[str, Vertex], second: Vertex, stage: str) -> Step:
    """The FROM of a stage: where two stages have one base, BuildKit tells of it once."""
    bases = {
        key: vertex
        for key, vertex in vertexes.items()
        if (found := _STEP.match(vertex.name)) and found["what"].startswith("FROM ")
    }
    mine = [bases[key] for key in second.inputs if key in bases] or list(bases.values())
    names = {_FROM_NAME.sub("", vertex.name) for vertex in mine}
    found = _STEP.match(mine[0].name) if len(names) == 1 else None
    return replace(_step(mine[0], found), stage=stage) if found else Step("FROM", "base", stage)


def total(vertexes: Iterable[Vertex]) -> int:
    """Returns how many steps there will be, as far as their names tell."""
    found = [match for vertex in vertexes if (match := _STEP.match(vertex.name))]
    return sum({match["stage"]: int(match["of"]) for match in found}.values())


def _step(vertex: Vertex, found: re.Match[str]) -> Step:
    what = " ".join(found["what"].split())
    state, seconds = vertex.state, vertex.seconds
    if what.startswith("FROM "):
        what = REGISTRY.sub("", what).replace(":latest", "")
        state = "base" if state in ("built", "cached") else state
    return Step(what, state, found["stage"] or "", seconds, said=tuple(vertex.said))


def _stage_order(stages: Mapping[str, Mapping[int, Step]], on: Mapping[str, str]) -> list[str]:
    """Each stage after those that it stands on or copies from; otherwise as they were told of."""
    needs = {
        name: {on.get(name, ""), *(a for step in steps.values() for a in _names(step.instruction))}
        for name, steps in stages.items()
    }
    ordered: list[str] = []

    def place(name: str, above: frozenset[str]) -> None:
        if name in ordered or name in above:
            return
        for other in stages:
            alias = other.removeprefix("stage-")
            if other != name and (other in needs[name] or alias in needs[name]):
                place(other, above | {name})
        ordered.append(name)

    for name in stages:
        place(name, frozenset())
    return ordered


def _names(instruction: str) -> set[str]:
    return {found[1] or found[2] for found in _FROM.finditer(instruction)}
