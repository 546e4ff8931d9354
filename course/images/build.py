"""Builds one image of the kit on an engine: a base from mmdebstrap, another from its Dockerfile."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docker
from docker.utils import build as docker_build

from course.errors import CourseError
from course.images import debian, recipe
from course.images.engine_image import import_tar
from course.images.inventory import Inventory, Listed, split
from course.images.stream import StreamError, follow, told
from course.report import Report

LABEL = "dev.learning-docker"
_STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)")
_VERSION = re.compile(r"^kit-version: (\S+)")
_BUILT = re.compile(r"^Successfully built ([0-9a-f]+)")


def make(
    client: docker.DockerClient,
    image: Listed,
    inventory: Inventory,
    report: Report,
    extra_ca: Path | None = None,
) -> None:
    """Builds an image and gives it its labels and all its references.

    Raises:
        CourseError: It names the recipe, and the line of the Dockerfile that failed.
    """
    made, version = (
        _bootstrap(client, image, report, extra_ca)
        if image.suite
        else _build(client, image, report)
    )
    labels = {
        f"{LABEL}.kit": image.kit,
        f"{LABEL}.recipe": recipe.digest(image, inventory, extra_ca),
        f"{LABEL}.reference": image.reference,
        f"{LABEL}.version": version,
    }
    _finish(client, image, made, labels)
    report(_step(image), 1, 1)


def _step(image: Listed) -> str:
    return f"build {image.reference}"


def _bootstrap(
    client: docker.DockerClient, image: Listed, report: Report, extra_ca: Path | None
) -> tuple[str, str]:
    debian.ensure_mmdebstrap(report)
    command = recipe.base_command(image, extra_ca)
    tar = debian.Bootstrap(command, _step(image), report)
    made = import_tar(client, tar, recipe.base_changes(extra_ca))
    versions = [found[1] for line in tar.said if (found := _VERSION.match(line))]
    return made, versions[-1] if versions else ""


def _build(client: docker.DockerClient, image: Listed, report: Report) -> tuple[str, str]:
    # The host's network: a nested engine's containers may not reach a resolver. No cache: an
    # `apt-get update` of last month finds packages that the mirror has dropped.
    messages = client.api.build(
        fileobj=_context(image),
        custom_context=True,
        buildargs=dict(image.args),
        network_mode="host",
        nocache=True,
        rm=True,
        forcerm=True,
        decode=True,
    )
    log = _Log(image, report)
    with told(f"Built {image.reference} (recipe {image.recipe})."):
        try:
            return log.read(messages)
        except StreamError as error:
            raise log.failure(str(error)) from error


def _context(image: Listed) -> Any:
    files = recipe.context(image)
    own = [name for name, path in files.items() if path.is_relative_to(image.folder)]
    more = [(name, path.read_text()) for name, path in files.items() if name not in own]
    packer: Any = docker_build  # its published types lack it
    return packer.create_archive(str(image.folder), own, extra_files=more)


class _Log:
    """Reads the stream of the classic builder."""

    def __init__(self, image: Listed, report: Report) -> None:
        self.image, self.report = image, report
        self.step = 0
        self.made = self.version = ""
        self.said: deque[str] = deque(maxlen=6)

    def read(self, messages: Iterable[dict[str, Any]]) -> tuple[str, str]:
        """Reads it to its end; returns the id of the image and the version that it says."""
        for message in follow(messages):
            for line in message.get("stream", "").splitlines():
                self._line(line.strip())
        return self.made, self.version

    def _line(self, line: str) -> None:
        if found := _STEP.match(line):
            self.step = int(found[1])
            self.report(_step(self.image), self.step - 1, int(found[2]))
        elif found := _VERSION.match(line):
            self.version = found[1]
        elif found := _BUILT.match(line):
            self.made = found[1]
        elif line:
            self.said.append(line)

    def failure(self, error: str) -> CourseError:
        """Says where in which recipe the builder stopped, and its last words."""
        lines = recipe.instructions((self.image.folder / "Dockerfile").read_text(encoding="utf-8"))
        number = lines[self.step - 1][0] if 0 < self.step <= len(lines) else 1
        where = f"course/images/recipes/{self.image.recipe}/Dockerfile, line {number}"
        return CourseError(
            f"Built {self.image.reference} from {where}.",
            f"{error.strip()}. Its last words: {' | '.join(self.said)}",
            "If a package could not be fetched, look at the network and try again.",
        )


def _finish(client: docker.DockerClient, image: Listed, made: str, labels: dict[str, str]) -> None:
    """Labels in a build of their own: the version is known only now, and they add no layer."""
    dockerfile = io.BytesIO(f"FROM {made}\n".encode())
    with told(f"Labelled {image.reference}."):
        first, *others = image.references
        for _ in follow(
            client.api.build(fileobj=dockerfile, tag=first, labels=labels, rm=True, decode=True)
        ):
            pass
        for other in others:
            repository, tag = split(other)
            client.api.tag(first, repository, tag)
