"""Reads what State is made of from an engine; one instance, one connection, one thread."""

from __future__ import annotations

from collections.abc import Iterable

from docker import DockerClient
from docker.errors import APIError, NotFound

from course.watch import parse
from course.watch.helpers import is_helper
from course.watch.state import Container, Event, Image, Network, Volume

MANY = 20  # single reads that cost as much as one list

# These tell of something that happened in a container, not of a change of the container.
PASSING = frozenset(
    {"archive-path", "attach", "copy", "detach", "exec_create", "exec_detach", "exec_die"}
    | {"exec_start", "export", "extract-to-dir", "resize", "top"}
)


class Reader:
    """The engine's objects, and what must be read again after events.

    Args:
        client: Used by this object alone.
    """

    def __init__(self, client: DockerClient) -> None:
        self.client = client
        self.containers: dict[str, Container] = {}
        self.images: tuple[Image, ...] = ()
        self.networks: tuple[Network, ...] = ()
        self.volumes: tuple[Volume, ...] = ()
        self._touched: set[str] = set()
        self._lists: set[str] = set()

    def touch(self, event: Event) -> None:
        """Marks what `event` may have changed."""
        if event.action == "prune" or event.type in ("image", "network", "volume"):
            self._lists.add(event.type)
        if event.type == "container":
            self._touch_container(event)
        elif event.type == "network":
            self._touched.add(event.attributes.get("container", ""))

    def _touch_container(self, event: Event) -> None:
        if event.action == "destroy":
            self.containers.pop(event.id, None)
            self._touched.discard(event.id)
        elif event.action not in PASSING:
            self._touched.add(event.id)
        if event.action == "commit":
            self._lists.add("image")

    def refresh(self) -> None:
        """Reads again what was marked.

        Raises:
            docker.errors.DockerException, OSError: The engine does not answer.
        """
        lists, self._lists = self._lists, set()
        touched, self._touched = self._touched - {""}, set()
        try:
            if "container" in lists or len(touched) > MANY:
                touched = self._list_containers(touched)
            self._inspect(touched)
            self._list(lists)
        except Exception:
            self._lists |= lists
            self._touched |= touched
            raise

    def doubt(self) -> None:
        """Marks the list of containers where it may have changed without an event.

        A network that is connected to a stopped container is told by no engine up to API 1.52.
        """
        if any(not container.alive for container in self.containers.values()):
            self._lists.add("container")

    def everything(self) -> None:
        """Reads all; a container that a list shows as it is known is not inspected again."""
        self._lists |= {"container", "image", "network", "volume"}
        self.refresh()

    def _list_containers(self, touched: set[str]) -> set[str]:
        entries = self.client.api.containers(all=True)
        listed = {one["Id"]: one for one in entries if not is_helper(one.get("Labels"))}
        self.containers = {key: one for key, one in self.containers.items() if key in listed}
        known = self.containers
        changed = {
            key
            for key, entry in listed.items()
            if key not in known or not parse.is_as_listed(known[key], entry)
        }
        return changed | (touched & listed.keys())

    def _inspect(self, idents: Iterable[str]) -> None:
        for ident in idents:
            try:
                self.containers[ident] = parse.container(self.client.api.inspect_container(ident))
            except NotFound:
                self.containers.pop(ident, None)
            except APIError:
                continue  # half removed ("dead"): the engine cannot say more than it said before

    def _list(self, kinds: set[str]) -> None:
        api = self.client.api
        if "image" in kinds:
            self.images = tuple(parse.image(entry) for entry in api.images())
        if "network" in kinds:
            found = (parse.network(entry) for entry in api.networks())
            self.networks = tuple(sorted(found, key=lambda network: network.name))
        if "volume" in kinds:
            entries = api.volumes().get("Volumes") or ()
            found_volumes = (parse.volume(entry) for entry in entries)
            self.volumes = tuple(sorted(found_volumes, key=lambda volume: volume.name))
