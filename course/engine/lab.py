"""A lab: the engine of one notebook, clean when it is opened."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import Protocol

import docker
import requests
from docker.errors import DockerException

from course.catalogue import Chapter, catalogue
from course.engine import folder, ownership, reaper, sandbox
from course.engine.boot import boot
from course.engine.host import HostEngine
from course.engine.lease import Lease
from course.engine.mirror import Mirror
from course.engine.profile import SPARE
from course.engine.reset import reset
from course.engine.sandbox import Output, Sandbox
from course.engine.url import Url
from course.errors import CourseError

CERTIFICATES = ("ca.pem", "cert.pem", "key.pem")


class Node(Protocol):
    """An engine that a lab drives: a sandbox of ours, or one that somebody runs for the class."""

    def client(self, timeout: int = 60) -> docker.DockerClient:
        """A new docker-py client."""

    def run(self, script: str, on_output: Output | None = None) -> tuple[int, bytes]:
        """Runs a shell script on the engine's own machine."""

    def url(self, port: int) -> str:
        """Where this machine's browser reaches a course port."""

    def stop(self) -> None:
        """Gives the engine back."""


class Lab:
    """A clean engine for one chapter.

    Args:
        chapter: The chapter it is for.
        node: The engine.
        source: Where its images come from: "kit", "hub" or "attached".

    Attributes:
        is_closed: Whether the engine has been given back.
    """

    def __init__(self, chapter: Chapter, node: Node, source: str) -> None:
        self.chapter, self.node, self.source = chapter, node, source
        self._client = node.client()
        self.is_closed = False
        self._lease = Lease(lambda: node.client())

    @property
    def client(self) -> docker.DockerClient:
        """An ordinary docker-py client of that engine.

        Raises:
            CourseError: The lab is closed.
        """
        if self.is_closed:
            raise CourseError(
                f"Asked for the engine of lab {self.chapter.number}.",
                "This lab is closed: it was given back, or another one was opened after it.",
                "Run the notebook's first cell again.",
            )
        return self._client

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        """A new client of the engine; a thread must have its own."""
        assert self.client  # says so if the lab is closed
        return self.node.client(timeout)

    def run(
        self, script: str, node: str = "node1", on_output: Output | None = None
    ) -> tuple[int, bytes]:
        """Runs a shell script on the Docker host.

        Args:
            script: For `sh`.
            node: Which host; a lab with one engine has node1 only.
            on_output: Called with each chunk and whether it came from stderr.

        Returns:
            Exit code and the whole output.
        """
        if node != "node1":
            raise CourseError(f"Looked for the node {node!r}.", "This lab has only node1.")
        return self.node.run(script, on_output)

    def url(self, port: int) -> Url:
        """Where a browser on this machine reaches a port that a container publishes; a link.

        Raises:
            CourseError: It is not one of the course's ports.
        """
        return Url(self.node.url(port), port)

    def folder(self) -> folder.Folder:
        """The folder that this machine and the lab's Docker host share, if they can."""
        return folder.find(self.run)

    def reset(self) -> None:
        """Makes the engine as clean as a new one, through its API (about 2 s)."""
        reset(self.client)

    def close(self) -> None:
        """Gives the engine back; a second call does nothing."""
        if self.is_closed:
            return
        self.is_closed = True
        self._lease.close()
        self._client.close()
        # Removing takes half a second that nobody needs to wait for; if this process ends first,
        # the sandbox misses its lease and ends itself.
        threading.Thread(target=self._give_back, name="lab-close").start()

    def _give_back(self) -> None:
        # An engine that has gone by itself needs no more; a thread must not print.
        with contextlib.suppress(DockerException, requests.RequestException, OSError):
            self.node.stop()


def take_sandbox(host: HostEngine, image: str, mirror: Mirror | None, number: str) -> Sandbox:
    """A sandbox of one's own: a spare one that waits warm, else a new one."""
    running = _running(host)
    for spare in sandbox.known(host):
        if spare.address.container not in running or not spare.claim(f"lab{number}"):
            continue
        if spare.answers() and spare.publishes(catalogue().ports):
            return spare
        spare.stop()
    return boot(host, image, mirror, f"lab{number}")


def _running(host: HostEngine) -> set[str]:
    """The spare sandboxes that share this clone's folder: another one's would show its files."""
    filters = ownership.mine("sandbox") | {"name": [f"{ownership.prefix()}-{SPARE}-"]}
    filters["label"].append(f"{folder.LABEL}={folder.place()}")
    return {entry["Id"] for entry in host.client.api.containers(filters=filters)}


def keep_spare(host: HostEngine, image: str, mirror: Mirror | None) -> None:
    """Boots one spare sandbox, if none waits, and sweeps up orphans. For a thread: never raises."""
    try:
        reaper.reap(host)
        if not _running(host):
            boot(host, image, mirror)
    except (DockerException, CourseError, OSError):
        return  # the next open boots its own and says what is wrong


class AttachedNode:
    """An engine that whoever runs the class gives to this notebook.

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
        client = self.client()
        helper = client.containers.run(
            "busybox",
            ["nsenter", "-t", "1", "-m", "-u", "-i", "-n", "-p", "--", "sh", "-c", script],
            privileged=True,
            pid_mode="host",
            detach=True,
        )
        try:
            chunks = []
            for chunk in helper.logs(stream=True, follow=True):
                chunks.append(chunk)
                if on_output:
                    on_output(chunk, False)
            return helper.wait()["StatusCode"], b"".join(chunks)
        finally:
            helper.remove(force=True)

    def url(self, port: int) -> str:
        """The class's engine publishes ports on its own host."""
        return f"http://{self._url.split('//')[1].rsplit(':', 1)[0]}:{port}"

    def stop(self) -> None:
        """It is not ours to remove: it is left clean."""
        reset(self.client())


def attached() -> AttachedNode | None:
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
    return AttachedNode(url, folder)
