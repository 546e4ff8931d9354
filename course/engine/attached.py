"""An engine that whoever runs the class gives to this notebook."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import docker

from course.engine import ownership, sandbox
from course.engine.cluster import Cluster
from course.engine.machine import Output
from course.engine.reset import reset
from course.errors import CourseError

ATTACHED = "attached"  # what a lab on it says of where its images come from
CERTIFICATES = ("ca.pem", "cert.pem", "key.pem")
HELPER = f"{ownership.LABEL}.helper"  # label of containers that are ours and in no picture


class AttachedMachine:
    """An engine of the class.

    Args:
        url: Its API, `https://HOST:PORT`.
        certificates: Folder with ca.pem, cert.pem and key.pem.
    """

    def __init__(self, url: str, certificates: Path) -> None:
        self._url, self._certificates = url, certificates

    def client(self, timeout: int = 60) -> docker.DockerClient:
        """A new docker-py client."""
        return sandbox.connect(self._url, self._certificates, timeout)

    def run(self, script: str, on_output: Output | None = None) -> tuple[int, bytes]:
        """Runs the script in a helper container that enters the host's namespaces."""
        with closing(self.client()) as client:
            helper = client.containers.run(
                "busybox",
                ["nsenter", "-t", "1", "-m", "-u", "-i", "-n", "-p", "--", "sh", "-c", script],
                privileged=True,
                pid_mode="host",
                labels={HELPER: "run"},
                detach=True,
            )
            try:
                # Only for who wants to hear of it: docker-py does not close a stream.
                if on_output:
                    for chunk in helper.logs(stream=True, follow=True):
                        on_output(chunk, False)
                code = int(helper.wait()["StatusCode"])
                return code, helper.logs()
            finally:
                helper.remove(force=True)

    def url(self, port: int) -> str:
        """The class's engine publishes ports on its own host."""
        return f"http://{self._url.split('//')[1].rsplit(':', 1)[0]}:{port}"

    def stop(self) -> None:
        """It is not ours to remove: it is left clean."""
        with closing(self.client()) as client:
            reset(client)


def attached() -> AttachedMachine | None:
    """The engine named by COURSE_LAB_HOST and COURSE_LAB_CERTS, if they are set."""
    url, certificates = os.environ.get("COURSE_LAB_HOST"), os.environ.get("COURSE_LAB_CERTS")
    if not url:
        return None
    folder = Path(certificates or "")
    if not certificates or not all((folder / name).is_file() for name in CERTIFICATES):
        found = f"{folder} lacks a file." if certificates else "COURSE_LAB_CERTS is not set."
        raise CourseError(
            f"Attached to the engine {url}.",
            found,
            f"Set COURSE_LAB_CERTS to the folder you were given, with {', '.join(CERTIFICATES)}.",
        )
    return AttachedMachine(url, folder)


def attach(count: int) -> Cluster | None:
    """A lab on the class's engine, left clean; None where there is no such engine.

    Args:
        count: How many engines the lab needs.

    Raises:
        CourseError: It needs several: a class gives each learner one.
    """
    machine = attached()
    if machine is None:
        return None
    if count > 1:
        raise CourseError(
            f"Opened a lab with {count} engines.",
            "COURSE_LAB_HOST names one, which the class gives you.",
            "Unset COURSE_LAB_HOST: a machine with Docker can run this chapter's engines itself.",
        )
    machine.stop()  # leaves it clean
    return Cluster.of(machine)
