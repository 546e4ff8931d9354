"""Node: one of a lab's engines, with its name, its address and its switches."""

from __future__ import annotations

import threading
from functools import cached_property

import docker

from course.engine import power
from course.engine.lease import Lease
from course.engine.machine import Machine, Output
from course.engine.url import Url
from course.errors import CourseError

_ADDRESS = "ip -o -4 address show scope global | awk '{print $4; exit}'"


class Node:
    """One engine of a lab.

    Args:
        name: As "node2"; also its host name, which `docker node ls` shows.
        machine: What holds the engine.
        address: Its IPv4 address on the nodes' own network; without one there is no such network.

    Attributes:
        is_on: False after `kill` and `stop`, until `bring_back`.
        is_cut: True after `cut`, until `bring_back`.
    """

    def __init__(self, name: str, machine: Machine, address: str = "") -> None:
        self.name, self.machine, self._fixed = name, machine, address
        self.is_on, self.is_cut = True, False
        self._switches = threading.RLock()
        self._lease: Lease | None = None

    @cached_property
    def client(self) -> docker.DockerClient:
        """An ordinary docker-py client of this engine."""
        return self.connect()

    @cached_property
    def address(self) -> str:
        """Its IPv4 address, as the other nodes of the lab reach it."""
        return self._fixed or self.run(_ADDRESS)[1].decode().split("/")[0].strip()

    @property
    def has_switches(self) -> bool:
        """Whether it is one of several: only those can be switched off and cut."""
        return bool(self._fixed)

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        """A new client of the engine; a thread must have its own.

        Raises:
            CourseError: The node is switched off.
        """
        if not self.is_on:
            raise CourseError(
                f"Asked the engine of {self.name}.",
                "It is switched off.",
                f'lab.node("{self.name}").bring_back() switches it on.',
            )
        return self.machine.client(timeout)

    def run(self, script: str, on_output: Output | None = None) -> tuple[int, bytes]:
        """Runs a shell script on the node itself: exit code and output; works while it is off."""
        return self.machine.run(script, on_output)

    def url(self, port: int) -> Url:
        """Where a browser on this machine reaches a port that this node publishes; a link.

        Raises:
            CourseError: It is not one of the course's ports.
        """
        return Url(self.machine.url(port), port)

    def kill(self) -> None:
        """A power cut: the engine and all its containers are gone at once. The disk stays."""
        self._switch_off("kill")

    def stop(self) -> None:
        """An orderly shutdown: the engine stops its containers, then ends. The disk stays.

        An engine that does not end in 25 s is killed, as a machine's service manager would do.
        """
        self._switch_off("stop")

    def cut(self) -> None:
        """Pulls the cable: nothing gets through to the other nodes. Engine and containers go on.

        Raises:
            CourseError: The node is switched off, or the lab's nodes have no network of their own.
        """
        with self._switches:
            self._need_network()
            if not self.is_on:
                raise CourseError(f"Cut {self.name} off.", "It is switched off already.")
            if not self.is_cut:
                power.unplug(self.machine, self.name, self.address)
                self.is_cut = True

    def bring_back(self) -> None:
        """Undoes `kill`, `stop` and `cut`; returns when the engine answers.

        That takes about 2 s; a manager of a swarm without a quorum waits 10 s more for a leader.
        """
        with self._switches:
            if self.is_cut:
                power.plug_in(self.machine, self.name, self.address)
                self.is_cut = False
            if not self.is_on:
                power.switch_on(self.machine, self.name)
                self.is_on = True

    def forget_swarm(self) -> None:
        """Takes it out of its swarm without a word to the others, and brings it back; 3 s.

        The engine restarts for it. `docker swarm leave --force` lets an engine run, but takes
        20 s where the swarm has no leader, waits for each task to stop, and may keep port 7946
        open for good, so that services of the next swarm are not found.
        """
        with self._switches:
            self._need_network()
            if power.is_member(self.machine):
                self.kill()  # changes nothing where it is off
                power.forget_swarm(self.machine)
            self.bring_back()
            api = self.client.api
            for task in api.containers(all=True, filters={"label": "com.docker.swarm.task"}):
                api.remove_container(task["Id"], v=True, force=True)

    def hold(self) -> None:
        """Keeps a connection to the engine, so that it does not end itself."""
        self._lease = self._lease or Lease(lambda: self.machine.client())

    def close(self) -> None:
        """Lets go of the engine; `machine.stop` then gives it back."""
        if self._lease:
            self._lease.close()
        if "client" in self.__dict__:
            self.client.close()

    def __repr__(self) -> str:
        told = "" if self.is_on else ", switched off"
        told += ", cut off from the others" if self.is_cut else ""
        return f"<Node {self.name} {self.address}{told}>"

    def _switch_off(self, how: str) -> None:
        with self._switches:
            self._need_network()
            if self.is_on:
                self.is_on = False  # first: views and buttons need not ask in vain
                try:
                    power.switch_off(self.machine, self.name, how)
                except BaseException:
                    self.is_on = True
                    raise

    def _need_network(self) -> None:
        if not self.has_switches:
            raise CourseError(
                f"Asked for a switch of {self.name}.",
                "Only the nodes of a lab with several engines have switches.",
                'Chapter 12 opens such a lab: course.open("12a").',
            )
