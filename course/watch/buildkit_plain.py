"""What `docker build` prints: BuildKit's rawjson, BuildKit's plain text, or the classic builder's.

Which of them it is shows in its first lines, and the Build says which builder it was.
"""

from __future__ import annotations

import codecs
import json
import re

from course.watch.build import Build, as_bytes, plain
from course.watch.build_classic import ClassicStream
from course.watch.buildkit import Solve, add_output, read_message
from course.watch.buildkit_steps import Vertex

_VERTEX = re.compile(r"^#(\d+) (.*)")
_DONE = re.compile(r"^DONE (\d+(?:\.\d+)?)s$")
_LOG = re.compile(r"^\d+\.\d+ (.*)")
_TRANSFER = re.compile(r"^(transferring \w+:) (\d+(?:\.\d+)?)([kMGT]?)i?B\b")
_CLASSIC = re.compile(r"^(?:Step 1/\d+ : |Sending build context to Docker daemon)")
_POWERS = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}


class CliStream:
    """Makes a Build of what the CLI prints; cut in any pieces, it gives the same Build.

    Args:
        name: What the build is called.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._solve = Solve(name)
        self._classic: ClassicStream | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._json: list[str] = []
        self._other: list[str] = []
        self._is_over = False

    @property
    def build(self) -> Build:
        """How far it is."""
        if self._classic is not None:
            return self._classic.build
        return self._solve.build(is_over=self._is_over)

    def take(self, piece: object, at: float) -> None:
        """Reads on; `at` is when the piece came, in seconds of any clock."""
        text = piece if isinstance(piece, str) else self._decoder.decode(as_bytes(piece))
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._line(line.rstrip("\r"), at)

    def fail(self, problem: str, at: float) -> None:
        """Notes that the builder, or the way to it, refused."""
        self._flush(at)
        if self._classic is not None:
            said = self._other[-1] if self._other else problem
            self._classic.fail(self._classic.build.problem or said, at)
        elif not self._solve.trouble():  # the builder's own words say more
            self._solve.problem = plain(" ".join(self._other[:2])) or problem

    def end(self, at: float) -> None:
        """Notes that nothing more will come."""
        self._flush(at)
        if self._classic is not None:
            self._classic.end(at)
        elif not (self._solve.image or self._solve.tag):
            self.fail("the output ended before the build did", at)
        self._is_over = True

    def _flush(self, at: float) -> None:
        rest, self._rest = self._rest, ""
        if rest:
            self._line(rest, at)

    def _line(self, line: str, at: float) -> None:
        if self._classic is None and not self._solve.vertexes and _CLASSIC.match(line):
            self._classic = ClassicStream(self.name)
        if self._classic is not None:
            self._classic.line(line, at)
            self._other.append(line.removeprefix("Error response from daemon: "))
        elif self._json or line.startswith("{"):
            self._json_line(line)
        elif found := _VERTEX.match(line):
            self._vertex(found[1], found[2], at)
        elif line.strip():
            self._solve.text(line)
            self._other.append(line.strip())

    def _json_line(self, line: str) -> None:
        """One message is a line, or, before buildx 0.14, many up to a closing brace."""
        self._json.append(line)
        if not line.endswith("}") or (len(self._json) > 1 and line != "}"):
            return
        text, self._json = "\n".join(self._json), []
        try:
            read_message(self._solve, json.loads(text))
        except ValueError:
            self._other.append(text)

    def _vertex(self, number: str, told: str, at: float) -> None:
        self._solve.times([at])
        vertex = self._solve.vertexes.get(number)
        if vertex is None:
            if told.startswith("[") or told.startswith("exporting"):
                self._solve.vertexes[number] = Vertex(told, spans={at: None})
            return
        if told == "CACHED":
            vertex.cached, vertex.spans = True, {0.0: 0.0}
        elif found := _DONE.match(told):
            vertex.spans = {0.0: float(found[1])}
        elif told.startswith("ERROR: "):
            vertex.error = told.removeprefix("ERROR: ")
            vertex.spans = {began: end or at for began, end in vertex.spans.items()}
        elif found := _LOG.match(told):
            add_output(vertex, found[1])
        elif found := _TRANSFER.match(told):
            sent = int(float(found[2]) * _POWERS[found[3]])
            self._solve.status(number, found[1], sent)
        else:
            self._solve.status(number, told, 0)
