"""The stream of the classic builder (engine API, "Build an image"), read message by message."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from course.watch.build import (
    CLASSIC,
    Build,
    Step,
    as_bytes,
    line_in,
    plain,
    uncoloured,
    with_line,
    with_step,
)

_STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)")
_IMAGE = re.compile(r"^ ---> ([0-9a-f]{12})$")
_NOISE = re.compile(r"^ ---> Running in |^ ?-*>? ?Remov(?:ed|ing) intermediate container ")
_SENT = re.compile(r"^Sending build context to Docker daemon\s+([\d.]+)\s*([kMGT]?)B")
_STAGE = re.compile(r"(?i)\sAS\s+(\S+)\s*$")
_POWERS = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}


class ClassicStream:
    """Makes a Build of the messages of one stream; the same messages give the same Build.

    Args:
        name: What the build is called.
        context: Bytes that were sent, where that is known beforehand.

    Attributes:
        build: How far it is.
    """

    def __init__(self, name: str = "", context: int | None = None) -> None:
        self.build = Build(builder=CLASSIC, name=name, context=context)
        self._text = ""
        self._bytes = b""
        self._began: float | None = None
        self._step_began = 0.0
        self._sees_image = False

    def take(self, piece: object, at: float) -> None:
        """Reads on.

        Args:
            piece: A message that docker-py decoded, or any piece of the undecoded stream.
            at: When it came, in seconds of any clock.
        """
        self._began = at if self._began is None else self._began
        if isinstance(piece, Mapping):
            self._message(piece, at)
            return
        self._bytes += as_bytes(piece)
        *lines, self._bytes = self._bytes.split(b"\n")
        for line in lines:
            if line.strip():
                self._message(json.loads(line), at)

    def line(self, line: str, at: float) -> None:
        """Reads a line as the CLI prints the stream."""
        line = uncoloured(
            line.rstrip("\r").rpartition("\r")[2]
        )  # what a program writes to stderr comes in red
        self._began = at if self._began is None else self._began
        if self._is_next(found := _STEP.match(line)) and found:
            self._begin(found, at)
        elif found := _IMAGE.match(line):
            self._end_step(found[1], at)
        elif line.strip() == "---> Using cache":
            self._change(state="cached")
        elif found := _SENT.match(line):
            sent = int(float(found[1]) * _POWERS[found[2]])
            self.build = replace(self.build, context=sent)
        elif line.startswith("Successfully built "):
            self.build = replace(self.build, image=self.build.image or line.split()[-1])
        elif line.startswith("Successfully tagged "):
            self.build = replace(self.build, name=self.build.name or line.split()[-1])
        elif not _NOISE.match(line):
            self.build = with_line(self.build, len(self.build.steps) - 1, line)

    def fail(self, problem: str, at: float) -> None:
        """Notes that the builder, or the way to it, refused."""
        self._change(state="failed", seconds=self._since_step(at))
        self.build = replace(self.build, problem=plain(problem), line=line_in(problem))

    def end(self, at: float) -> None:
        """Notes that nothing more will come."""
        if self._bytes.strip():
            rest, self._bytes = self._bytes, b""
            with contextlib.suppress(ValueError):  # it was cut off in the middle
                self._message(json.loads(rest), at)
        if self._text:
            rest_text, self._text = self._text, ""
            self.line(rest_text, at)
        if not (self.build.image or self.build.problem):
            self.fail("the stream ended before the build did", at)
        spent = at - self._began if self._began is not None else None
        self.build = replace(self.build, seconds=spent, is_over=True)

    def _message(self, message: Mapping[str, Any], at: float) -> None:
        if "error" in message or "errorDetail" in message:
            detail = message.get("errorDetail") or {}
            self.fail(str(detail.get("message") or message.get("error")), at)
        elif image := (message.get("aux") or {}).get("ID"):
            self.build = replace(self.build, image=str(image))
        elif "stream" in message:
            *lines, self._text = (self._text + str(message["stream"])).split("\n")
            for line in lines:
                self.line(line, at)
            self._peek(at)
        elif status := message.get("status"):  # FROM pulls
            told = f"{message['id']}: {status}" if message.get("id") else str(status)
            self.build = with_line(self.build, len(self.build.steps) - 1, told)

    def _peek(self, at: float) -> None:
        """A step is told at once, its line's end only when there is more to say."""
        if self._is_next(found := _STEP.match(self._text)) and found:
            self._text = ""
            self._begin(found, at)

    def _is_next(self, found: re.Match[str] | None) -> bool:
        """Whether the builder said that; a program in a container may print the like."""
        return found is not None and int(found[1]) == len(self.build.steps) + 1

    def _begin(self, found: re.Match[str], at: float) -> None:
        self._close(at)
        self.build = replace(self.build, total=int(found[2]))
        self.build = with_new_step(self.build, found[3])
        self._step_began, self._sees_image = at, False

    def _close(self, at: float) -> None:
        if self.build.steps and not self._sees_image:
            self._end_step("", at)

    def _end_step(self, image: str, at: float) -> None:
        if not self.build.steps:
            return
        self._sees_image = True
        step = self.build.steps[-1]
        state = "built" if step.state == "running" else step.state
        if step.verb == "FROM":
            state = "base"
        self._change(state=state, image=image, seconds=self._since_step(at))

    def _since_step(self, at: float) -> float:
        return max(at - self._step_began, 0.0)

    def _change(self, **changes: object) -> None:
        if self.build.steps:
            self.build = with_step(self.build, -1, **changes)


def with_new_step(build: Build, instruction: str) -> Build:
    """Returns the build with one more step that is under way, in its stage."""
    instruction = " ".join(instruction.split())
    stage = build.steps[-1].stage if build.steps else ""
    if instruction.upper().startswith("FROM "):
        number = sum(step.verb == "FROM" for step in build.steps)
        named = _STAGE.search(instruction)
        stage = named[1] if named else f"stage-{number}"
    return replace(build, steps=(*build.steps, Step(instruction, "running", stage)))
