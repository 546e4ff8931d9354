"""A lab: the engines of one notebook, clean when they are opened."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import docker
import requests
from docker.errors import DockerException

from course.catalogue import Chapter, catalogue
from course.engine import folder, ownership, reaper, sandbox
from course.engine.attached import ATTACHED
from course.engine.boot import boot
from course.engine.cluster import Cluster, boot_cluster
from course.engine.host import HostEngine
from course.engine.machine import Output
from course.engine.mirror import Mirror
from course.engine.node import Node
from course.engine.profile import MIRROR, SPARE, mirror_name
from course.engine.reset import reset
from course.engine.sandbox import Sandbox
from course.engine.url import Url
from course.errors import CourseError


class Lab:
    """One clean engine for a chapter, or several.

    Args:
        chapter: The chapter it is for.
        nodes: Its engines; the first is the one that `client`, `run` and `url` mean.
        source: Where images come from: "kit", "hub", "room" or "attached".

    Attributes:
        is_closed: Whether the engines have been given back.
    """

    def __init__(self, chapter: Chapter, nodes: Cluster, source: str) -> None:
        self.chapter, self.nodes, self.source = chapter, nodes, source
        self._client = nodes[0].client
        self.is_closed = False
        for node in nodes:
            node.hold()

    @property
    def client(self) -> docker.DockerClient:
        """An ordinary docker-py client of the (first) engine.

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
        """A new client of the (first) engine; a thread must have its own."""
        assert self.client  # says so if the lab is closed
        return self.nodes[0].connect(timeout)

    def node(self, name: str) -> Node:
        """One of the lab's engines: its client, its address, its switches.

        Args:
            name: As "node2".

        Raises:
            CourseError: This lab has no such node.
        """
        return self.nodes.node(name)

    def run(
        self, script: str, node: str = "node1", on_output: Output | None = None
    ) -> tuple[int, bytes]:
        """Runs a shell script on a Docker host.

        Args:
            script: For `sh`.
            node: Which host.
            on_output: Called with each chunk and whether it came from stderr.

        Returns:
            Exit code and the whole output.

        Raises:
            CourseError: This lab has no such node.
        """
        return self.node(node).run(script, on_output)

    def url(self, port: int) -> Url:
        """Where a browser on this machine reaches a port that a container publishes; a link.

        Raises:
            CourseError: It is not one of the course's ports.
        """
        return self.nodes[0].url(port)

    def folder(self) -> folder.Folder:
        """The folder that this machine and the lab's Docker host share, if they can."""
        return folder.find(self.run)

    def reset(self) -> None:
        """Brings every node back, and makes it as clean as a new one (2 s; several, 5 s)."""
        assert self.client  # says so if the lab is closed
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(_reset, self.nodes))

    def close(self) -> None:
        """Gives the engines back; a second call does nothing."""
        if self.is_closed:
            return
        self.is_closed = True
        self.nodes.close()
        if self.source == ATTACHED:
            # The next lab has the same engine: it must not be cleaned under that one's hands.
            self._give_back()
        else:
            # Removing takes half a second that nobody needs to wait for; if this process ends
            # first, a sandbox misses its lease and ends itself.
            threading.Thread(target=self._give_back, name="lab-close").start()

    def _give_back(self) -> None:
        # An engine that has gone by itself needs no more; a thread must not print.
        with contextlib.suppress(DockerException, requests.RequestException, OSError):
            self.nodes.stop()


def _reset(node: Node) -> None:
    if node.has_switches:
        node.forget_swarm()
    with contextlib.closing(node.connect()) as client:
        reset(client)


def take(
    host: HostEngine, image: str, mirror: Mirror | None, number: str, count: int = 1
) -> Cluster:
    """The engines of a lab: a spare one if one is enough, else new ones."""
    if count == 1:
        return Cluster.of(take_sandbox(host, image, mirror, number))
    return boot_cluster(host, image, mirror, number, count)


def take_sandbox(host: HostEngine, image: str, mirror: Mirror | None, number: str) -> Sandbox:
    """A sandbox of one's own: a spare one that waits warm, else a new one."""
    running = _running(host, image, mirror)
    for spare in sandbox.known(host):
        if spare.address.container not in running or not spare.claim(f"lab{number}"):
            continue
        if spare.answers() and spare.publishes(catalogue().ports):
            return spare
        spare.stop()
    return boot(host, image, mirror, f"lab{number}")


def _running(host: HostEngine, image: str, mirror: Mirror | None) -> set[str]:
    """The spare sandboxes that pull through this mirror, and share this clone's folder."""
    filters = ownership.mine("sandbox") | {"name": [f"{ownership.prefix()}-{SPARE}-"]}
    filters["ancestor"] = [image]
    filters["label"] += [f"{folder.LABEL}={folder.place()}", f"{MIRROR}={mirror_name(mirror)}"]
    return {entry["Id"] for entry in host.client.api.containers(filters=filters)}


def ensure_spare(host: HostEngine, image: str, mirror: Mirror | None) -> None:
    """Boots one spare sandbox, if none waits, and sweeps up orphans.

    Raises:
        CourseError: None can be booted.
    """
    reaper.reap(host)
    if not _running(host, image, mirror):
        boot(host, image, mirror)


def keep_spare(host: HostEngine, image: str, mirror: Mirror | None) -> None:
    """`ensure_spare` for a thread: never raises."""
    with contextlib.suppress(DockerException, CourseError, OSError):
        ensure_spare(host, image, mirror)  # if not, the next open boots its own and says why
