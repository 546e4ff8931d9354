from __future__ import annotations

from typing import Any

from docker.types import EndpointSpec

from course.checks import At, Lab
from course.checks.make_service import form, remove_services, running, serve, until
from course.checks.swarm_service import ServiceAt, need_swarm, service

NAME, PORT = "kiosk", 8081
SET = 'lab.task("12b.1")'
NODES = ("node1", "node2", "node3")


def check(at: At) -> str:
    need_swarm(at, SET)
    kiosk = service(at, NAME)
    if kiosk is None:
        at.not_attempted(f"There is no service `{NAME}` yet.", "docker service ls")
    if kiosk.image != "nginx:alpine":
        kiosk.not_yet(f"`{NAME}` runs `{kiosk.image}`, not `nginx:alpine`.")
    check_ports(kiosk)
    if not kiosk.is_global:
        kiosk.not_yet(
            f"`{NAME}` has a number of replicas: a node that joins tomorrow would be left out. "
            "There is a mode for *one on each node*."
        )
    for node in NODES:
        answer = at.asked(PORT, node=node)
        if answer is None or "nginx" not in answer.body:
            kiosk.not_yet(
                f"Port {PORT} of {node} does not show nginx's page.", f"docker service ps {NAME}"
            )
    return f"Each of the three nodes answers on port {PORT} with a container of its own."


def check_ports(kiosk: ServiceAt) -> None:
    if not kiosk.ports:
        kiosk.not_yet(f"`{NAME}` publishes no port.")
    for port in kiosk.ports:
        if port.mode != "host":
            kiosk.not_yet(
                f"`{NAME}` publishes its port through the routing mesh (mode `{port.mode}`): "
                "whichever node is asked, any task may answer."
            )
        if port.outer != PORT:
            kiosk.not_yet(f"`{NAME}` is published on port {port.outer}, not on {PORT}.")


def setup(lab: Lab) -> None:
    form(lab)
    remove_services(lab, NAME)


def kiosk(lab: Lab, port: Any = (80, "tcp", "host"), outer: int = PORT, **options: Any) -> None:
    # Without the mesh's VIP, as a service with host ports only may have it.
    spec = EndpointSpec(mode="dnsrr", ports={outer: port})
    options = {"mode": "global", "endpoint_spec": spec} | options
    serve(lab, NAME, "nginx:alpine", None, **options)


def solve(lab: Lab) -> None:
    kiosk(lab)


def through_the_mesh(lab: Lab) -> None:
    kiosk(lab, endpoint_spec=EndpointSpec(ports={PORT: 80}))


def three_replicas(lab: Lab) -> None:
    kiosk(lab, mode=None, replicas=3)


def other_port(lab: Lab) -> None:
    kiosk(lab, outer=8080)


def wrong_target(lab: Lab) -> None:
    kiosk(lab, port=(8081, "tcp", "host"))


def one_node_only(lab: Lab) -> None:
    spec = EndpointSpec(mode="dnsrr", ports={PORT: (80, "tcp", "host")})
    only = ["node.hostname == node1"]
    lab.client.services.create(
        "nginx:alpine", name=NAME, mode="global", endpoint_spec=spec, constraints=only
    )
    until("one task runs", lambda: running(lab.client.services.get(NAME)) == 1)


def not_published(lab: Lab) -> None:
    kiosk(lab, endpoint_spec=EndpointSpec(mode="dnsrr"))


WRONG = (
    (through_the_mesh, "through the routing mesh"),
    (three_replicas, "has a number of replicas"),
    (other_port, "on port 8080, not on"),
    (wrong_target, "Port 8081 of node1"),
    (one_node_only, "Port 8081 of node2"),
    (not_published, "publishes no port"),
)
