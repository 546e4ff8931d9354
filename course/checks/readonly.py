"""A docker-py client that can only look."""

from __future__ import annotations

from typing import Any

import docker
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter


class WriteRefusedError(Exception):
    """A check tried to change the engine. Checks look; they never touch."""


class ReadOnly(BaseAdapter):
    """Passes GET and HEAD on to the real adapter and refuses every other method.

    The engine's API changes nothing on GET. `exec` begins with a POST, so a check cannot run a
    command in a learner's container either: it reads files through the archive call instead.
    """

    def __init__(self, adapter: BaseAdapter) -> None:
        super().__init__()
        self.adapter = adapter

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Sends a request that changes nothing.

        Raises:
            WriteRefusedError: The method is not GET or HEAD.
        """
        if request.method not in ("GET", "HEAD"):
            raise WriteRefusedError(f"{request.method} {request.path_url}")
        return self.adapter.send(request, *args, **kwargs)

    def close(self) -> None:
        """Closes the real adapter's connections."""
        self.adapter.close()


def readonly(client: docker.DockerClient) -> docker.DockerClient:
    """Returns the same client, from now on unable to change anything."""
    for prefix, adapter in list(client.api.adapters.items()):
        client.api.mount(prefix, ReadOnly(adapter))
    return client
