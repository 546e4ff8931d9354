from __future__ import annotations

from course.checks import At, Lab
from course.checks.make_service import until
from course.checks.make_swarm import bare
from course.checks.swarm import NODES, all_managers, state_of
from course.engine.node import Node

LOOK = "docker info | grep -i swarm"


def check(at: At) -> str:
    states = {name: state_of(at, name) for name in NODES}
    if "active" not in states.values():
        at.not_attempted("None of the three engines is in a swarm yet.", LOOK)
    if states["node1"] != "active":
        other = next(name for name, state in states.items() if state == "active")
        at.not_yet(f"`{other}` is in a swarm, and `node1` is not. Begin it on `node1`.", LOOK)
    if not (at.info() or {})["Swarm"]["ControlAvailable"]:
        at.not_yet("`node1` is a worker of its swarm, not a manager.", LOOK)
    for one in all_managers(at):
        if one.availability != "active":
            at.not_yet(f"`{one.name}` takes no tasks: its availability is {one.availability}.")
    return "Three managers: whichever node you lose, two are left, and two of three can decide."


def setup(lab: Lab) -> None:
    bare(lab)


def init(node: Node) -> str:
    node.client.swarm.init(advertise_addr=node.address)
    return str(node.client.swarm.attrs["JoinTokens"]["Manager"])


def join(node: Node, first: Node, token: str) -> None:
    node.client.swarm.join(
        remote_addrs=[first.address], join_token=token, advertise_addr=node.address
    )


def solve(lab: Lab) -> None:
    first, *others = lab.nodes
    token = init(first)
    for node in others:
        join(node, first, token)
    until("three managers take part", lambda: taking_part(lab) == 3)


def taking_part(lab: Lab) -> int:
    found = [one.attrs.get("ManagerStatus", {}) for one in lab.client.nodes.list()]
    return sum(one.get("Reachability") == "reachable" for one in found)


def two_nodes(lab: Lab) -> None:
    token = init(lab.nodes[0])
    join(lab.nodes[1], lab.nodes[0], token)


def as_workers(lab: Lab) -> None:
    init(lab.nodes[0])
    token = lab.client.swarm.attrs["JoinTokens"]["Worker"]
    for node in lab.nodes[1:]:
        join(node, lab.nodes[0], token)
    until("three nodes are ready", lambda: ready(lab) == 3)


def ready(lab: Lab) -> int:
    found = [one.attrs for one in lab.client.nodes.list()]
    told = [one for one in found if one["Description"].get("Hostname")]
    return sum(one["Status"]["State"] == "ready" for one in told)


def each_its_own(lab: Lab) -> None:
    for node in lab.nodes:
        init(node)


def begun_elsewhere(lab: Lab) -> None:
    token = init(lab.nodes[1])
    join(lab.nodes[2], lab.nodes[1], token)


def node1_as_worker(lab: Lab) -> None:
    init(lab.nodes[1])
    token = lab.nodes[1].client.swarm.attrs["JoinTokens"]["Worker"]
    join(lab.nodes[0], lab.nodes[1], token)


def one_is_off(lab: Lab) -> None:
    two_nodes(lab)
    lab.nodes[2].kill()


WRONG = (
    (two_nodes, "`node3` is in no swarm"),
    (as_workers, "`node2` is a worker"),
    (each_its_own, "`node2` is in a swarm, but not in that of `node1`"),
    (begun_elsewhere, "Begin it on `node1`"),
    (node1_as_worker, "`node1` is a worker"),
    (one_is_off, "`node3` is switched off"),
)
