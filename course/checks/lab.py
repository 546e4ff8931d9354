"""What the checks room needs of a lab; `course.engine.lab.Lab` fits it."""

from __future__ import annotations

from typing import Protocol

import docker


class Lab(Protocol):
    """An engine to look at, its Docker host, and the way to its published ports."""

    @property
    def client(self) -> docker.DockerClient:
        """The learner's own client."""

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        """Returns a new client whose calls wait at most `timeout` seconds for an answer."""

    def run(self, script: str) -> tuple[int, bytes]:
        """Runs a shell script on the lab's Docker host: exit code and output."""

    def url(self, port: int) -> str:
        """Returns where a port that the lab's host publishes is reached from here."""
