"""Expectations of networks: where a container hangs, by what names, and which ports lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course.checks.container import ContainerAt
from course.checks.expect import At

DEFAULTS = ("bridge", "host", "none")


@dataclass(frozen=True)
class Published:
    """A port of the Docker host that leads into a container.

    Attributes:
        inner: The container's own port and protocol, as "80/tcp".
        ip: The host's address that it is bound to; "0.0.0.0" or "::" for all.
        outer: The host's port.
    """

    inner: str
    ip: str
    outer: int


@dataclass(frozen=True)
class NetworkAt:
    """One network as the engine has it at the moment of the check.

    Attributes:
        attrs: What GET /networks/{id} said.
    """

    attrs: dict[str, Any]

    @property
    def name(self) -> str:
        """As given at its creation."""
        return str(self.attrs["Name"])

    @property
    def internal(self) -> bool:
        """Whether nothing on it reaches beyond it."""
        return bool(self.attrs["Internal"])

    @property
    def subnets(self) -> list[str]:
        """In CIDR notation."""
        return [config["Subnet"] for config in self.attrs["IPAM"]["Config"] or []]


def network(at: At, name: str) -> NetworkAt | None:
    """Returns the network of this name, or None."""
    # The engine's own filter matches parts of names.
    found = at.client.api.networks(names=[name])
    ids = [entry["Id"] for entry in found if entry["Name"] == name]
    return NetworkAt(at.client.api.inspect_network(ids[0])) if ids else None


def endpoints(container: ContainerAt) -> dict[str, dict[str, Any]]:
    """Returns the container's place on each of its networks, by the network's name."""
    return dict(container.attrs["NetworkSettings"]["Networks"] or {})


def networks_of(container: ContainerAt) -> set[str]:
    """Returns the networks on which it can meet others: not `none`, and not the host's."""
    return set(endpoints(container)) - {"none", "host"}


def names_on(container: ContainerAt, name: str) -> set[str]:
    """Returns the names by which the engine's DNS knows a container on one network.

    That is its own name, its aliases there, and (API 1.44 and later) whatever else the engine
    lists. The default networks have no names.
    """
    place = endpoints(container).get(name)
    if place is None or name in DEFAULTS:
        return set()
    return {container.name, *(place["Aliases"] or []), *(place.get("DNSNames") or [])}


def fixed_address(container: ContainerAt, name: str) -> str:
    """Returns the IPv4 address that was asked for on a network; empty where none was."""
    asked = endpoints(container).get(name, {}).get("IPAMConfig") or {}
    return str(asked.get("IPv4Address", ""))


def published(container: ContainerAt) -> list[Published]:
    """Returns the ports of the Docker host that lead into a container, as it was created.

    A port left to the engine's choice is 0 while the container does not run.
    """
    asked = container.attrs["HostConfig"]["PortBindings"] or {}
    now = container.attrs["NetworkSettings"]["Ports"] or {}
    # What is bound now says more than what was asked: `publish_all` asks for nothing.
    bound = asked | {port: found for port, found in now.items() if found}
    return [
        Published(port, found["HostIp"], int(found["HostPort"] or 0))
        for port, all_found in bound.items()
        for found in all_found or []
    ]
