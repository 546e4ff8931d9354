"""What an engine holds, as values that never change: one State for each moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

EVENTS_KEPT = 200


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container; `public` and `ip` are None while it is not published."""

    private: int
    protocol: str = "tcp"
    public: int | None = None
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a container hangs on a network; `ip` is empty while it is stopped.

    Attributes:
        network: The network's name.
        prefix: Bits of the subnet's mask, as the 16 of "172.18.0.2/16"; 0 without an address.
        aliases: Extra names that were asked for; engines before API 1.45 add the short id.
        names: All names that the engine's DNS gives it; empty before API 1.44.
    """

    network: str
    ip: str = ""
    mac: str = ""
    aliases: tuple[str, ...] = ()
    network_id: str = ""
    gateway: str = ""
    prefix: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume, bind or tmpfs mount; `name` is the volume's, empty for the others.

    Attributes:
        target: The path inside the container.
        source: The path on the engine's host; empty for tmpfs.
        options: What was asked of a tmpfs, as "size=64m"; empty for the others.
    """

    type: str
    target: str
    source: str = ""
    name: str = ""
    writable: bool = True
    options: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """One container.

    Attributes:
        state: created, running, paused, restarting, removing, exited or dead.
        exit_code: None until it has exited once.
        health: starting, healthy or unhealthy; None without a health check.
        created: Seconds since the epoch, as are `started` and `finished` (None: not yet).
        stop_signal: The signal that `docker stop` sends; empty means SIGTERM.
        stop_timeout: Grace in seconds that the container asks for; None means the engine's 10.
        memory_limit: Bytes; 0 means no limit.
        restart_count: How often its policy has restarted it since somebody last started it.
        restart_limit: Restarts that `on-failure` allows; 0 means no limit.
        hostname: What it calls itself; the short id unless one was given.
        network_mode: What `--network` said: a network's name, default, host, none, or
            "container:" and an id.
        pid: Process id on the engine's host; 0 while it does not run.
    """

    id: str
    name: str
    image: str = ""
    image_id: str = ""
    command: str = ""
    state: str = "created"
    exit_code: int | None = None
    oom_killed: bool = False
    error: str = ""
    health: str | None = None
    created: float | None = None
    started: float | None = None
    finished: float | None = None
    ports: tuple[Port, ...] = ()
    networks: tuple[Endpoint, ...] = ()
    mounts: tuple[Mount, ...] = ()
    labels: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    restart_policy: str = "no"
    restart_count: int = 0
    restart_limit: int = 0
    auto_remove: bool = False
    stop_signal: str = ""
    stop_timeout: int | None = None
    pid: int = 0
    memory_limit: int = 0
    cpus: float = 0.0
    hostname: str = ""
    network_mode: str = ""

    @property
    def alive(self) -> bool:
        """Whether it has a process, be it a paused one."""
        return self.state in ("running", "paused")


@dataclass(frozen=True, slots=True)
class Image:
    """One image; `size` is in bytes, `tags` is empty for a dangling one."""

    id: str
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    created: float | None = None
    size: int = 0
    labels: Mapping[str, str] = field(default_factory=_nothing, hash=False)


@dataclass(frozen=True, slots=True)
class Network:
    """One network.

    Attributes:
        subnets: In CIDR notation; of `gateways` each is that of the subnet at its place, or "".
        internal: Nothing on it reaches beyond it.
        options: Of its driver.
    """

    id: str
    name: str
    driver: str = ""
    scope: str = "local"
    subnets: tuple[str, ...] = ()
    internal: bool = False
    created: float | None = None
    labels: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    gateways: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=_nothing, hash=False)

    @property
    def resolves(self) -> bool:
        """Whether the engine's DNS answers for names here: not on the three default networks."""
        return self.driver not in ("host", "null") and self.name != "bridge"


@dataclass(frozen=True, slots=True)
class Volume:
    """One volume; `mountpoint` is a path on the engine's host."""

    name: str
    driver: str = "local"
    mountpoint: str = ""
    created: float | None = None
    anonymous: bool = False
    labels: Mapping[str, str] = field(default_factory=_nothing, hash=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of `docker events`.

    Attributes:
        time: Seconds since the epoch, with the engine's nanoseconds as far as a float goes.
        type: container, image, network, volume …
        action: The first word, as start, die, exec_create.
        detail: What follows it, as the command of an exec or the status of a health check.
        id: Of the object that acted.
        name: Of that object; the id where the engine gives no name.
    """

    time: float
    type: str
    action: str
    id: str
    name: str = ""
    detail: str = ""
    attributes: Mapping[str, str] = field(default_factory=_nothing, hash=False)


@dataclass(frozen=True, slots=True)
class State:
    """All of an engine at one moment.

    Attributes:
        containers: Oldest first, stopped ones too.
        events: The last 200, oldest first.
        connected: False while the engine does not answer; the rest is then the last known.
        problem: Why it does not; empty when all is well.
        seq: Counts up by one with each State of a Watcher.
    """

    containers: tuple[Container, ...] = ()
    images: tuple[Image, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    events: tuple[Event, ...] = ()
    connected: bool = False
    problem: str = ""
    seq: int = 0

    def container(self, name: str) -> Container | None:
        """Returns the container of this name or id, or None."""
        for container in self.containers:
            if name in (container.name, container.id):
                return container
        return None

    def users(self, volume: str) -> tuple[Container, ...]:
        """Returns the containers, stopped ones too, that a volume of this name is mounted in."""
        return tuple(
            container
            for container in self.containers
            if any(mount.name == volume for mount in container.mounts)
        )
