"""What the setup of a task builds with: clear the stage, make containers, wait, put a file in."""

from __future__ import annotations

import posixpath
import time
from typing import Any

from docker.errors import ImageNotFound, NotFound
from docker.models.containers import Container

from course.checks.lab import Lab
from course.engine.files import tar
from course.errors import CourseError


def remove(lab: Lab, *names: str) -> None:
    """Removes a task's own containers, so that the stage can be set again."""
    for name in names:
        try:
            lab.client.api.remove_container(name, v=True, force=True)
        except NotFound:
            continue


def make(lab: Lab, name: str, image: str, command: list[str] | None, **options: Any) -> Container:
    """Creates a container in place of one with the same name, pulling its image if need be.

    Args:
        lab: Where.
        name: The container's.
        image: A reference.
        command: None for the image's own.
        options: Of docker-py's `containers.create`.
    """
    remove(lab, name)
    try:
        return lab.client.containers.create(image, command, name=name, **options)
    except ImageNotFound:
        lab.client.images.pull(image)
        return lab.client.containers.create(image, command, name=name, **options)


def start(lab: Lab, name: str, image: str, command: list[str] | None, **options: Any) -> Container:
    """Makes a container and starts it."""
    container = make(lab, name, image, command, **options)
    container.start()
    return container


def ended(container: Container) -> Container:
    """Waits (20 s at most) until a container has exited."""
    container.wait(timeout=20)
    container.reload()
    return container


def put(container: Container, path: str, content: str) -> None:
    """Writes a file into a container, stopped or running; its folder is made."""
    container.put_archive("/", tar({posixpath.relpath(path, "/"): content.encode()}, 0o644))


def forget_events(lab: Lab) -> None:
    """Makes the engine forget what happened so far: it remembers its last 256 events in all."""
    lab.client.images.pull("busybox", "latest")
    for _ in range(256):
        lab.client.api.tag("busybox:latest", "busybox", "again")
    lab.client.api.remove_image("busybox:again")


def until_logged(container: Container, text: str, seconds: float = 15) -> None:
    """Waits until a container has written `text`.

    Raises:
        CourseError: It has not after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while text.encode() not in (log := container.logs()):
        if time.monotonic() > deadline:
            said = log[-500:].decode(errors="replace")
            raise CourseError(f"Waited {seconds:g} s for {container.name}.", f"It said: {said}")
        time.sleep(0.05)


def until_runs(lab: Lab, name: str, command: str, seconds: float = 15) -> None:
    """Waits until a container has a process whose command begins with `command`.

    Raises:
        CourseError: It has none after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while True:
        found: list[list[str]] = lab.client.api.top(name)["Processes"] or []
        if any(process[-1].startswith(command) for process in found):
            return
        if time.monotonic() > deadline:
            said = ", ".join(process[-1] for process in found)
            raise CourseError(
                f"Waited {seconds:g} s for `{command}` in {name}.", f"It runs: {said}"
            )
        time.sleep(0.05)
