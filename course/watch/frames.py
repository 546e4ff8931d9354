"""State to pandas: the tables that `docker ps`, `docker images` and the like print."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import pandas as pd

from course.watch.state import Container, Endpoint, Image, Port, State

CONTAINERS = ("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")
IMAGES = ("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE")
NETWORKS = ("NETWORK ID", "NAME", "DRIVER", "SCOPE")
VOLUMES = ("DRIVER", "VOLUME NAME")
SUBNETS = ("NAME", "DRIVER", "SUBNET", "GATEWAY", "INTERNAL")
ENDPOINTS = ("NETWORK", "CONTAINER", "IPV4", "MAC", "ALIASES")
MOUNTS = ("CONTAINER", "TYPE", "NAME", "SOURCE", "DESTINATION", "MODE")
EVENTS = ("TIME", "TYPE", "ACTION", "NAME", "DETAIL")
_NEVER = "N/A"


def containers(state: State, stopped: bool = True, now: float | None = None) -> pd.DataFrame:
    """Returns the table of `docker ps --all`, newest first.

    Args:
        state: What the engine holds.
        stopped: Stopped containers too, as `--all` shows them.
        now: Seconds since the epoch that ages are counted from; the present when None.

    Returns:
        Columns CONTAINER ID, IMAGE, COMMAND, CREATED, STATUS, PORTS, NAMES.
    """
    now = time.time() if now is None else now
    shown = [c for c in reversed(state.containers) if stopped or c.state in ("running", "paused")]
    rows = ((_short(c.id), c.image, _command(c.command), _ago(c.created, now),
             status(c, now), ports(c.ports), c.name) for c in shown)  # fmt: skip
    return _frame(rows, CONTAINERS)


def images(state: State, now: float | None = None) -> pd.DataFrame:
    """Returns the table of `docker images`, newest first and one row a tag.

    Returns:
        Columns REPOSITORY, TAG, IMAGE ID, CREATED, SIZE.
    """
    now = time.time() if now is None else now
    newest = sorted(state.images, key=lambda image: -(image.created or 0))
    rows = (
        (*name, _short(image.id), _ago(image.created, now), size(image.size))
        for image in newest
        for name in _names(image)
    )
    return _frame(rows, IMAGES)


def networks(state: State) -> pd.DataFrame:
    """Returns the table of `docker network ls`: NETWORK ID, NAME, DRIVER, SCOPE."""
    rows = [(_short(n.id), n.name, n.driver, n.scope) for n in state.networks]
    return _frame(rows, NETWORKS)


def volumes(state: State) -> pd.DataFrame:
    """Returns the table of `docker volume ls`: DRIVER, VOLUME NAME."""
    return _frame([(v.driver, v.name) for v in state.volumes], VOLUMES)


def subnets(state: State) -> pd.DataFrame:
    """Returns what `docker network inspect` tells of each network, one row a subnet.

    Returns:
        Columns NAME, DRIVER, SUBNET (CIDR), GATEWAY, INTERNAL (a bool).
    """
    rows = (
        (network.name, network.driver, subnet, gateway, network.internal)
        for network in state.networks
        for subnet, gateway in zip(
            network.subnets or ("",), network.gateways or ("",), strict=False
        )
    )
    return _frame(rows, SUBNETS)


def endpoints(state: State, network: str | None = None) -> pd.DataFrame:
    """Returns the Containers of `docker network inspect`: who hangs on a network, and where.

    Args:
        state: What the engine holds.
        network: Its name; all networks when None.

    Returns:
        Columns NETWORK, CONTAINER, IPV4 (with the bits of the mask), MAC, ALIASES; a container
        that does not run keeps its place on its networks, but has no address.
    """
    ends = [(end.network, end, one) for one in state.containers for end in one.networks]
    rows = (
        (name, container.name, _address(end), end.mac, _aliases(container, end))
        for name, end, container in sorted(ends, key=lambda each: each[0])
        if network in (None, name)
    )
    return _frame(rows, ENDPOINTS)


def mounts(state: State, names: Sequence[str] = ()) -> pd.DataFrame:
    """Returns the Mounts of `docker container inspect`, one row each, tmpfs too.

    Args:
        state: What the engine holds.
        names: Of containers; all when empty.

    Returns:
        Columns CONTAINER, TYPE, NAME (of a volume), SOURCE (on the Docker host), DESTINATION
        (inside), MODE ("rw" or "ro").
    """
    rows = (
        (container.name, mount.type, mount.name, mount.source, mount.target,
         "rw" if mount.writable else "ro")
        for container in state.containers
        for mount in container.mounts
        if not names or container.name in names
    )  # fmt: skip
    return _frame(rows, MOUNTS)


def events(state: State, last: int = 20) -> pd.DataFrame:
    """Returns the last events, oldest first: TIME (UTC), TYPE, ACTION, NAME, DETAIL."""
    rows = (
        (pd.Timestamp(e.time, unit="s", tz="UTC"), e.type, e.action, e.name, e.detail)
        for e in state.events[-last:]
    )
    return _frame(rows, EVENTS)


def status(container: Container, now: float) -> str:
    """Returns the STATUS of `docker ps`, as "Exited (137) 3 seconds ago"."""
    up = f"Up {duration(now - (container.started or now))}"
    over = f"({container.exit_code or 0}) {_ago(container.finished, now)}"
    health = f"health: {container.health}" if container.health == "starting" else container.health
    texts = {
        "running": f"{up} ({health})" if health else up,
        "paused": f"{up} (Paused)",
        "restarting": f"Restarting {over}",
        "exited": f"Exited {over}",
        "removing": "Removal In Progress",
        "dead": "Dead",
        "created": "Created",
    }
    return texts.get(container.state, container.state)


def ports(found: Sequence[Port]) -> str:
    """Returns the PORTS of `docker ps`, as "0.0.0.0:8080->80/tcp"."""
    return ", ".join(_port(port) for port in found)


def duration(seconds: float) -> str:
    """Returns a span in the words of the `docker` CLI, as "About a minute"."""
    whole = int(max(seconds, 0))
    minutes, hours = whole // 60, int(seconds / 3600 + 0.5)
    if minutes < 1:
        return "Less than a second" if whole < 1 else _count(whole, "second")
    if hours < 1 or minutes < 60:
        return "About a minute" if minutes == 1 else _count(minutes, "minute")
    if hours < 48:
        return "About an hour" if hours == 1 else _count(hours, "hour")
    for limit, unit in ((24 * 14, 24), (24 * 60, 24 * 7), (24 * 730, 24 * 30)):
        if hours < limit:
            names = {24: "day", 24 * 7: "week", 24 * 30: "month"}
            return _count(hours // unit, names[unit])
    return _count(hours // (24 * 365), "year")


def size(count: float) -> str:
    """Returns bytes in the words of the `docker` CLI: decimal units, three digits ("3.01MB")."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g}{unit}"
        count /= 1000
    return f"{count:.3g}TB"


def _frame(rows: Iterable[Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


def _count(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _ago(then: float | None, now: float) -> str:
    return _NEVER if then is None else f"{duration(now - then)} ago"


def _short(ident: str) -> str:
    return ident.removeprefix("sha256:")[:12]


def _address(end: Endpoint) -> str:
    return f"{end.ip}/{end.prefix}" if end.ip else ""


def _aliases(container: Container, end: Endpoint) -> str:
    """Its short id is left out: engines before API 1.45 put it among the aliases."""
    return ", ".join(alias for alias in end.aliases if alias != _short(container.id))


def _command(command: str) -> str:
    return f'"{command}"' if len(command) <= 20 else f'"{command[:19]}…"'


def _names(image: Image) -> list[tuple[str, str]]:
    if not image.tags:
        return [("<none>", "<none>")]
    return [(repo, tag) for repo, _, tag in (name.rpartition(":") for name in image.tags)]


def _port(port: Port) -> str:
    inner = f"{port.private}/{port.protocol}"
    if port.public is None:
        return inner
    host = f"[{port.ip}]" if port.ip and ":" in port.ip else port.ip or "0.0.0.0"
    return f"{host}:{port.public}->{inner}"
