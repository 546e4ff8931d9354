"""What the checks room needs of a lab; `course.engine.lab.Lab` fits it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import docker

from course.engine.node import Node


class Lab(Protocol):
    """An engine to look at, its Docker host, and the other engines of its cluster."""

    @property
    def client(self) -> docker.DockerClient:
        """The learner's own client."""

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        """Returns a new client whose calls wait at most `timeout` seconds for an answer."""

    @property
    def nodes(self) -> Sequence[Node]:
        """Its engines, first one first."""

    def node(self, name: str) -> Node:
        """Returns the engine of this name, as "node2"."""

    def run(self, script: str, node: str = "node1") -> tuple[int, bytes]:
        """Runs a shell script on one of the lab's Docker hosts: exit code and output."""
