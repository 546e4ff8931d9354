"""Which recorder reads which build, so that a build that is shown twice is read once."""

from __future__ import annotations

import inspect
import queue
import shlex
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

from docker import DockerClient
from docker.errors import APIError

from course.engine.machine import Machine
from course.engine.upload import upload
from course.errors import CourseError
from course.watch.build_classic import ClassicStream
from course.watch.build_layers import image_layers
from course.watch.buildkit_plain import CliStream
from course.watch.recorder import Finished, Recorder

# What `docker build` needs to tell machines, not people, how far it is: buildx knows since 0.13.
_PREPARE = """export DOCKER_BUILDKIT=1 BUILDKIT_PROGRESS=plain
docker buildx version 2>/dev/null | awk '{print $2}' \\
  | grep -qE '^v?(0\\.(1[3-9]|[2-9][0-9])|[1-9])' \\
  && export BUILDKIT_PROGRESS=rawjson
"""


class Builds:
    """The builds of one lab.

    Args:
        machine: What holds the lab's engine.
        connect: Gives a new client of it.
    """

    def __init__(self, machine: Machine, connect: Callable[[], DockerClient]) -> None:
        self._machine, self._connect = machine, connect
        self._known: WeakKeyDictionary[Any, Recorder] = WeakKeyDictionary()

    def recorder(self, build: object) -> Recorder:
        """Returns what reads a build: the same for the same stream, which can be read only once.

        Args:
            build: What `api.build` or `lab.buildkit` returned.

        Raises:
            CourseError: It is neither.
        """
        if isinstance(build, Recorder):
            return build
        if not isinstance(build, Iterable) or isinstance(build, (str, bytes, dict)):
            raise CourseError(
                f"Looked for a build in {build!r}.",
                "That is no stream of a builder.",
                "Give what `lab.client.api.build(…, decode=True)` or `lab.buildkit(…)` returns; "
                "for a finished image there is `lab.layers_of`.",
            )
        try:
            known = self._known.get(build)
        except TypeError:  # a list, as `BuildError.build_log` may be: read as often as you like
            return self._read(build)
        if known is None:
            known = self._known[build] = self._read(build)
        return known

    def buildkit(self, command: str, path: str | Path | None) -> Recorder:
        """Runs a build command on the lab's Docker host and reads what it prints."""
        folder = upload(self._machine, Path(path)) if path is not None else ""
        go = f"cd {shlex.quote(folder)}\n" if folder else "cd /lab 2>/dev/null\n"
        script = f"{_PREPARE}{go}{command}"
        return Recorder(CliStream(), _output(self._machine, script), self._connect)

    def images(self, names: Iterable[str]) -> list[Finished]:
        """Returns finished images as builds that are over.

        Raises:
            CourseError: There is no such image.
        """
        client = self._connect()
        try:
            return [_finished(client, name) for name in names]
        finally:
            client.close()

    def _read(self, stream: Iterable[object]) -> Recorder:
        name, sent = _request(stream)
        return Recorder(ClassicStream(name, sent), stream, self._connect)


def _finished(client: DockerClient, name: str) -> Finished:
    try:
        return Finished(image_layers(client.api, name))
    except APIError as error:
        raise CourseError(
            f"Looked for the image {name!r}.",
            str(error.explanation),
            "`lab.images()` lists those that are here.",
        ) from None


def _request(stream: object) -> tuple[str, int | None]:
    """Name and context size of a build, as docker-py asked for it.

    docker-py gives a generator and says nothing of the request; the generator still holds it.
    """
    if not inspect.isgenerator(stream) or inspect.getgeneratorstate(stream) == "GEN_CLOSED":
        return "", None
    response = inspect.getgeneratorlocals(stream).get("response")
    request = getattr(response, "request", None)
    if request is None:
        return "", None
    tags = parse_qs(urlsplit(request.url).query).get("t", [""])
    length = request.headers.get("Content-Length", "")
    return tags[0], int(length) if str(length).isdigit() else None


def _output(machine: Machine, script: str) -> Iterator[bytes]:
    """The script's output, piece by piece, as it comes."""
    pieces: queue.SimpleQueue[bytes | Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            code, _ = machine.run(script, lambda piece, _: pieces.put(piece))
            if code:
                raise OSError(f"the command ended with exit code {code}")
        except Exception as problem:
            pieces.put(problem)
        pieces.put(None)

    threading.Thread(target=run, name="docker build", daemon=True).start()
    while (piece := pieces.get()) is not None:
        if isinstance(piece, Exception):
            raise piece
        yield piece
