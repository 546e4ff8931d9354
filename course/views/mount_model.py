"""Who mounts what: the containers, volumes, host paths and tmpfs of a State, and their ties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.watch.state import Container, Mount, State, Volume

KINDS = {"bind": "host path (bind mount)", "tmpfs": "tmpfs, in memory"}
SHORT = 12  # letters of an anonymous volume's name: as many as the sanitiser takes for an id


@dataclass(frozen=True, slots=True)
class Place:
    """Where files are: a volume, a path on the Docker host, or memory.

    Attributes:
        key: The same from frame to frame.
        name: In full; empty for a tmpfs.
        kind: In words.
        users: Names of the containers that it is mounted in.
    """

    key: str
    type: str
    name: str
    kind: str
    anonymous: bool = False
    users: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its name as it is shown."""
        return self.name[:SHORT] if self.anonymous else self.name or "tmpfs"

    @property
    def orphaned(self) -> bool:
        """Whether no container, not even a stopped one, has it."""
        return self.type == "volume" and not self.users


@dataclass(frozen=True, slots=True)
class Cluster:
    """Containers that are tied by what they share, and all that they mount."""

    containers: tuple[Container, ...]
    places: tuple[Place, ...]


def key_of(container: Container, mount: Mount) -> str:
    """Returns the key of the place that is mounted; a tmpfs is its container's own."""
    if mount.type == "tmpfs":
        return f"tmpfs-{container.name}-{mount.target}"
    return f"{mount.type}-{mount.name or mount.source}"


def mode(mount: Mount) -> str:
    """Returns "rw", or "ro" where the container may only read."""
    return "rw" if mount.writable else "ro"


def clusters(state: State) -> list[Cluster]:
    """Returns the containers that mount anything, grouped; the oldest group first."""
    places = _places(state)
    groups: list[list[Container]] = []
    for container in state.containers:
        if not container.mounts:
            continue
        mine = {key_of(container, mount) for mount in container.mounts}
        tied = [group for group in groups if mine & _keys(group)]
        for group in tied:
            groups.remove(group)
        groups.append([one for group in tied for one in group] + [container])
    groups.sort(key=lambda group: state.containers.index(group[0]))
    return [_cluster(group, places) for group in groups]


def orphans(state: State) -> list[Place]:
    """Returns the volumes that no container has: named ones by name, then anonymous ones."""
    used = {mount.name for container in state.containers for mount in container.mounts}
    left = [volume for volume in state.volumes if volume.name not in used]
    left.sort(key=lambda one: (one.anonymous, one.created or 0 if one.anonymous else 0, one.name))
    return [_of_volume(volume) for volume in left]


def without(state: State) -> list[Container]:
    """Returns the containers that mount nothing."""
    return [container for container in state.containers if not container.mounts]


def _keys(group: Iterable[Container]) -> set[str]:
    return {key_of(one, mount) for one in group for mount in one.mounts}


def _cluster(group: Sequence[Container], places: dict[str, Place]) -> Cluster:
    keys = dict.fromkeys(key_of(one, mount) for one in group for mount in one.mounts)
    return Cluster(tuple(group), tuple(places[key] for key in keys))


def _places(state: State) -> dict[str, Place]:
    volumes = {volume.name: volume for volume in state.volumes}
    users: dict[str, dict[str, None]] = {}
    found: dict[str, Place] = {}
    for container in state.containers:
        for mount in container.mounts:
            key = key_of(container, mount)
            users.setdefault(key, {})[container.name] = None
            if key not in found or len(users[key]) > len(found[key].users):
                found[key] = _place(key, mount, volumes, tuple(users[key]))
    return found


def _place(key: str, mount: Mount, volumes: dict[str, Volume], users: tuple[str, ...]) -> Place:
    if mount.type == "volume":
        return _of_volume(volumes.get(mount.name, Volume(mount.name)), users)
    kind = KINDS.get(mount.type, mount.type)
    if mount.options and mount.type == "tmpfs":
        kind += f" ({mount.options})"
    return Place(key, mount.type, mount.name or mount.source, kind, users=users)


def _of_volume(volume: Volume, users: tuple[str, ...] = ()) -> Place:
    kind = "anonymous volume" if volume.anonymous else "named volume"
    if volume.driver != "local":
        kind += f", driver {volume.driver}"
    return Place(f"volume-{volume.name}", "volume", volume.name, kind, volume.anonymous, users)
