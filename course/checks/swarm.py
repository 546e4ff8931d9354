"""Expectations of a swarm itself: who is in it, in which role, and whether it can decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docker.errors import APIError

from course.checks.expect import At
from course.checks.verdict import NotYet

LS = "docker node ls"
NODES = ("node1", "node2", "node3")


@dataclass(frozen=True)
class MemberAt:
    """One node as the swarm has it at the moment of the check.

    Attributes:
        attrs: What GET /nodes said of it.
    """

    attrs: dict[str, Any]

    @property
    def id(self) -> str:
        """As the tasks that it runs name it."""
        return str(self.attrs["ID"])

    @property
    def name(self) -> str:
        """Its host name; a node that has just joined may not have told it yet."""
        return str(self.attrs["Description"].get("Hostname", ""))

    @property
    def state(self) -> str:
        """One of unknown, down, ready, disconnected."""
        return str(self.attrs["Status"]["State"])

    @property
    def availability(self) -> str:
        """One of active, pause, drain."""
        return str(self.attrs["Spec"]["Availability"])

    @property
    def is_manager(self) -> bool:
        """Whether it is meant to be one."""
        return bool(self.attrs["Spec"]["Role"] == "manager")

    @property
    def is_reachable(self) -> bool:
        """Whether it is a manager that takes part in decisions."""
        return bool((self.attrs.get("ManagerStatus") or {}).get("Reachability") == "reachable")

    @property
    def labels(self) -> dict[str, str]:
        """The node's labels in the swarm; those of its engine are others."""
        return dict(self.attrs["Spec"].get("Labels") or {})


def state_of(at: At, node: str) -> str:
    """Returns a node's own word for its part in a swarm: inactive, pending, active, error, locked.

    That of a node that is switched off is "off".
    """
    info = at.info(node)
    return str(info["Swarm"]["LocalNodeState"]) if info else "off"


def members(at: At) -> list[MemberAt]:
    """Returns the nodes of node1's swarm by name, a name that was given twice as often.

    Raises:
        NotYet: No leader: more than half of the managers must be there.
    """
    try:
        found = [MemberAt(attrs) for attrs in at.client.api.nodes()]
    except APIError as error:
        if "leader" not in str(error) and "deadline" not in str(error).lower():
            raise
        raise NotYet("The swarm of `node1` has no leader: too few managers are there.", LS) from (
            error
        )
    return sorted(found, key=lambda one: (one.name, one.id))


def all_in(at: At, names: tuple[str, ...] = NODES) -> list[MemberAt]:
    """Expects exactly these nodes in node1's swarm, ready and each once; returns them by name."""
    found = members(at)
    for name in names:
        if not any(one.name == name for one in found):
            _missing(at, name)
    for one in found:
        others = [other for other in found if other.name == one.name and other.id != one.id]
        if one.state != "ready" and any(other.state == "ready" for other in others):
            at.not_yet(
                f"The swarm still lists an earlier `{one.name}`, which is {one.state} and will not "
                "come back. A swarm forgets a node only when it is told to.",
                LS,
            )
        if one.state != "ready":
            at.not_yet(f"`{one.name}` is in the swarm, but it is {one.state}.", LS)
    return found


def _missing(at: At, name: str) -> None:
    state = state_of(at, name)
    if state == "off":
        at.not_yet(f"`{name}` is switched off.", f'lab.node("{name}").bring_back()')
    where = f"%%host {name}\ndocker info | grep -A 4 Swarm"
    if state == "inactive":
        at.not_yet(f"`{name}` is in no swarm.", where)
    at.not_yet(f"`{name}` is in a swarm, but not in that of `node1`.", where)


def all_managers(at: At, names: tuple[str, ...] = NODES) -> list[MemberAt]:
    """Expects exactly these nodes, ready, and all of them managers that take part."""
    found = all_in(at, names)
    for one in found:
        if not one.is_manager:
            at.not_yet(f"`{one.name}` is a worker, not a manager.", LS)
        if not one.is_reachable:
            at.not_yet(f"`{one.name}` is to be a manager, but does not take part yet.", LS)
    return found
