"""What the setup of a task builds swarms with: bare engines, whole swarms, labels, availability."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

import requests
from docker.errors import APIError, DockerException

from course.checks.lab import Lab
from course.checks.make_service import form, until
from course.engine.conflict import again
from course.engine.node import Node

QUICK = 3  # seconds; a manager without a quorum lets others wait for 20


def bare(lab: Lab) -> None:
    """Takes every node out of whatever swarm it is in; nodes that are off are brought back."""
    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        list(pool.map(Node.forget_swarm, lab.nodes))


def leave(node: Node) -> None:
    """Takes a node out of its swarm without telling the others, as a fire would."""
    if node.client.info()["Swarm"]["LocalNodeState"] != "inactive":
        node.client.api.leave_swarm(force=True)


def whole(lab: Lab) -> None:
    """Sees to one swarm of all nodes: managers, ready, active. One that is so already stays."""
    if not is_whole(lab):
        bare(lab)
        form(lab)


def is_whole(lab: Lab) -> bool:
    """Whether all nodes of the lab, and no others, are managers of one swarm, ready and active."""
    if not all(node.is_on and not node.is_cut for node in lab.nodes):
        return False
    with closing(lab.connect(QUICK)) as client:
        try:
            nodes = client.api.nodes()
        except (DockerException, requests.RequestException):
            return False
    good = [one for one in nodes if _is_good(one)]
    return len(good) == len(nodes) == len(lab.nodes)


def _is_good(one: dict[str, Any]) -> bool:
    manages = (one.get("ManagerStatus") or {}).get("Reachability") == "reachable"
    return bool(
        manages and one["Status"]["State"] == "ready" and one["Spec"]["Availability"] == "active"
    )


def change_member(lab: Lab, name: str, **spec: Any) -> None:
    """Changes a node's Spec: Role, Availability, Labels (which replaces them all)."""

    def change() -> None:
        node = lab.client.api.inspect_node(name)
        lab.client.api.update_node(node["ID"], node["Version"]["Index"], node["Spec"] | spec)

    again(change)


def mark_swarm(lab: Lab, labels: Mapping[str, str]) -> None:
    """Gives the swarm labels. All else of its Spec stays, which docker-py's `update` resets."""
    api: Any = lab.client.api
    told = api.inspect_swarm()
    url = api._url("/swarm/update")
    spec = told["Spec"] | {"Labels": dict(labels)}
    found = api._post_json(url, data=spec, params={"version": told["Version"]["Index"]})
    api._raise_for_status(found)


def rotate(lab: Lab, *roles: str) -> None:
    """Replaces join tokens, as `docker swarm join-token --rotate ROLE` does."""
    for role in roles:
        lab.run(f"docker swarm join-token --rotate --quiet {role}")


def start_anew(lab: Lab) -> None:
    """Lets node1 go on alone with what its swarm knew: `docker swarm init --force-new-cluster`."""
    # Not by `client.swarm`: docker-py asks for the leader before it gives you that.
    with suppress(APIError):  # the engine may miss the leader that it is about to become
        lab.client.api.init_swarm(advertise_addr=lab.nodes[0].address, force_new_cluster=True)
    until("node1 decides alone", lambda: decides(lab))


def decides(lab: Lab) -> bool:
    """Whether node1's swarm has a leader."""
    with closing(lab.connect(QUICK)) as client:
        try:
            client.api.nodes()
        except (DockerException, requests.RequestException):
            return False
    return True
