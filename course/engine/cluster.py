"""The engines of one lab: one, or up to seven on a private network with fixed addresses."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, overload

import psutil
from docker.errors import APIError, DockerException
from docker.types import IPAMConfig, IPAMPool

from course.engine import ownership
from course.engine.boot import boot
from course.engine.host import HostEngine
from course.engine.machine import Machine
from course.engine.node import Node
from course.engine.sandbox import Sandbox
from course.engine.seat import Seat
from course.errors import CourseError

MOST = 7
NODE_BYTES = 250 << 20  # an engine in a swarm, with a few small containers
_SUBNETS = 60


class Cluster(Sequence[Node]):
    """The nodes of a lab, first one first.

    Args:
        nodes: At least one.
        host: The engine that holds their network, if they have one.
        network: That network's name.
    """

    def __init__(
        self, nodes: Sequence[Node], host: HostEngine | None = None, network: str = ""
    ) -> None:
        self._nodes, self._host, self._network = tuple(nodes), host, network

    @classmethod
    def of(cls, machine: Machine) -> Cluster:
        """The only node of a lab with one engine."""
        return cls([Node("node1", machine)])

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Node]: ...
    def __getitem__(self, index: int | slice) -> Node | Sequence[Node]:
        return self._nodes[index]

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    def node(self, name: str) -> Node:
        """Returns the node of this name.

        Raises:
            CourseError: There is none; says which there are.
        """
        for node in self._nodes:
            if node.name == name:
                return node
        last = self._nodes[-1].name
        has = "only node1" if len(self) == 1 else f"node1 to {last}"
        raise CourseError(f"Looked for the node {name!r}.", f"This lab has {has}.")

    def close(self) -> None:
        """Lets go of all engines."""
        for node in self._nodes:
            node.close()

    def stop(self) -> None:
        """Gives all engines back, then removes their network."""
        machines = [node.machine for node in self._nodes]
        try:
            with ThreadPoolExecutor(len(machines)) as pool:
                list(pool.map(_stop, machines))
        except RuntimeError:  # the interpreter is ending, and takes no new threads
            for machine in machines:
                machine.stop()
        if self._host:
            _remove_network(self._host, self._network)


def _stop(machine: Machine) -> None:
    machine.stop()


def boot_cluster(host: HostEngine, image: str, mirror: Any, number: str, count: int) -> Cluster:
    """Boots several sandboxes at the same time, on a network of their own (three: about 4 s).

    Args:
        host: The engine to nest them in.
        image: The engine image.
        mirror: The `Mirror` they pull through, if there is one.
        number: Of the chapter.
        count: 2 to 7.

    Raises:
        CourseError: This machine has no memory for so many, or one did not come up.
    """
    _check(count, host)
    token = secrets.token_hex(4)
    network, prefix = _make_network(host, f"{ownership.prefix()}-nodes-{token}")
    seats = [Seat(f"node{n}", network, f"{prefix}.{10 + n}", token) for n in range(1, count + 1)]
    booted: list[Sandbox] = []

    def start(seat: Seat) -> None:
        with contextlib.closing(host.another_client()) as client:
            own = replace(host, client=client)
            made = boot(own, image, mirror, f"lab{number}", seat)
        booted.append(Sandbox(host, made.address))

    try:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(start, seats))
    except BaseException:  # Ctrl-C too: nothing may stay behind
        for sandbox in booted:
            sandbox.stop()
        _remove_network(host, network)
        raise
    booted.sort(key=lambda sandbox: sandbox.address.node)
    return Cluster([_node(sandbox) for sandbox in booted], host, network)


def of_sandboxes(sandboxes: Sequence[Sandbox]) -> Cluster:
    """The nodes of a lab that another process of this learner has open."""
    ordered = sorted(sandboxes, key=lambda sandbox: sandbox.address.node)
    return Cluster([_node(sandbox) for sandbox in ordered])


def _node(sandbox: Sandbox) -> Node:
    return Node(sandbox.address.node, sandbox, sandbox.address.ip)


def _check(count: int, host: HostEngine) -> None:
    asked = f"Opened a lab with {count} nodes."
    if not 1 < count <= MOST:
        raise CourseError(asked, f"A lab can have 1 to {MOST}.")
    free, has = _memory(host)
    if free < count * NODE_BYTES:
        room = max(1, free // NODE_BYTES)
        raise CourseError(
            asked,
            f"Each takes about {NODE_BYTES >> 20} MB, and {has}.",
            f"Close other labs and programs, or open it with nodes={room}.",
        )


def _memory(host: HostEngine) -> tuple[int, str]:
    """Bytes that nodes can have at most, and whose: the host engine may be on another machine."""
    total = int(host.client.info().get("MemTotal") or 0)
    free = psutil.virtual_memory().available
    if host.is_local_linux and (free < total or not total):
        return free, f"this machine has {free >> 20} MB free"
    return total, f"the host engine's machine has {total >> 20} MB in all"


def _make_network(host: HostEngine, name: str) -> tuple[str, str]:
    """Makes the nodes' own network; returns its name and the first three parts of addresses.

    It is internal: the way out is the other network, which stays when a node is cut off. With
    addresses that are fixed a quorum comes back after a restart.
    """
    for third in range(_SUBNETS):
        prefix = f"10.77.{third}"
        pool = IPAMPool(subnet=f"{prefix}.0/24", gateway=f"{prefix}.1")
        try:
            host.client.networks.create(
                name,
                internal=True,
                ipam=IPAMConfig(pool_configs=[pool]),
                labels=ownership.labels("nodes"),
            )
        except APIError as error:
            if "overlap" not in str(error).lower():
                raise CourseError(
                    "Made a network for the lab's nodes.", f"The host engine refused: {error}"
                ) from error
        else:
            return name, prefix
    raise CourseError(
        "Made a network for the lab's nodes.",
        f"The networks 10.77.0.0/24 to 10.77.{_SUBNETS - 1}.0/24 are all taken.",
        "Close other labs, or run `course down`.",
    )


def _remove_network(host: HostEngine, name: str) -> None:
    with contextlib.suppress(DockerException):  # the reaper takes what is left
        host.client.api.remove_network(name)
