"""Docker Hub as seen from an engine: a pull that tells the truth, and how many pulls are left."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException

from course.errors import CourseError
from course.images.inventory import split
from course.images.stream import StreamError, follow
from course.report import Report, silent

REGISTRY = "https://registry-1.docker.io"
AUTH = "https://auth.docker.io/token"
PROBE = "ratelimitpreview/test"  # the repository that Docker keeps for this question
SECONDS = 3.0

_LIMITED = (
    "Log in with an account, which has a limit of its own (`docker login`, `course down`, "
    "`course up`); or wait: the limit is counted over 6 hours and shared by all who use this "
    "room's address; or use the offline kit: set COURSE_IMAGES=kit and run `course up`."
)
_UNREACHABLE = (
    "Check the network and the proxy, or use the offline kit: set COURSE_IMAGES=kit and run "
    "`course up`."
)
_ABSENT = "Look at its spelling, and at its tag."


def pull(client: docker.DockerClient, reference: str, report: Report = silent) -> None:
    """Pulls an image and reports each layer in bytes (POST /images/create).

    Args:
        client: The engine that pulls.
        reference: With a tag, a digest, or neither (`latest`).
        report: Called with "nginx:alpine LAYER" as step.

    Raises:
        CourseError: The registry limits us, is out of reach, or has no such image. docker-py's
            `images.pull` does not look at what the stream says.
    """
    repository, tag = _split(reference)
    try:
        messages = client.api.pull(repository, tag=tag, stream=True, decode=True)
        _progress(reference, follow(messages), report)
    except APIError as error:
        raise _refused(reference, str(error.explanation)) from error
    except (StreamError, DockerException, requests.RequestException) as error:
        raise _refused(reference, str(error)) from error


def _split(reference: str) -> tuple[str, str]:
    repository, at, digest = reference.partition("@")
    return (split(repository)[0], digest) if at else split(reference)


def _progress(reference: str, messages: Iterable[dict[str, Any]], report: Report) -> None:
    sizes: dict[str, float] = {}
    for message in messages:
        layer, status = message.get("id", ""), message.get("status", "")
        detail = message.get("progressDetail") or {}
        if status == "Downloading" and detail.get("total"):
            sizes[layer] = detail["total"]
            report(f"{reference} {layer}", detail.get("current", 0), detail["total"])
        elif status in ("Download complete", "Pull complete") and layer in sizes:
            report(f"{reference} {layer}", sizes[layer], sizes[layer])


def _refused(reference: str, said: str) -> CourseError:
    tried = f"Pulled {reference}."
    words = said.lower()
    if "toomanyrequests" in words or "too many requests" in words or "rate limit" in words:
        return CourseError(tried, f"Docker Hub's limit of pulls is reached: {said}.", _LIMITED)
    if any(hint in words for hint in ("not found", "manifest unknown", "does not exist")):
        return CourseError(tried, f"The registry has no such image: {said}.", _ABSENT)
    return CourseError(tried, f"The registry cannot be reached: {said}.", _UNREACHABLE)


def pulls_left(registry: str = REGISTRY, auth: str = AUTH, seconds: float = SECONDS) -> int | None:
    """How many pulls Docker Hub still grants to this address without a login.

    It asks as https://docs.docker.com/docker-hub/usage/pulls/ says; a HEAD request is no pull.

    Args:
        registry: Address of the registry.
        auth: Address that hands out anonymous tokens.
        seconds: How long to wait at most, looking up names included.

    Returns:
        The number, or None where Docker Hub does not answer in time or sets no limit.
    """
    answer: queue.Queue[int | None] = queue.Queue()

    def ask() -> None:
        try:
            answer.put(_ask(registry, auth, seconds))
        except (requests.RequestException, ValueError, KeyError):
            answer.put(None)

    # A thread: no timeout of requests covers the time that a name server takes to answer.
    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        return None


def _ask(registry: str, auth: str, seconds: float) -> int | None:
    scope = {"service": "registry.docker.io", "scope": f"repository:{PROBE}:pull"}
    token = requests.get(auth, params=scope, timeout=seconds).json()["token"]
    answer = requests.head(
        f"{registry}/v2/{PROBE}/manifests/latest",
        headers={"Authorization": f"Bearer {token}"},
        timeout=seconds,
    )
    left = answer.headers.get("ratelimit-remaining")  # "76;w=21600": the window in seconds
    return int(left.split(";")[0]) if left else None
