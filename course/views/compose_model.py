"""A Compose project as its services, read from the labels that Compose puts on what it makes.

The labels are those of Compose 2 and of docker-compose 1, which tells no `depends_on`:
https://github.com/docker/compose/blob/main/pkg/api/labels.go
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from course.views.bus_model import CYCLE, published
from course.watch.state import Container, Mount, Network, Port, State, Volume

LABEL = "com.docker.compose."
STARTED, HEALTHY = "service_started", "service_healthy"
COMPLETED = "service_completed_successfully"
SHORT = {STARTED: "started", HEALTHY: "healthy", COMPLETED: "completed"}


@dataclass(frozen=True, slots=True)
class Need:
    """One line of `depends_on`: another service and how it has to be; `met` is whether it is."""

    service: str
    condition: str = STARTED
    met: bool = False

    @property
    def words(self) -> str:
        """The condition in a word or two, as "healthy" or "not healthy"."""
        word = SHORT.get(self.condition, self.condition)
        return word if self.met else f"not {word}"


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    Attributes:
        containers: Its replicas, by number; none where only another service's label names it.
        once: Containers of `docker compose run`.
    """

    name: str
    containers: tuple[Container, ...] = ()
    once: tuple[Container, ...] = ()
    needs: tuple[Need, ...] = ()

    @property
    def all(self) -> tuple[Container, ...]:
        """Replicas and one-off containers."""
        return self.containers + self.once

    @property
    def image(self) -> str:
        """What its containers were made from."""
        return self.all[0].image if self.all else ""

    @property
    def ports(self) -> tuple[Port, ...]:
        """The published ports of all its containers."""
        return tuple(dict.fromkeys(port for one in self.all for port in published(one)))

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What its first container mounts: its replicas mount the same."""
        return self.all[0].mounts if self.all else ()

    @property
    def networks(self) -> tuple[str, ...]:
        """The names of the networks that its containers hang on."""
        return tuple(dict.fromkeys(end.network for one in self.all for end in one.networks))

    @property
    def counts(self) -> str:
        """How its replicas are, as "2 running (healthy), 1 exited (137)"."""
        told = Counter(standing(one) for one in self.containers)
        words = [f"{count} {how}" for how, count in told.items()]
        words += [f"{len(self.once)} one-off"] if self.once else []
        return ", ".join(words) or "no container"


@dataclass(frozen=True, slots=True)
class Net:
    """A network of the project; `own` is False for one that Compose found and did not make."""

    network: Network
    hue: str
    members: tuple[str, ...] = ()
    own: bool = True


@dataclass(frozen=True, slots=True)
class Store:
    """A named volume of the project and the services that have it."""

    volume: Volume
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """What one project has on the engine at one moment; `folder` is where it was started."""

    name: str
    services: tuple[Service, ...] = ()
    networks: tuple[Net, ...] = ()
    volumes: tuple[Store, ...] = ()
    folder: str = ""

    @property
    def size(self) -> int:
        """How many containers it has."""
        return sum(len(service.all) for service in self.services)


def label(thing: Container | Network | Volume, name: str) -> str:
    """Returns one of Compose's labels; empty without it."""
    return thing.labels.get(LABEL + name, "")


def projects(state: State) -> list[str]:
    """Returns the names of all projects that an engine has anything of."""
    things: Iterable[Container | Network | Volume] = (
        *state.containers,
        *state.networks,
        *state.volumes,
    )
    return sorted({label(thing, "project") for thing in things} - {""})


def read(state: State, name: str) -> Project:
    """Returns a project; an empty one where the engine has nothing of it."""
    mine = [one for one in state.containers if label(one, "project") == name]
    services = tuple(_services(mine))
    folders = [label(one, "project.working_dir") for one in mine]
    return Project(
        name,
        services,
        tuple(_networks(state, name, services)),
        tuple(_volumes(state, name, services)),
        folders[-1] if folders else "",
    )


def standing(container: Container) -> str:
    """Returns how a container is, as "running (healthy)" or "exited (137)"."""
    note = container.health if container.alive else container.exit_code
    return container.state if note is None else f"{container.state} ({note})"


def _services(containers: Sequence[Container]) -> Iterator[Service]:
    found: dict[str, list[Container]] = {}
    for one in containers:
        found.setdefault(label(one, "service") or one.name, []).append(one)
    asked = {name: _asked([*filter(_is_replica, those)]) for name, those in found.items()}
    named = {*found, *(other for needs in asked.values() for other in needs)}
    replicas = {
        name: tuple(sorted(filter(_is_replica, found.get(name, ())), key=_number)) for name in named
    }
    for name in sorted(named):  # not by age: Compose makes several at once
        once = tuple(one for one in found.get(name, ()) if not _is_replica(one))
        needs = tuple(
            Need(other, condition, _met(replicas[other], condition))
            for other, condition in sorted(asked.get(name, {}).items())
        )
        yield Service(name, replicas[name], once, needs)


def _is_replica(container: Container) -> bool:
    return label(container, "oneoff") != "True"


def _number(container: Container) -> tuple[int, str]:
    written = label(container, "container-number")
    return (int(written) if written.isdecimal() else 0), container.name


def _asked(containers: Sequence[Container]) -> dict[str, str]:
    """The newest's `depends_on`, as "db:service_healthy:false,cache:service_started:true"."""
    found = {}
    for entry in label(containers[-1], "depends_on").split(",") if containers else ():
        service, _, rest = entry.strip().partition(":")
        if service:
            found[service] = rest.partition(":")[0] or STARTED
    return found


def _met(containers: Sequence[Container], condition: str) -> bool:
    if condition == HEALTHY:
        good = [one.alive and one.health == "healthy" for one in containers]
    elif condition == COMPLETED:
        good = [one.state == "exited" and one.exit_code == 0 for one in containers]
    else:
        good = [one.alive for one in containers]
    return bool(good) and all(good)


def _networks(state: State, name: str, services: Sequence[Service]) -> Iterator[Net]:
    known = {network.name: network for network in state.networks}
    own = [network.name for network in state.networks if label(network, "project") == name]
    used = [network for service in services for network in service.networks]
    for at, network in enumerate(sorted({*own, *used})):
        members = tuple(service.name for service in services if network in service.networks)
        found = known.get(network, Network("", network, "removed"))
        yield Net(found, CYCLE[at % len(CYCLE)], members, network in own)


def _volumes(state: State, name: str, services: Sequence[Service]) -> Iterator[Store]:
    used = {mount.name for service in services for one in service.all for mount in one.mounts}
    for volume in state.volumes:
        if label(volume, "project") == name or (volume.name in used and not volume.anonymous):
            users = (service.name for service in services if _has(service, volume.name))
            yield Store(volume, tuple(users))


def _has(service: Service, volume: str) -> bool:
    return any(mount.name == volume for one in service.all for mount in one.mounts)
