"""Services whose every answer says which container gave it."""

from __future__ import annotations

import time
from typing import Any

from docker.errors import APIError
from docker.models.services import Service
from docker.types import EndpointSpec, ServiceMode
from patience import PATIENCE

from course.notebook.lab import Lab

PORT = 8080
NETWORK = "wide"
# A server of a few kilobytes: an emulated processor unpacks it on each node.
SERVE = "mkdir /www && hostname >/www/index.html && exec httpd -f -p 80 -h /www"


def start(lab: Lab, name: str, count: int, **more: Any) -> Service:
    """Starts a service of `count` replicas on the network `wide`; returns when all run."""
    service = lab.client.services.create(
        "busybox",
        name=name,
        command=["sh", "-c", SERVE],
        mode=ServiceMode("replicated", count),
        networks=[NETWORK],
        stop_grace_period=10**9,
        **more,
    )
    wait(service, count)
    return service


def wait(service: Service, count: int, without: str = "") -> float:
    """Waits until `count` containers run, and one that was killed is none of them.

    Returns:
        The seconds that it took.
    """
    began = time.monotonic()
    while len(found := containers(service)) != count or without in found:
        seen = [task["Status"] for task in _tasks(service, {})]
        assert time.monotonic() < began + PATIENCE, seen
        time.sleep(0.5)
    return time.monotonic() - began


def published(port: int = PORT, mode: str = "ingress") -> EndpointSpec:
    """Publishes port 80."""
    opening = {"PublishedPort": port, "TargetPort": 80, "PublishMode": mode, "Protocol": "tcp"}
    return EndpointSpec(ports=[opening])


def containers(service: Service) -> set[str]:
    """The host names of a service's containers that run."""
    running = _tasks(service, {"desired-state": "running"})
    states = [task["Status"] for task in running if task["Status"]["State"] == "running"]
    return {status["ContainerStatus"]["ContainerID"][:12] for status in states}


def _tasks(service: Service, filters: dict[str, str]) -> list[dict[str, Any]]:
    """A manager gives itself five seconds for an answer, and 500 after that."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            found: list[dict[str, Any]] = service.tasks(filters=filters)
        except APIError:
            if time.monotonic() > deadline:
                raise
        else:
            return found


def ask(lab: Lab, script: str) -> list[str]:
    """Runs a script in a container of node1 on the network; returns its lines."""
    run = lab.client.containers.run
    said = run("busybox", ["sh", "-c", script], network=NETWORK, remove=True)
    assert isinstance(said, bytes)
    return said.decode().split("\n")[:-1]


def addresses(lab: Lab, name: str) -> set[str]:
    """The addresses that the swarm's name server gives for a name."""
    told = ask(lab, f"nslookup -type=a {name} 2>/dev/null | sed -n 's/^Address: //p'")
    return set(told)


def answers(lab: Lab, name: str, count: int) -> list[str]:
    """Who answered requests to the first address that a service's name stands for.

    Of several the name server gives another one first each time. Most programs sort them again,
    and would ask the same one forever.
    """
    first = f"nslookup -type=a {name} 2>/dev/null | sed -n 's/^Address: //p' | head -n 1"
    line = f"wget -q -T 10 -O - http://$({first})/ || echo failed"
    return ask(lab, "; ".join([line] * count))
