"""`course check`: a task checked from a terminal."""

from __future__ import annotations

import docker

from course.checks.desk import Desk
from course.checks.verdict import Verdict
from course.engine.cluster import Cluster
from course.engine.node import Node
from course.engine.shell import last_opened


class _OpenLab:
    """The lab that a notebook has open, as another process sees it."""

    def __init__(self, nodes: Cluster) -> None:
        self.nodes = nodes
        self.client = nodes[0].client

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        return self.nodes[0].connect(timeout)

    def node(self, name: str) -> Node:
        return self.nodes.node(name)

    def run(self, script: str, node: str = "node1") -> tuple[int, bytes]:
        return self.node(node).run(script)


def check_task(task_id: str, answer: str | None = None) -> Verdict:
    """Checks a task against the lab that was opened last.

    Raises:
        CourseError: No lab is open, or there is no such task.
    """
    lab = _OpenLab(last_opened())
    try:
        return Desk(lab).check(task_id, answer)
    finally:
        lab.nodes.close()
