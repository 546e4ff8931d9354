"""What the setup of a task builds services of a swarm with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.services import Service
from docker.types import ServiceMode

from course.checks.lab import Lab
from course.engine.node import Node
from course.errors import CourseError

FORMED, WIRED, FREED, SECONDS = 30.0, 10.0, 1.0, 60.0
GOSSIPS = "grep -q ':1F0A 0*:0000 0A' /proc/net/tcp /proc/net/tcp6"  # listens on port 7946
ATTEMPTS = 2


def until(what: str, done: Callable[[], object], seconds: float = SECONDS) -> None:
    """Waits until something is so.

    Raises:
        CourseError: It is not after `seconds`; says `what` was waited for.
    """
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise CourseError(f"Waited {seconds:g} s until {what}.", "It did not come.")
        time.sleep(0.1)


def form(lab: Lab) -> None:
    """Makes one swarm of the lab's nodes, all managers; one that is there stays as it is.

    Raises:
        CourseError: Its networks did not come up.
    """
    if _is_member(lab.client.info()):
        return _join(lab)
    for _ in range(ATTEMPTS):
        for node in lab.nodes:
            _let_go(node)
        lab.client.swarm.init(advertise_addr=lab.nodes[0].address)
        _join(lab)
        with suppress(CourseError):
            return until("each node has the network ingress", partial(_is_wired, lab), WIRED)
        for node in lab.nodes:
            node.forget_swarm()
    raise CourseError("Formed a swarm of the lab's nodes.", "Its networks did not come up.")


def _let_go(node: Node) -> None:
    """Sees to it that nothing of an earlier swarm is left in an engine.

    One that has just left a swarm may keep the port 7946 open for good ("Error in agentInit …
    address already in use" in its log). In its next swarm services run, and nobody finds them.
    """
    if not _is_member(node.client.info()):
        try:
            until("port 7946 is free", lambda: node.run(GOSSIPS)[0], FREED)
        except CourseError:
            node.kill()
            node.bring_back()


def _join(lab: Lab) -> None:
    lab.client.swarm.reload()
    token = lab.client.swarm.attrs["JoinTokens"]["Manager"]
    first, *others = lab.nodes
    for node in others:
        if not _is_member(node.client.info()):
            options = {"join_token": token, "advertise_addr": node.address}
            node.client.swarm.join(remote_addrs=[first.address], **options)
    until("all nodes of the swarm are ready", lambda: _ready(lab) >= len(lab.nodes), FORMED)


def _is_wired(lab: Lab) -> bool:
    """Whether each node hangs on the network `ingress`: then its others will come up too."""
    try:
        found = [node.client.api.inspect_network("ingress") for node in lab.nodes]
    except NotFound:
        return False
    return all("ingress-sbox" in (each["Containers"] or {}) for each in found)


def _api(lab: Lab) -> Any:  # docker-py's calls of services have no types
    return lab.client.api


def _services(lab: Lab) -> Any:
    return lab.client.services


def _is_member(info: dict[str, Any]) -> bool:
    return bool(info["Swarm"]["LocalNodeState"] == "active")


def _ready(lab: Lab) -> int:
    """How many nodes are there, and have told their name: a constraint may ask for it."""
    found = [node.attrs for node in lab.client.nodes.list()]
    told = [one["Status"]["State"] for one in found if one["Description"].get("Hostname")]
    return told.count("ready")


def remove_services(lab: Lab, *names: str, networks: Iterable[str] = ()) -> None:
    """Removes services, waits until their containers are gone, then removes networks."""
    for name in names:
        with suppress(NotFound):
            _api(lab).remove_service(name)
    for name in names:
        until(f"the containers of {name} are gone", partial(_gone, lab, name))
    for network in networks:
        until(f"the network {network} is gone", partial(_removed, lab, network))


def _gone(lab: Lab, name: str) -> bool:
    filters = {"label": f"com.docker.swarm.service.name={name}"}
    return not any(node.client.api.containers(all=True, filters=filters) for node in lab.nodes)


def _removed(lab: Lab, network: str) -> bool:
    try:
        _api(lab).remove_network(network)
    except NotFound:
        return True
    except APIError:  # a task that is ending is still on it
        return False
    return True


def forget(lab: Lab, secrets: Iterable[str] = (), configs: Iterable[str] = ()) -> None:
    """Removes secrets and configs by name; the services that have them must be gone."""
    for name in secrets:
        with suppress(NotFound):
            _api(lab).remove_secret(name)
    for name in configs:
        with suppress(NotFound):
            _api(lab).remove_config(name)


def serve(
    lab: Lab, name: str, image: str, command: list[str] | None, replicas: int = 1, **options: Any
) -> Service:
    """Creates a service, and waits until all of its tasks run.

    Args:
        lab: Where.
        name: The service's.
        image: A reference.
        command: None for the image's own.
        replicas: How many; `mode` among the options says otherwise.
        options: Of docker-py's `services.create`.
    """
    count = len(lab.nodes) if options.get("mode") == "global" else replicas
    mode = options.pop("mode", None) or ServiceMode("replicated", replicas)
    made: Service = _services(lab).create(image, command, name=name, mode=mode, **options)
    until(f"{count} tasks of {name} run", lambda: running(made) == count)
    return made


def running(service: Any) -> int:
    """Returns how many of a `Service`'s wanted tasks run."""
    tasks = service.tasks({"desired-state": "running"})
    return [task["Status"]["State"] for task in tasks].count("running")


def update(lab: Lab, name: str, *ends: str, **options: Any) -> None:
    """Updates a service, all else as it was, and waits for one of these ends of the update.

    Args:
        lab: Where.
        name: The service's.
        ends: Update states, as "completed", "paused"; without one it does not wait.
        options: Of docker-py's `Service.update`.
    """
    service = _services(lab).get(name)
    before = (service.attrs.get("UpdateStatus") or {}).get("StartedAt")
    service.update(fetch_current_spec=True, **options)
    if ends:
        until(f"the update of {name} ends", lambda: _ended(service, before, ends))


def _ended(service: Service, before: object, ends: tuple[str, ...]) -> bool:
    service.reload()
    status = service.attrs.get("UpdateStatus") or {}
    return status.get("StartedAt") != before and status.get("State") in ends
