"""What BuildKit tells of a build, as `docker build --progress=rawjson` (buildx 0.13 on) prints it.

Each message is BuildKit's SolveStatus: vertexes (what is to be done), their statuses (transfers,
the export) and logs. Older programs print plain text only: see `buildkit_plain`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from course.watch.build import BUILDKIT, LINES_KEPT, Build, State, Step, line_in, plain

_STEP = re.compile(
    r"^\[(?:(?P<stage>[^\]\s]+) )?(?P<at>\d+)/(?P<of>\d+)\] (?P<what>.*)$", re.DOTALL
)
_FROM = re.compile(r"--from=(\S+)|^FROM (\S+)")
_WHERE = re.compile(r"^\S*:(\d+)$")  # "Dockerfile:3"
_FAULT = re.compile(r"^\s*\d+ \| >>> (.*)")
_ERROR = re.compile(r"^ERROR: (?:failed to (?:build|solve): )*(?:failed to solve: )?(.*)")
_OLD_ERROR = re.compile(r"^failed to solve with frontend \S+: (?:failed to create LLB .*?: )?(.*)")
_REGISTRY = re.compile(r"docker\.io/(?:library/)?|@sha256:[0-9a-f]{64}")
_FROM_NAME = re.compile(r"^\[.*?\] ")
CONTEXT = "[internal] load build context"
_KINDS = ("writing image ", "exporting manifest list ", "exporting manifest ")


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


class Solve:
    """What both forms of BuildKit's progress tell, gathered.

    Attributes:
        vertexes: By digest or number, in the order they were told of.
        context: Bytes of the build context that were sent so far.
        tag: The name that the image got.
    """

    def __init__(self, name: str = "") -> None:
        self.vertexes: dict[str, Vertex] = {}
        self.context: int | None = None
        self.name, self.tag, self.image = name, "", ""
        self.problem = self.excerpt = ""
        self.line: int | None = None
        self.first: float | None = None
        self.last = 0.0

    def status(self, vertex: str, told: str, current: int) -> None:
        """Hears how far a vertex is: the context's bytes, and what the export names."""
        known = self.vertexes.get(vertex)
        if known is not None and known.name == CONTEXT and told.startswith("transferring context"):
            self.context = max(current, self.context or 0)
        for kind in _KINDS:
            if told.startswith(kind + "sha256:") and not (self.image and "manifest " in kind):
                self.image = told.removeprefix(kind).split()[0]
        if told.startswith("naming to "):
            self.tag = _REGISTRY.sub("", told.removeprefix("naming to ").split()[0])

    def text(self, line: str) -> None:
        """Reads a line besides the progress: where a Dockerfile is wrong, and the last word."""
        if found := _WHERE.match(line):
            self.line = int(found[1])
        elif found := _FAULT.match(line):
            self.excerpt = self.excerpt or found[1].strip()
        elif found := _ERROR.match(line):
            self.problem = plain(found[1])
        elif found := _OLD_ERROR.match(line):
            self.problem = self.problem or plain(found[1])

    def build(self, *, is_over: bool) -> Build:
        """Returns the Build as far as it is."""
        steps = tuple(_ordered(self.vertexes))
        spent = self.last - self.first if self.first is not None else None
        problem = self.trouble()
        return Build(
            builder=BUILDKIT,
            name=self.name or self.tag,
            steps=steps,
            total=max(_total(self.vertexes.values()), len(steps)),
            context=self.context,
            seconds=spent if is_over else None,
            image=self.image if is_over and not problem else "",
            problem=problem,
            line=self.line or line_in(problem),
            excerpt=self.excerpt,
            is_over=is_over,
        )

    def trouble(self) -> str:
        """Returns why the build failed: the builder's last word, else what a vertex says."""
        return self.problem or next((v.error for v in self.vertexes.values() if v.error), "")

    def times(self, stamps: Iterable[float]) -> None:
        """Notes when things happened, for the whole build's seconds."""
        for stamp in stamps:
            self.first = stamp if self.first is None else min(self.first, stamp)
            self.last = max(self.last, stamp)


def read_message(solve: Solve, message: Mapping[str, Any]) -> None:
    """Adds one SolveStatus to what is known."""
    for told in message.get("vertexes") or ():
        vertex = solve.vertexes.setdefault(told["digest"], Vertex(told["name"]))
        vertex.inputs = tuple(told.get("inputs") or vertex.inputs)
        vertex.cached = vertex.cached or bool(told.get("cached"))
        vertex.error = plain(told.get("error") or "")
        if told.get("started"):
            began = _seconds(told["started"])
            vertex.spans[began] = _seconds(told["completed"]) if told.get("completed") else None
            solve.times([began, vertex.spans[began] or began])
    for told in message.get("statuses") or ():
        solve.status(told["vertex"], told.get("id", ""), int(told.get("current") or 0))
    for told in message.get("logs") or ():
        if known := solve.vertexes.get(told["vertex"]):
            add_output(known, base64.b64decode(told.get("data", "")).decode(errors="replace"))


def add_output(vertex: Vertex, text: str) -> None:
    """Keeps the last lines that a vertex printed."""
    lines = [line.rpartition("\r")[2].rstrip() for line in text.splitlines()]
    vertex.said = [*vertex.said, *filter(None, lines)][-LINES_KEPT:]


def _seconds(stamp: str) -> float:
    """RFC 3339 with nanoseconds, which `datetime` knows only to the microsecond."""
    whole, _, rest = stamp.partition(".")
    fraction = re.match(r"\d*", rest)
    base = datetime.fromisoformat(whole.removesuffix("Z") + "+00:00").timestamp()
    return base + (float(f"0.{fraction[0]}") if fraction and fraction[0] else 0.0)


def _ordered(vertexes: Mapping[str, Vertex]) -> list[Step]:
    """The steps as the Dockerfile has them: what goes on at the same time is told in any order."""
    stages: dict[str, dict[int, Step]] = {}
    for vertex in vertexes.values():
        if found := _STEP.match(vertex.name):
            stage = stages.setdefault(found["stage"] or "", {})
            stage[int(found["at"])] = _step(vertex, found)
            if found["at"] == "2":
                stage.setdefault(1, _base(vertexes, vertex, found["stage"] or ""))
    names = _stage_order(stages)
    several = len(names) > 1
    steps = [stages[name][at] for name in names for at in sorted(stages[name])]
    return steps if several else [replace(step, stage="") for step in steps]


def _base(vertexes: Mapping[str, Vertex], second: Vertex, stage: str) -> Step:
    """The FROM of a stage: where two stages have one base, BuildKit tells of it once."""
    bases = {
        key: vertex
        for key, vertex in vertexes.items()
        if (found := _STEP.match(vertex.name)) and found["at"] == "1"
    }
    mine = [bases[key] for key in second.inputs if key in bases] or list(bases.values())
    names = {_FROM_NAME.sub("", vertex.name) for vertex in mine}
    found = _STEP.match(mine[0].name) if len(names) == 1 else None
    return replace(_step(mine[0], found), stage=stage) if found else Step("FROM", "base", stage)


def _total(vertexes: Iterable[Vertex]) -> int:
    found = [match for vertex in vertexes if (match := _STEP.match(vertex.name))]
    return sum({match["stage"]: int(match["of"]) for match in found}.values())


def _step(vertex: Vertex, found: re.Match[str]) -> Step:
    what = " ".join(found["what"].split())
    state, seconds = vertex.state, vertex.seconds
    if what.startswith("FROM "):
        what = _REGISTRY.sub("", what).replace(":latest", "")
        state = "base" if state in ("built", "cached") else state
    return Step(what, state, found["stage"] or "", seconds, said=tuple(vertex.said))


def _stage_order(stages: Mapping[str, Mapping[int, Step]]) -> list[str]:
    """Each stage after those that it copies from; otherwise as they were told of."""
    needs = {
        name: {other for step in steps.values() for other in _names(step.instruction)}
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
