"""A command in a container of the host engine, without losing what it says first."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Sequence

import docker
import requests
from docker.errors import create_api_error_from_http_exception

HEADER = struct.Struct(">BxxxL")  # which stream, and how many bytes follow
STDERR = 2
END_SECONDS = 2


def execute(
    api: docker.APIClient, container: str, words: Sequence[str]
) -> Iterator[tuple[bytes, bool] | int]:
    """Runs a command (POST `/exec/{id}/start`) and yields what it writes as it comes.

    docker-py's own `exec_start` reads the bare socket. What the engine sent together with the
    HTTP headers is in a buffer above it then, and is lost: over a unix socket, the output of
    about one short command in 100. So this reads the answer's body, and asks for no upgrade.

    Yields:
        Chunks, each with whether it came from stderr; the exit code at the end.

    Raises:
        docker.errors.APIError: The engine refused it.
    """
    made = api.exec_create(container, list(words))["Id"]
    url = f"{api.base_url}/v{api.api_version}/exec/{made}/start"
    with api.post(url, json={"Detach": False, "Tty": False}, stream=True) as answer:
        try:
            answer.raise_for_status()
        except requests.HTTPError as error:
            create_api_error_from_http_exception(error)
        yield from _frames(answer)
    yield _exit_code(api, made)


def _frames(answer: requests.Response) -> Iterator[tuple[bytes, bool]]:
    while len(head := answer.raw.read(HEADER.size)) == HEADER.size:
        stream, length = HEADER.unpack(head)
        yield answer.raw.read(length), stream == STDERR


def _exit_code(api: docker.APIClient, made: str) -> int:
    """The engine hears of the end a moment after the output has ended."""
    until = time.monotonic() + END_SECONDS
    while (state := api.exec_inspect(made))["Running"] and time.monotonic() < until:
        time.sleep(0.01)
    return int(state["ExitCode"] or 0)
