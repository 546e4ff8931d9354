"""The engine's streams of JSON messages: build, import, pull, push and load speak it alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException

from course.errors import CourseError
from course.images.inventory import split
from course.report import Report, silent

PATIENCE = 1800  # seconds


class StreamError(Exception):
    """The engine reported a fault inside a stream that began as a success (HTTP 200)."""


def follow(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Passes the messages on.

    Raises:
        StreamError: One of them is an error: docker-py does not look.
    """
    for message in messages:
        if "errorDetail" in message or "error" in message:
            detail = message.get("errorDetail") or {}
            raise StreamError(str(detail.get("message") or message.get("error")))
        yield message


def parse(text: str) -> Iterator[dict[str, Any]]:
    """Reads the messages of a whole answer (docker-py's `import_image` returns text)."""
    for line in text.splitlines():
        if line.strip():
            yield json.loads(line)


@contextmanager
def told(tried: str, todo: str = "") -> Iterator[None]:
    """Turns what the engine (or the way to it) says against us into a CourseError."""
    try:
        yield
    except APIError as error:
        raise CourseError(tried, f"The engine said: {error.explanation}", todo) from error
    except (StreamError, DockerException, requests.RequestException, OSError) as error:
        raise CourseError(tried, f"The engine said: {error}", todo) from error


@contextmanager
def patient(client: docker.DockerClient) -> Iterator[docker.DockerClient]:
    """Lets requests that docker-py gives the default timeout take as long as they need."""
    before, client.api.timeout = client.api.timeout, PATIENCE
    try:
        yield client
    finally:
        client.api.timeout = before


def push(client: docker.DockerClient, reference: str, report: Report = silent) -> None:
    """Pushes one reference to the registry that its name says.

    Raises:
        CourseError: The registry or the engine refused; docker-py alone would not tell.
    """
    repository, tag = split(reference)
    step = f"push {reference}"
    report(step)
    with (
        told(f"Pushed {reference}.", "Is the registry there, and has its disk room?"),
        patient(client),
    ):
        for _ in follow(client.api.push(repository, tag=tag, stream=True, decode=True)):
            pass
    report(step, 1, 1)
