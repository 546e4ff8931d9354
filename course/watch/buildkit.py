"""What BuildKit tells of a build, as `docker build --progress=rawjson` (buildx 0.13 on) prints it.

Each message is BuildKit's SolveStatus: vertexes (what is to be done), their statuses (transfers,
the export) and logs. Older programs print plain text only: see `buildkit_plain`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from course.watch.build import BUILDKIT, LINES_KEPT, Build, line_in, plain
from course.watch.buildkit_steps import REGISTRY, Vertex, ordered, parents, total

_WHERE = re.compile(r"^\S*:(\d+)$")  # "Dockerfile:3"
_FAULT = re.compile(r"^\s*\d+ \| >>> (.*)")
_ERROR = re.compile(r"^ERROR: (?:failed to (?:build|solve): )*(?:failed to solve: )?(.*)")
_OLD_ERROR = re.compile(r"^failed to solve with frontend \S+: (?:failed to create LLB .*?: )?(.*)")
CONTEXT = "[internal] load build context"
_KINDS = ("writing image ", "exporting manifest list ", "exporting manifest ")


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
            self.tag = REGISTRY.sub("", told.removeprefix("naming to ").split()[0])

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
        steps = tuple(ordered(self.vertexes))
        spent = self.last - self.first if self.first is not None else None
        problem = self.trouble()
        return Build(
            builder=BUILDKIT,
            name=self.name or self.tag,
            steps=steps,
            parents=parents(self.vertexes),
            total=max(total(self.vertexes.values()), len(steps)),
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
