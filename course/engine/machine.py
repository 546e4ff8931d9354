"""Machine: what holds one engine, whoever runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import docker

Output = Callable[[bytes, bool], None]
"""Called with each chunk of a script's output, and whether it came from stderr."""


class Machine(Protocol):
    """An engine's own computer: a sandbox of ours, or one that somebody runs for the class."""

    def client(self, timeout: int = 60) -> docker.DockerClient:
        """A new docker-py client."""

    def run(self, script: str, on_output: Output | None = None) -> tuple[int, bytes]:
        """Runs a shell script on it: exit code and output."""

    def url(self, port: int) -> str:
        """Where this machine's browser reaches a course port."""

    def stop(self) -> None:
        """Gives the engine back."""
