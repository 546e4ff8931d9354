"""Build: what is known of the build of an image, or of a finished image, at one moment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

State = Literal["base", "waiting", "running", "built", "cached", "config", "failed", "unknown"]
"""How a step is.

base: the image that FROM names. waiting: not begun. running: under way. built: it ran. cached: its
layer was there already. config: it only writes the image's configuration, which BuildKit does not
count as a step. failed: the build ended here. unknown: the history of an image does not tell.
"""

CLASSIC, BUILDKIT = "classic builder", "BuildKit"
MAKES_LAYERS = frozenset({"ADD", "COPY", "RUN", "WORKDIR"})
UNKNOWN = "?"  # no name of a stage
LINES_KEPT = 120  # npm tells why it refuses in the first lines of a hundred
_REF = re.compile(r" of ref [\w:-]+")  # BuildKit names snapshots by lot
_LINE = re.compile(r"(?i)dockerfile parse error (?:on )?line (\d+)")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Step:
    """One instruction of a Dockerfile.

    Attributes:
        instruction: As in the Dockerfile, "RUN apt-get update".
        stage: Name or number of its stage; empty where the Dockerfile has only one.
        seconds: That it took; None before its end.
        size: Bytes of its layer, 0 without one, None while nobody knows.
        layer: Digest of its layer, `sha256:…`; empty without one, or where it cannot be told.
        layers: How many layers it stands for: FROM brings all those of its image.
        image: Short id of the image after it, which only the classic builder tells.
        said: Its last lines of output, more than a picture has room for.
        is_left: Whether it belongs to a stage that the image does not stand on.
    """

    instruction: str
    state: State = "waiting"
    stage: str = ""
    seconds: float | None = None
    size: int | None = None
    layer: str = ""
    layers: int = 0
    image: str = ""
    said: tuple[str, ...] = ()
    is_left: bool = False

    @property
    def verb(self) -> str:
        """The instruction's first word, in capitals."""
        return self.instruction.split(maxsplit=1)[0].upper() if self.instruction.strip() else ""

    @property
    def base(self) -> str:
        """What FROM names; empty for other instructions, and where BuildKit does not say."""
        return (
            self.instruction.split()[1] if self.verb == "FROM" and " " in self.instruction else ""
        )


@dataclass(frozen=True)
class Build:
    """A build as far as it is.

    Attributes:
        builder: "classic builder" or "BuildKit"; empty for an image drawn from its history.
        name: What it is called: the tag, else how many builds came before.
        steps: In the order of the Dockerfile.
        parents: Stages whose FROM names another stage, each with that one, or with UNKNOWN where
            the builder tells neither that nor whether it is `scratch`.
        total: How many steps there will be, as far as the builder tells.
        context: Bytes of the build context that were sent; None while nobody knows.
        seconds: From the first message to the last.
        image: Id of the image, `sha256:…`; empty before there is one.
        size: Of the image with its base, in bytes; None before there is one.
        layers: The image's layers by digest, the base's first.
        problem: What the builder said of its failure; empty without one.
        line: Of the Dockerfile where it failed; None where nobody tells.
        excerpt: That line.
        note: What else there is to say, as that the image could not be read.
        is_over: Whether nothing more will come.
    """

    builder: str = ""
    name: str = ""
    steps: tuple[Step, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    total: int = 0
    context: int | None = None
    seconds: float | None = None
    image: str = ""
    size: int | None = None
    layers: tuple[str, ...] = ()
    problem: str = ""
    line: int | None = None
    excerpt: str = ""
    note: str = ""
    is_over: bool = False

    @property
    def failed(self) -> tuple[int, Step] | None:
        """The step that failed and its number, from 1; None where none did."""
        return next(((n, s) for n, s in enumerate(self.steps, 1) if s.state == "failed"), None)

    def explain(self) -> str:
        """Returns a failure as one paragraph: what was tried, what came back, what to do."""
        if not self.problem:
            return ""
        found = self.failed
        told = ""
        if found:
            number, step = found
            told = f"Step {number} of {max(self.total, len(self.steps))} failed: {step.instruction}"
            told += f" (line {self.line} of the Dockerfile). " if self.line else ". "
        elif self.line and self.excerpt:
            told = f"Line {self.line} of the Dockerfile: {self.excerpt}. "
        return f"{told}The builder said: {self.problem.rstrip('.')}. {self._advice(found)}"

    def _advice(self, found: tuple[int, Step] | None) -> str:
        if not found:
            return "No image was made. Mend the Dockerfile and build again."
        if found[1].verb == "RUN" and found[1].said:
            return "No image was made. What the command printed last is below."
        if found[1].verb in {"COPY", "ADD"}:
            return "No image was made. Paths are those of the build context, less .dockerignore."
        return "No image was made."


def plain(message: str) -> str:
    """Returns what a builder said on one line, without colours and names drawn by lot."""
    return " ".join(_REF.sub("", uncoloured(message)).split())


def line_in(message: str) -> int | None:
    """Returns the line of the Dockerfile that a builder's message names, if it does."""
    found = _LINE.search(message)
    return int(found[1]) if found else None


def uncoloured(line: str) -> str:
    """Returns text without what colours it on a terminal."""
    return _COLOUR.sub("", line)


def as_bytes(piece: object) -> bytes:
    """Returns a piece of a stream as bytes; text and bytes are known."""
    return piece.encode() if isinstance(piece, str) else bytes(piece)  # type: ignore[call-overload]


def with_line(build: Build, step: int, line: str) -> Build:
    """Returns the build with one more line of output of a step (an index)."""
    text = uncoloured(line).rstrip().rpartition("\r")[2]
    if not text or not 0 <= step < len(build.steps):
        return build
    said = (*build.steps[step].said, text)[-LINES_KEPT:]
    return with_step(build, step, said=said)


def with_step(build: Build, index: int, **changes: object) -> Build:
    """Returns the build with one step (an index, negative ones too) changed."""
    steps = list(build.steps)
    steps[index] = replace(steps[index], **changes)  # type: ignore[arg-type]
    return replace(build, steps=tuple(steps))


def chain(build: Build) -> list[str]:
    """Returns the stages that the image stands on, from the bottom to the last."""
    stages = list(dict.fromkeys(step.stage for step in build.steps)) or [""]
    on = {step.stage: step.base.lower() for step in build.steps if step.base}
    on |= {stage: parent.lower() for stage, parent in build.parents}
    found = stages[-1:]
    while True:
        earlier = stages[: stages.index(found[0])]
        below = [stage for stage in earlier if stage.lower() == on.get(found[0], "")]
        if not below:
            return found
        found = [below[-1], *found]


def shared_layers(builds: Iterable[Build]) -> frozenset[str]:
    """Returns the digests of layers that more than one of the builds' images have."""
    seen: set[str] = set()
    twice: set[str] = set()
    for build in builds:
        mine = set(build.layers)
        twice |= seen & mine
        seen |= mine
    return frozenset(twice)
