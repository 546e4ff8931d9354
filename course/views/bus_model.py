"""What hangs on which network: the buses of a State, their containers and their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course.watch.state import Container, Endpoint, Network, Port, State

DEFAULTS = ("bridge", "host", "ingress", "docker_gwbridge", "none")
CYCLE = ("new", "again", "run", "pause")  # hues of user-defined networks, in their order
KINDS = {"host": "the Docker host's own", "null": "no way in or out", "removed": "was removed"}
LOOSE = Network("", "no network", "null")
SHORT = 12  # letters of the id that is a name, too
GUEST = "container:"
Ends = dict[str, list[tuple[Network, Endpoint]]]  # by the id of a container
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a container hangs on a bus; without an address while it does not run."""

    bus: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Hanging:
    """A container, drawn once: below its first bus, with a hook on each.

    Attributes:
        ports: Published ones, each once though an engine tells it for IPv4 and IPv6.
        guests: Containers that share its network ("container:web").
    """

    container: Container
    hooks: tuple[Hook, ...] = ()
    ports: tuple[Port, ...] = ()
    guests: tuple[Container, ...] = ()

    @property
    def home(self) -> int:
        """The bus that it is drawn below."""
        return self.hooks[0].bus


@dataclass(frozen=True, slots=True)
class Bus:
    """A network.

    Attributes:
        hue: The palette's name for it.
        names: What its DNS resolves, with how many addresses each has.
        hanging: What is drawn below it.
        members: Names of all that hang on it, here or elsewhere.
    """

    network: Network
    hue: str
    names: tuple[tuple[str, int], ...] = ()
    hanging: tuple[Hanging, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def is_line(self) -> bool:
        """Whether there is anything to hang on: `none` is the network that is not."""
        return self.network.driver != "null"

    @property
    def kind(self) -> str:
        """Its driver, and whether it is internal, in words."""
        words = KINDS.get(self.network.driver, self.network.driver)
        return f"{words}, internal" if self.network.internal else words

    @property
    def dns(self) -> str:
        """Which names resolve on it, in words."""
        if not self.network.resolves:
            return "no names resolve here" if self.is_line else ""
        return f"names: {', '.join(self.known)}" if self.names else "names: none yet"

    @property
    def known(self) -> list[str]:
        """The names that resolve; one with several addresses says how many."""
        return [name if count == 1 else f"{name} {TIMES}{count}" for name, count in self.names]


@dataclass(frozen=True, slots=True)
class Scene:
    """All buses; `idle` are the default networks on which nothing hangs."""

    buses: tuple[Bus, ...]
    idle: tuple[Network, ...]

    @property
    def hanging(self) -> Iterator[Hanging]:
        """All containers but guests, bus by bus."""
        return (one for bus in self.buses for one in bus.hanging)


def scene(state: State) -> Scene:
    """Returns what the picture shows: default networks first, then the others by age."""
    ends: Ends = {container.id: _ends(container, state.networks) for container in state.containers}
    used = {network.name for found in ends.values() for network, _ in found}
    shown = [one for one in _ordered(state.networks, ends) if _is_shown(one, used)]
    homes = _guests(state)
    loose = [one for one in state.containers if not ends[one.id] and one.id not in homes]
    if loose and not any(one.driver == "null" for one in shown):
        shown.append(LOOSE)
    places = {network.name: at for at, network in enumerate(shown)}
    below: dict[str, list[Container]] = {}
    for one in state.containers:
        if one.id in homes:
            below.setdefault(homes[one.id], []).append(one)
    hanging = [
        _hanging(one, ends[one.id], places, below.get(one.id, ()))
        for one in state.containers
        if one.id not in homes
    ]
    idle = (one for one in state.networks if not _is_shown(one, used) and one.name not in places)
    return Scene(tuple(_buses(shown, hanging, ends, state)), tuple(idle))


def resolved(container: Container, end: Endpoint) -> list[str]:
    """Returns the names under which the engine's DNS knows a container on such a network.

    Its short id is one of them, but nobody's choice; it is left out.
    """
    names = dict.fromkeys((container.name, *end.aliases, *end.names))
    return [name for name in names if name and name != container.id[:SHORT]]


def published(container: Container) -> tuple[Port, ...]:
    """Returns the published ports, without the IPv6 twins of IPv4 ones."""
    ports = [port for port in container.ports if port.public]
    plain = {(port.private, port.protocol) for port in ports if ":" not in (port.ip or "")}
    return tuple(
        port
        for port in ports
        if ":" not in (port.ip or "") or (port.private, port.protocol) not in plain
    )


def _ends(container: Container, networks: Sequence[Network]) -> list[tuple[Network, Endpoint]]:
    """A network may be gone while a stopped container still has it."""
    known = {network.name: network for network in networks}
    return [
        (known.get(end.network, Network("", end.network, "removed")), end)
        for end in container.networks
    ]


def _ordered(networks: Sequence[Network], ends: Ends) -> list[Network]:
    found = {network.name: network for network in networks}
    for pairs in ends.values():
        for network, _ in pairs:
            found.setdefault(network.name, network)
    first = {name: at for at, name in enumerate(DEFAULTS[:-1])}

    def key(one: Network) -> tuple[bool, int, float, str]:
        return one.driver == "null", first.get(one.name, 9), one.created or 0, one.name

    return sorted(found.values(), key=key)


def _is_shown(network: Network, used: set[str]) -> bool:
    return network.name in used or network.name not in DEFAULTS


def _guests(state: State) -> dict[str, str]:
    """Ids of containers that live in another's network, and the id of that other."""
    there = {container.id: container for container in state.containers}
    found = {}
    for one in state.containers:
        host = there.get(one.network_mode.removeprefix(GUEST))
        if one.network_mode.startswith(GUEST) and host and not host.network_mode.startswith(GUEST):
            found[one.id] = host.id
    return found


def _hanging(
    container: Container,
    ends: Sequence[tuple[Network, Endpoint]],
    places: dict[str, int],
    guests: Sequence[Container],
) -> Hanging:
    hooks = sorted((places[network.name], end.ip) for network, end in ends)
    found = tuple(Hook(bus, ip) for bus, ip in hooks) or (Hook(len(places) - 1),)
    return Hanging(container, found, published(container), tuple(guests))


def _buses(
    shown: Sequence[Network],
    hanging: Sequence[Hanging],
    ends: Ends,
    state: State,
) -> Iterator[Bus]:
    own = [one.name for one in shown if one.name not in DEFAULTS and one.driver != "null"]
    here: dict[str, list[tuple[Container, Endpoint]]] = {one.name: [] for one in shown}
    for container in state.containers:
        for other, end in ends[container.id]:
            here[other.name].append((container, end))
    homes: dict[int, list[Hanging]] = {}
    for one in hanging:
        homes.setdefault(one.home, []).append(one)
    for at, network in enumerate(shown):
        alive = [found for found in here[network.name] if found[0].alive and network.resolves]
        names = Counter(name for one, end in alive for name in resolved(one, end))
        hue = CYCLE[own.index(network.name) % len(CYCLE)] if network.name in own else "stop"
        below = tuple(homes.get(at, ()))
        members = [one.name for one, _ in here[network.name]]
        members = members or [one.container.name for one in below]
        yield Bus(network, hue, tuple(sorted(names.items())), below, tuple(members))
