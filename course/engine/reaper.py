"""Remove what the course left on the host engine, and nothing else."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from datetime import datetime
from pathlib import Path

import psutil
from docker.errors import APIError

from course.engine import ownership
from course.engine.host import HostEngine
from course.engine.profile import DATA_ROLE
from course.engine.sandbox import known, remove, sandboxes_dir

BOOTING_SECONDS = 120


def reap(host: HostEngine) -> int:
    """Removes sandboxes whose owner is gone or that never came up; returns how many.

    A sandbox also ends itself (see sandbox-entrypoint.sh); this is for the ones that could not,
    and for their folders.
    """
    containers = host.client.api.containers(all=True, filters=ownership.mine("sandbox"))
    alive = {entry["Id"]: entry for entry in containers}
    count = 0
    for sandbox in known(host):
        entry = alive.pop(sandbox.address.container, None)
        if entry is None or entry["State"] != "running" or _is_orphan(sandbox.folder):
            sandbox.stop()
            count += 1
    for entry in alive.values():  # no address: it is just booting, or its boot was cut short
        if time.time() - entry["Created"] > BOOTING_SECONDS:
            remove(host, entry["Id"])
            count += 1
    _forget_empty_folders()
    _remove_empty_networks(host)
    _remove_lost_data(host)
    return count


def _remove_empty_networks(host: HostEngine) -> None:
    """Removes the nodes' networks that the end of their lab left behind."""
    for network in host.client.api.networks(filters=ownership.mine("nodes")):
        if _is_old(network["Created"]):
            with contextlib.suppress(APIError):  # somebody is on it
                host.client.api.remove_network(network["Id"])


def _remove_lost_data(host: HostEngine) -> None:
    """Removes the volumes of sandboxes that went while the engine did."""
    lost = ownership.mine(DATA_ROLE) | {"dangling": True}
    for volume in host.client.api.volumes(filters=lost)["Volumes"] or []:
        if _is_old(volume["CreatedAt"]):
            with contextlib.suppress(APIError):  # a sandbox that is just made has it
                host.client.api.remove_volume(volume["Name"])


def _is_old(created: str) -> bool:
    """Whether what the engine made then (ISO 8601) is not of a lab that comes up now."""
    return time.time() - datetime.fromisoformat(created).timestamp() > BOOTING_SECONDS


def _is_orphan(folder: Path) -> bool:
    """Whether the process that claimed the sandbox is gone (a spare has no owner yet).

    The process is known by its number alone. Its start is no help: psutil reckons that from the
    clock, which is set while a lab is open, after a sleep for one. A number that another process
    has now does no harm: the sandbox misses its lease and ends itself.
    """
    try:
        owner = json.loads((folder / "owner.json").read_text())
    except (OSError, ValueError):
        return False
    return not psutil.pid_exists(owner["pid"])


def _forget_empty_folders() -> None:
    for folder in sandboxes_dir().glob("*"):
        old = time.time() - folder.stat().st_mtime > BOOTING_SECONDS
        if old and not (folder / "address.json").exists():
            shutil.rmtree(folder, ignore_errors=True)


def remove_sandboxes(host: HostEngine) -> int:
    """Removes every sandbox, in use or not; returns how many."""
    entries = host.client.api.containers(all=True, filters=ownership.mine("sandbox"))
    for entry in entries:
        remove(host, entry["Id"])
    shutil.rmtree(sandboxes_dir(), ignore_errors=True)
    return len(entries)


def stop_all(host: HostEngine) -> None:
    """Removes every sandbox and the mirror; the mirror's data and our images stay."""
    for entry in host.client.api.containers(all=True, filters=ownership.mine()):
        remove(host, entry["Id"])
    for network in host.client.networks.list(filters=ownership.mine()):
        network.remove()
    shutil.rmtree(sandboxes_dir(), ignore_errors=True)


def erase(host: HostEngine) -> None:
    """Removes every object of ours from the host engine: containers, networks, volumes, images."""
    stop_all(host)
    for volume in host.client.volumes.list(filters=ownership.mine()):
        volume.remove(force=True)
    for image in host.client.images.list(filters={"label": ownership.LABEL}):
        for reference in image.tags or [str(image.id)]:
            # Another learner of this machine may still run it: then it is not ours alone.
            with contextlib.suppress(APIError):
                host.client.images.remove(reference)
