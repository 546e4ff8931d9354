"""An image of Docker Hub that the host engine needs, taken under a name and label of our own.

It is pulled by digest and wrapped in an image of ours, so that a tag the learner may have
(`debian:trixie-slim`) is neither moved nor removed.
"""

from __future__ import annotations

import io
import re
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.errors import APIError, ImageNotFound

from course.engine import mirror, ownership
from course.errors import CourseError
from course.images import hub
from course.report import Report


def source_name(reference: str) -> str:
    """The reference as the host engine must pull it: from Docker Hub or what stands for it."""
    address = urlsplit(mirror.hub_url()).netloc
    if address == mirror.HUB_NAME:
        return reference
    return f"{address}/{reference if '/' in reference else 'library/' + reference}"


def local_name(reference: str) -> str:
    """Our own name for an image of Docker Hub."""
    return "learning-docker/hub:" + re.sub(r"[^\w.-]", "-", reference)


def take(client: docker.DockerClient, reference: str, role: str, report: Report) -> str:
    """Gets an image of Docker Hub; one that was taken before is not looked up again.

    Args:
        client: Of the host engine.
        reference: As on Docker Hub, with a tag.
        role: Value of its label.
        report: Told the bytes of each layer.

    Returns:
        Its reference here.

    Raises:
        CourseError: The registry is out of reach, limits us, or has no such image.
    """
    ours = local_name(reference)
    try:
        client.images.get(ours)
        return ours
    except ImageNotFound:
        pass
    name = source_name(reference)
    digest = _digest(client, name)
    pinned = f"{name.rsplit(':', 1)[0]}@{digest}"
    had = _has(client, pinned)
    hub.pull(client, pinned, report)
    dockerfile = f"FROM {pinned}\nLABEL {ownership.LABEL}={role}\n".encode()
    client.images.build(fileobj=io.BytesIO(dockerfile), tag=ours, rm=True)
    if not had:
        client.images.remove(pinned)  # only the name: the layers are held by ours
    return ours


def _has(client: docker.DockerClient, reference: str) -> bool:
    try:
        client.images.get(reference)
    except ImageNotFound:
        return False
    return True


def _digest(client: docker.DockerClient, name: str) -> str:
    try:
        api: Any = client.api  # untyped there
        return str(api.inspect_distribution(name)["Descriptor"]["digest"])
    except APIError as error:
        raise CourseError(
            f"Looked up {name} in the registry.",
            str(error.explanation or error),
            "Check the network, or use the offline kit: set COURSE_IMAGES=kit and run `course up`.",
        ) from error
