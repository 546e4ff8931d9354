"""The engine of the kit's tests: a sandbox that pulls through the mirror."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import docker
import pytest
from docker.errors import NotFound
from docker.models.containers import Container

from course.engine.sandbox import Sandbox
from course.images.hub import pull

Run = Callable[..., Container]


@pytest.fixture(scope="module")
def kit_engine(box: Sandbox) -> Iterator[docker.DockerClient]:
    client = box.client()
    yield client
    client.close()


@pytest.fixture
def run(kit_engine: docker.DockerClient) -> Iterator[Run]:
    """Starts a container of an image that is pulled first; it is removed after the test."""
    made: list[Container] = []

    def start(image: str, *command: str, **options: object) -> Container:
        if not kit_engine.images.list(image):
            pull(kit_engine, image)
        made.append(kit_engine.containers.create(image, list(command) or None, **options))
        made[-1].start()
        return made[-1]

    yield start
    for container in made:
        with suppress(NotFound):  # the test may have removed it
            container.remove(force=True, v=True)


def finish(container: Container) -> tuple[int, str]:
    """Waits for its end; exit code and all that it said."""
    code = container.wait(timeout=30)["StatusCode"]
    return code, container.logs().decode()


def address(container: Container) -> str:
    container.reload()
    return str(container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"])


def said(container: Container, *command: str) -> str:
    """What a command in it prints; it must succeed."""
    code, output = container.exec_run(list(command))
    assert code == 0, output.decode()
    return output.decode().strip()
