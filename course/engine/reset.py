"""Make a used engine as clean as a new one, through its API: any engine, any storage."""

from __future__ import annotations

import docker
from docker.errors import APIError, NotFound

PREDEFINED = {"bridge", "host", "none"}


def reset(client: docker.DockerClient) -> None:
    """Removes every container, service, network, volume, image and build cache of an engine.

    Only for an engine that is a lab's: it is not possible to call this with a host engine by way
    of `Lab.reset`.
    """
    if client.info()["Swarm"]["LocalNodeState"] != "inactive":
        client.api.leave_swarm(force=True)  # `client.swarm` would ask the managers first
    for container in client.api.containers(all=True):
        _ignoring_gone(client.api.remove_container, container["Id"], v=True, force=True)
    for network in client.api.networks():
        if network["Name"] not in PREDEFINED:
            _ignoring_gone(client.api.remove_network, network["Id"])
    for volume in client.api.volumes()["Volumes"] or []:
        _ignoring_gone(client.api.remove_volume, volume["Name"], force=True)
    client.api.prune_builds()
    for image in client.api.images(all=True):
        _ignoring_gone(client.api.remove_image, image["Id"], force=True)


def _ignoring_gone(remove, *arguments, **options) -> None:  # type: ignore[no-untyped-def]
    try:
        remove(*arguments, **options)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # a parent layer that goes with its child
            raise
