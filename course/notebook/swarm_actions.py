"""What the buttons of the Swarm view do to a service or to a node."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any

import requests
from docker.errors import APIError, DockerException

from course.engine.conflict import again
from course.engine.node import Node
from course.errors import CourseError
from course.watch.swarm import Swarm

TIMEOUT = 15  # seconds; without a quorum an engine tries for 20
STEPS = {"scale up": 1, "scale down": -1}
SERVICE = frozenset({*STEPS, "update", "roll back"})
SPEC: Mapping[str, tuple[str, str]] = {
    "drain": ("Availability", "drain"),
    "activate": ("Availability", "active"),
    "promote": ("Role", "manager"),
    "demote": ("Role", "worker"),
}
CERTIFICATE = "/var/lib/docker/swarm/certificates/swarm-node.crt"
DEMOTION = 30  # seconds; on an idle machine it takes up to ten
SWITCHES = {"kill": Node.kill, "bring back": Node.bring_back}


class SwarmActions:
    """Called with an action and the name of a service or a node, on the view's own thread.

    Args:
        nodes: Of the lab.
        swarm: Gives the swarm as it was read last: who is a manager.
    """

    def __init__(self, nodes: Sequence[Node], swarm: Callable[[], Swarm]) -> None:
        self._nodes, self._swarm = nodes, swarm

    def __call__(self, action: str, name: str) -> None:
        """Does one of the actions.

        Raises:
            CourseError: The swarm refused it, or no manager answers.
        """
        if action in SWITCHES:
            SWITCHES[action](next(node for node in self._nodes if node.name == name))
            return
        tried = f"Tried to {action} {name}."
        if action == "promote":
            await_demotion(next(node for node in self._nodes if node.name == name), tried)
        with closing(self._manager(tried).connect(TIMEOUT)) as client:
            try:
                again(lambda: self._do(client.api, action, name))
            except APIError as error:
                raise CourseError(tried, str(error.explanation)) from error
            except (DockerException, requests.RequestException) as error:
                got = f"No manager answered within {TIMEOUT} s: there may be no quorum."
                raise CourseError(tried, got) from error

    def _do(self, api: Any, action: str, name: str) -> None:
        if action in SERVICE:
            change_service(api, action, name)
        else:
            host = self._swarm().host(name)
            change_node(api, action, host.member if host else name)

    def _manager(self, tried: str) -> Node:
        """The one that answered last, else another."""
        swarm = self._swarm()
        able = {host.name for host in swarm.hosts if host.is_manager and host.power == "on"}
        for node in sorted(self._nodes, key=lambda node: node.name != swarm.asked):
            if node.name in able and node.is_on:
                return node
        raise CourseError(tried, "None of the lab's nodes is a manager that could do it.")


def change_service(api: Any, action: str, name: str) -> None:
    """Does one of `SERVICE`: "scale up", "scale down", "update" (all tasks anew) or "roll back".

    With the service's spec as the engine told it, and not by docker-py's `Service.scale` and
    `Service.update`: those write defaults into it, so that all tasks are replaced.
    Follows `POST /services/{id}/update`.
    """
    service = api.inspect_service(name)
    spec, asked = service["Spec"], {"version": service["Version"]["Index"]}
    if action in STEPS:
        replicated = spec["Mode"]["Replicated"]
        replicated["Replicas"] = max(int(replicated.get("Replicas") or 0) + STEPS[action], 0)
    elif action == "update":
        template = spec["TaskTemplate"]
        template["ForceUpdate"] = int(template.get("ForceUpdate") or 0) + 1
    else:
        asked["rollback"] = "previous"
    url = api._url("/services/{0}/update", service["ID"])
    api._raise_for_status(api._post_json(url, data=spec, params=asked))


def change_node(api: Any, action: str, ident: str) -> None:
    """Does one of `SPEC`: "drain", "activate", "promote" or "demote"."""
    node = api.inspect_node(ident)
    key, value = SPEC[action]
    api.update_node(ident, node["Version"]["Index"], {**node["Spec"], key: value})


def await_demotion(node: Node, tried: str) -> None:
    """Waits until a node that was a manager has a worker's certificate.

    The swarm lists it as a worker at once, but it goes on with its manager's certificate for some
    seconds. Promoted meanwhile it keeps that, and comes back late or never: no demotion, either,
    gets it out of there.

    Raises:
        CourseError: It still has a manager's.
    """
    deadline = time.monotonic() + DEMOTION
    while b"swarm-manager" in node.run(f"openssl x509 -noout -subject -in {CERTIFICATE}")[1]:
        if time.monotonic() > deadline:
            got = f"It is still being demoted: after {DEMOTION} s its certificate is a manager's."
            raise CourseError(tried, got, "Try again in a moment.")
        time.sleep(0.25)
