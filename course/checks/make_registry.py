"""What the setup of a task makes registries with, and how it pushes to them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from docker.models.containers import Container

from course.checks.lab import Lab
from course.checks.make_image import make_image
from course.checks.stage import make, put, until_logged
from course.errors import CourseError

IMAGE = "registry:3"


def make_registry(
    lab: Lab, name: str, port: int, files: Mapping[str, str] | None = None, **settings: str
) -> Container:
    """Starts a registry with an empty storage, `/srv/NAME/data` of the lab's Docker host.

    Args:
        lab: Where.
        name: The container's; one of this name, and its storage, are thrown away.
        port: Of the Docker host.
        files: Put into the container: path → content.
        settings: The registry's own: `STORAGE_DELETE_ENABLED="true"`.
    """
    made = make(
        lab, name, IMAGE, None,
        ports={"5000/tcp": port},
        volumes=[f"/srv/{name}/data:/var/lib/registry"],
        environment={f"REGISTRY_{key}": value for key, value in settings.items()},
    )  # fmt: skip
    lab.run(f"rm -rf /srv/{name}; mkdir -p /srv/{name}/data")
    for path, content in (files or {}).items():
        put(made, path, content)
    made.start()
    until_logged(made, "listening on")
    return made


def make_program(lab: Lab, reference: str, base: str, bytes_: int) -> None:
    """Builds an image that is `base` and one more layer of so many bytes that do not shrink."""
    make_image(lab, reference, f"FROM {base}\nRUN head -c {bytes_} /dev/urandom > /{bytes_}.bin\n")


def push(lab: Lab, reference: str, **login: str) -> None:
    """Pushes an image of the lab's engine.

    Args:
        lab: Whose engine.
        reference: With a tag.
        login: `username` and `password`, where the registry wants them.

    Raises:
        CourseError: It was refused.
    """
    repository, _, tag = reference.rpartition(":")
    auth: dict[str, Any] | None = dict(login) or None
    said = lab.client.api.push(repository, tag, stream=True, decode=True, auth_config=auth)
    for line in said:
        if "error" in line:
            raise CourseError(f"Pushed {reference}.", f"The registry refused it: {line['error']}.")


def name_host(lab: Lab, name: str, seconds: float = 10) -> None:
    """Gives the lab's Docker host one more name, at its address on the default bridge.

    The engine reads /etc/hosts again after five seconds: this waits until it knows the name.
    """
    bridge = lab.client.networks.get("bridge").attrs["IPAM"]["Config"][0]
    address = bridge.get("Gateway") or "172.17.0.1"
    lab.run(f"grep -qw '{name}' /etc/hosts || echo '{address} {name}' >> /etc/hosts")
    deadline = time.monotonic() + seconds
    while b"no such host" in lab.run(f"docker pull {name}:1/none 2>&1")[1]:
        if time.monotonic() > deadline:
            raise CourseError(f"Named the Docker host {name}.", "The engine does not know it.")
        time.sleep(0.3)
