"""Expectations of volumes: what is mounted where in a container, and what a volume holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docker.errors import NotFound

from course.checks.container import ContainerAt
from course.checks.expect import At


@dataclass(frozen=True)
class MountAt:
    """One mount of a container.

    Attributes:
        type: "volume", "bind" or "tmpfs".
        target: The path inside the container.
        source: The path on the Docker host; empty for tmpfs.
        volume: The volume's name; empty for the others.
        writable: Whether the container may write there.
    """

    type: str
    target: str
    source: str
    volume: str
    writable: bool


@dataclass(frozen=True)
class VolumeAt:
    """One volume as the engine has it at the moment of the check.

    Attributes:
        attrs: What GET /volumes/{name} said.
    """

    attrs: dict[str, Any]

    @property
    def name(self) -> str:
        """As given at its creation, or the engine's own 64 hex digits."""
        return str(self.attrs["Name"])

    @property
    def folder(self) -> str:
        """Where its files are on the Docker host."""
        return str(self.attrs["Mountpoint"])

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return dict(self.attrs["Labels"] or {})


def is_made_up(name: str) -> bool:
    """Tells whether the engine, not a person, gave a volume this name."""
    # By its shape: the label that says so came with API 1.42.
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def mounts(container: ContainerAt) -> dict[str, MountAt]:
    """Returns the mounts of a container by the path inside; not those of `--tmpfs`."""
    found = (
        MountAt(
            entry["Type"],
            entry["Destination"].rstrip("/") or "/",
            entry.get("Source", ""),
            entry.get("Name", ""),
            entry["RW"],
        )
        for entry in container.attrs["Mounts"]
    )
    return {mount.target: mount for mount in found}


def volume(at: At, name: str) -> VolumeAt | None:
    """Returns the volume of this name, or None."""
    try:
        return VolumeAt(at.client.api.inspect_volume(name))
    except NotFound:
        return None


def labelled(at: At, label: str) -> list[VolumeAt]:
    """Returns the volumes with a label, given as "key=value"."""
    found = at.client.api.volumes(filters={"label": label})["Volumes"] or []
    return [VolumeAt(entry) for entry in found]


def users(at: At, name: str) -> list[str]:
    """Returns the names of the containers, stopped ones too, that have a volume."""
    found = at.client.api.containers(all=True, filters={"volume": name})
    return sorted(entry["Names"][0].lstrip("/") for entry in found if entry["Names"])
