"""What the setup of a task builds networks with."""

from __future__ import annotations

import contextlib
from typing import Any

from docker.errors import NotFound
from docker.models.networks import Network

from course.checks.lab import Lab


def make_network(lab: Lab, name: str, **options: Any) -> Network:
    """Makes a network in place of those of the same name.

    Args:
        lab: Where.
        name: The network's.
        options: Of docker-py's `networks.create`.
    """
    remove_networks(lab, name)
    return lab.client.networks.create(name, **options)


def remove_networks(lab: Lab, *names: str) -> None:
    """Removes networks; what still hangs on one is disconnected, and goes on without it."""
    for name in names:
        for found in lab.client.networks.list(names=[name], greedy=True):
            if found.name == name:  # the engine's filter matches parts of names
                _clear(found)
                found.remove()


def _clear(network: Network) -> None:
    for container in network.attrs["Containers"] or {}:
        with contextlib.suppress(NotFound):
            network.disconnect(container, force=True)
