"""Copies a folder of this machine to a lab's Docker host."""

from __future__ import annotations

import hashlib
import shlex
from contextlib import closing
from pathlib import Path
from typing import Any

from docker.errors import DockerException
from docker.utils import build as docker_build

from course.engine import folder
from course.engine.machine import Machine
from course.engine.sandbox import Sandbox
from course.errors import CourseError

PLACE = "/var/tmp/contexts"
"""Where copies are kept on the Docker host."""


def upload(machine: Machine, source: Path, target: str = "") -> str:
    """Returns the path on the Docker host of a folder of this machine.

    One in the shared folder is there already. Another is copied; an earlier copy is replaced, so
    that what was deleted here is not there.

    Args:
        machine: What holds the lab's engine.
        source: Of this machine.
        target: Where the copy goes; what is there is removed. Without one, a place of its own.

    Raises:
        CourseError: There is no such folder, or the copy was refused.
    """
    found = source.expanduser().resolve()
    if not found.is_dir():
        raise CourseError(
            f"Looked for the folder {str(source)!r} on this machine.",
            "There is none." if not found.exists() else "That is a file.",
            "A build takes a folder: the one with the Dockerfile.",
        )
    if shared := _shared(machine, found):
        return shared
    # The last part of its name, so that what a notebook shows names no path of anybody's machine.
    mark = hashlib.sha256(str(found).encode()).hexdigest()[:6]
    target = target or f"{PLACE}/{found.name}-{mark}"
    machine.run(f"rm -rf {shlex.quote(target)}; mkdir -p {shlex.quote(target)}")
    try:
        packed: Any = docker_build.tar(found)
        with closing(packed):
            _put(machine, target, packed)
    except (DockerException, OSError) as problem:
        raise CourseError(
            f"Copied the folder {str(source)!r} to the lab's Docker host.",
            f"It was refused: {problem}",
            "Has its disk room? Can you read all the files?",
        ) from problem
    return target


def _shared(machine: Machine, found: Path) -> str:
    here = folder.here().resolve()
    if found != here and here not in found.parents:
        return ""
    place = folder.find(machine.run)
    rest = found.relative_to(here).as_posix()
    return f"{place.host}/{rest}".removesuffix("/.") if place.shared else ""


def _put(machine: Machine, target: str, packed: Any) -> None:
    if isinstance(machine, Sandbox):
        with closing(machine.host.another_client()) as client:
            client.api.put_archive(machine.address.container, target, packed)
        return
    with closing(machine.client()) as client:  # somebody else's engine: through a container there
        helper = client.containers.create("busybox", volumes=[f"{target}:{target}"])
        try:
            helper.put_archive(target, packed)
        finally:
            helper.remove(force=True)
