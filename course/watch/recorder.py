"""Recorder: reads the stream of a build on a thread of its own and publishes each Build."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from docker import DockerClient
from docker.errors import APIError

from course.errors import CourseError
from course.watch.build import Build
from course.watch.build_layers import read_layers
from course.watch.feed import Feed


class Parser(Protocol):
    """What makes a Build of a stream: ClassicStream or CliStream."""

    @property
    def build(self) -> Build:
        """How far it is."""

    def take(self, piece: object, at: float) -> None:
        """Reads on."""

    def fail(self, problem: str, at: float) -> None:
        """Notes that the builder, or the way to it, refused."""

    def end(self, at: float) -> None:
        """Notes that nothing more will come."""


class Finished(Feed[Build]):
    """A build that is over, such as an image that is there."""

    def wait(self, seconds: float) -> Build:
        """Returns it at once."""
        return self.state


class Recorder(Feed[Build]):
    """Follows one build to its end, and then reads its image's layers.

    Args:
        parser: Reads the stream.
        pieces: The stream; iterating over it waits for the builder.
        connect: Gives a new client, to read the image with.
    """

    def __init__(
        self, parser: Parser, pieces: Iterable[object], connect: Callable[[], DockerClient]
    ) -> None:
        super().__init__(parser.build)
        self._parser, self._pieces, self._connect = parser, pieces, connect
        self._done = threading.Event()
        threading.Thread(target=self._read, name="build", daemon=True).start()

    def wait(self, seconds: float) -> Build:
        """Returns the build when it is over.

        Raises:
            CourseError: It goes on after `seconds`; it says at which step.
        """
        if not self._done.wait(seconds):
            raise CourseError(
                f"Waited {seconds:g} s for the build {self.state.name}.".replace("  ", " "),
                f"It is at step {len(self.state.steps)} of {self.state.total}.",
                "It goes on; wait again, or look at its last line in the picture.",
            )
        return self.state

    def _read(self) -> None:
        try:
            self._follow()
            self._tell(self._finished(self._parser.build))
        except Exception as problem:  # for us the build is over, whatever the parser makes of it
            build = self._parser.build
            told = build.problem or _words(problem)
            self._tell(replace(build, problem=told, is_over=True))
        finally:
            self._done.set()

    def _follow(self) -> None:
        try:
            for piece in self._pieces:
                self._parser.take(piece, time.monotonic())
                self._tell(self._parser.build)
        except Exception as problem:  # whatever it was, the picture tells it; a thread never prints
            self._parser.fail(_words(problem), time.monotonic())
        self._parser.end(time.monotonic())

    def _tell(self, build: Build) -> None:
        if build != self.state:
            self.publish(build)

    def _finished(self, build: Build) -> Build:
        """With its layers; without them where the image cannot be read."""
        if build.problem:
            return build
        try:
            client = self._connect()
            try:
                return read_layers(client.api, build)
            finally:
                client.close()
        except Exception as problem:  # an image may be told of in a way that nobody knew
            return replace(build, note=f"Its layers could not be read: {_words(problem)}")


def _words(problem: Exception) -> str:
    if isinstance(problem, APIError):
        return str(problem.explanation or problem)
    return f"{type(problem).__name__}: {problem}".strip(": ")


Source = Recorder | Finished
"""What views follow: a build under way, or one that is over."""
