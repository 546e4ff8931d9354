"""`course check`: a task checked from a terminal."""

from __future__ import annotations

import docker

from course.checks.desk import Desk
from course.checks.verdict import Verdict
from course.engine.sandbox import Sandbox
from course.engine.shell import last_opened


class _OpenLab:
    """The lab that a notebook has open, as another process sees it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.client = sandbox.client()

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        return self._sandbox.client(timeout)

    def run(self, script: str) -> tuple[int, bytes]:
        return self._sandbox.run(script)

    def url(self, port: int) -> str:
        return self._sandbox.url(port)


def check_task(task_id: str, answer: str | None = None) -> Verdict:
    """Checks a task against the lab that was opened last.

    Raises:
        CourseError: No lab is open, or there is no such task.
    """
    lab = _OpenLab(last_opened())
    try:
        return Desk(lab).check(task_id, answer)
    finally:
        lab.client.close()
