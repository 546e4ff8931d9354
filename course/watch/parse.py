"""Engine payloads to values, for every API from 1.41 (engine 20.10) to 1.52 and later.

Follows https://docs.docker.com/reference/api/engine/. From 1.52 on, events carry no `status`,
`id` and `from` and containers no top-level `IPAddress`; nothing here reads those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from course.watch.state import Container, Endpoint, Event, Image, Mount, Network, Port, Volume

Payload = Mapping[str, Any]
ANONYMOUS = "com.docker.volume.anonymous"  # label that engines 24 and later give such volumes


def moment(written: object) -> float | None:
    """Returns seconds since the epoch; None for nothing and for Go's year 1, which is "never"."""
    if isinstance(written, int | float):
        return float(written) or None
    if not isinstance(written, str) or not written or written.startswith("0001-"):
        return None
    try:
        return datetime.fromisoformat(written).timestamp()
    except ValueError:
        return None


def labels(entry: Payload) -> Mapping[str, str]:
    """Returns the labels of any object, read-only."""
    return MappingProxyType(dict(entry.get("Labels") or {}))


def container(entry: Payload) -> Container:
    """Returns a container from `GET /containers/{id}/json`."""
    state, config = entry.get("State") or {}, entry.get("Config") or {}
    host, settings = entry.get("HostConfig") or {}, entry.get("NetworkSettings") or {}
    policy = host.get("RestartPolicy") or {}
    return Container(
        id=entry["Id"],
        name=entry.get("Name", "").lstrip("/"),
        image=config.get("Image", ""),
        image_id=entry.get("Image", ""),
        command=" ".join([entry.get("Path") or "", *(entry.get("Args") or [])]).strip(),
        state=state.get("Status", "created"),
        exit_code=_exit_code(state),
        oom_killed=bool(state.get("OOMKilled")),
        error=state.get("Error") or "",
        health=_health(state.get("Health") or {}),
        created=moment(entry.get("Created")),
        started=moment(state.get("StartedAt")),
        finished=moment(state.get("FinishedAt")),
        ports=_ports(settings.get("Ports") or {}),
        networks=_endpoints(settings.get("Networks") or {}),
        mounts=_mounts(entry.get("Mounts") or (), host),
        labels=labels(config),
        restart_policy=policy.get("Name") or "no",
        restart_count=entry.get("RestartCount") or 0,
        restart_limit=policy.get("MaximumRetryCount") or 0,
        auto_remove=bool(host.get("AutoRemove")),
        stop_signal=config.get("StopSignal") or "",
        stop_timeout=config.get("StopTimeout"),
        pid=state.get("Pid") or 0,
        memory_limit=host.get("Memory") or 0,
        cpus=_cpus(host),
        hostname=config.get("Hostname") or "",
        network_mode=host.get("NetworkMode") or "",
    )


def is_as_listed(known: Container, entry: Payload) -> bool:
    """Whether an entry of `GET /containers/json` tells nothing new of a container.

    State and networks are compared: an engine tells no event when a network is connected to a
    container that is stopped.
    """
    networks = (entry.get("NetworkSettings") or {}).get("Networks") or {}
    hangs = {end.network for end in known.networks}
    return known.state == entry.get("State") and hangs == networks.keys()


def _cpus(host: Payload) -> float:
    """`--cpus` is NanoCpus; what docker-py's `update` can set is a quota in a period."""
    nanos, quota = host.get("NanoCpus") or 0, host.get("CpuQuota") or 0
    return nanos / 1e9 or max(quota, 0) / (host.get("CpuPeriod") or 100_000)


def _exit_code(state: Payload) -> int | None:
    code = int(state.get("ExitCode") or 0)
    if state.get("Status") in ("running", "paused"):
        return None  # the engine says 0 here, which is not how the last run ended
    return code if code or moment(state.get("FinishedAt")) else None


def _health(health: Payload) -> str | None:
    status = health.get("Status")
    return None if status in (None, "", "none") else str(status)


def _ports(bindings: Mapping[str, Any]) -> tuple[Port, ...]:
    found = set()
    for name, hosts in bindings.items():
        private, _, protocol = name.partition("/")
        for host in hosts or [{}]:
            public = int(host.get("HostPort") or 0) or None
            found.add(Port(int(private), protocol or "tcp", public, host.get("HostIp")))
    return tuple(sorted(found, key=lambda port: (port.private, port.protocol, port.ip or "")))


def _endpoints(networks: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    return tuple(_endpoint(name, end or {}) for name, end in sorted(networks.items()))


def _endpoint(network: str, end: Payload) -> Endpoint:
    return Endpoint(
        network,
        ip=end.get("IPAddress") or "",
        mac=end.get("MacAddress") or "",
        aliases=tuple(end.get("Aliases") or ()),
        network_id=end.get("NetworkID") or "",
        gateway=end.get("Gateway") or "",
        prefix=end.get("IPPrefixLen") or 0,
        names=tuple(end.get("DNSNames") or ()),
    )


def _mounts(entries: Iterable[Payload], host: Payload) -> tuple[Mount, ...]:
    """What `--tmpfs` made stands in HostConfig alone; what `--mount` made, in Mounts as well."""
    asked = {one.get("Target"): one.get("TmpfsOptions") or {} for one in host.get("Mounts") or ()}
    found = [_mount(entry, asked) for entry in entries]
    known = {mount.target for mount in found}
    for target, options in sorted((host.get("Tmpfs") or {}).items()):
        if target not in known:
            writable = "ro" not in options.split(",")
            found.append(Mount("tmpfs", target, writable=writable, options=options))
    return tuple(sorted(found, key=lambda mount: mount.target))


def _mount(entry: Payload, asked: Mapping[Any, Payload]) -> Mount:
    target = entry.get("Destination") or ""
    size = asked.get(target, {}).get("SizeBytes") or 0
    unit = "m" if size % 2**20 == 0 else ""  # as `--tmpfs` writes it
    return Mount(
        entry.get("Type") or "",
        target,
        entry.get("Source") or "",
        entry.get("Name") or "",
        writable=bool(entry.get("RW", True)),
        options=f"size={size // 2**20 if unit else size}{unit}" if size else "",
    )


def image(entry: Payload) -> Image:
    """Returns an image from an entry of `GET /images/json`."""
    tags = (tag for tag in entry.get("RepoTags") or () if tag != "<none>:<none>")
    digests = (digest for digest in entry.get("RepoDigests") or () if "<none>" not in digest)
    created = moment(entry.get("Created"))
    size = int(entry.get("Size") or 0)
    return Image(entry["Id"], tuple(tags), tuple(digests), created, size, labels(entry))


def network(entry: Payload) -> Network:
    """Returns a network from an entry of `GET /networks`."""
    pools = (entry.get("IPAM") or {}).get("Config") or ()
    return Network(
        id=entry["Id"],
        name=entry.get("Name", ""),
        driver=entry.get("Driver", ""),
        scope=entry.get("Scope", "local"),
        subnets=tuple(pool["Subnet"] for pool in pools if pool.get("Subnet")),
        internal=bool(entry.get("Internal")),
        created=moment(entry.get("Created")),
        labels=labels(entry),
        gateways=tuple(pool.get("Gateway") or "" for pool in pools if pool.get("Subnet")),
        options=MappingProxyType(dict(entry.get("Options") or {})),
    )


def volume(entry: Payload) -> Volume:
    """Returns a volume from an entry of `GET /volumes`."""
    name = entry["Name"]
    told = ANONYMOUS in (entry.get("Labels") or {})
    return Volume(
        name=name,
        driver=entry.get("Driver", "local"),
        mountpoint=entry.get("Mountpoint", ""),
        created=moment(entry.get("CreatedAt")),
        anonymous=told or _is_id(name),
        labels=labels(entry),
    )


def _is_id(name: str) -> bool:
    return len(name) == 64 and set(name) <= set("0123456789abcdef")


def event(entry: Payload) -> Event:
    """Returns an event from a line of `GET /events`."""
    actor = entry.get("Actor") or {}
    attributes = dict(actor.get("Attributes") or {})
    action, _, detail = str(entry.get("Action", "")).partition(": ")
    nanos = entry.get("timeNano")
    time = nanos / 1e9 if nanos else float(entry.get("time") or 0)
    ident = actor.get("ID") or ""
    name = attributes.get("name") or ident
    kind = entry.get("Type", "")
    return Event(time, kind, action, ident, name, detail, MappingProxyType(attributes))


def oldest_first(containers: Iterable[Container]) -> tuple[Container, ...]:
    """Returns containers in the order they were made, which no start or stop changes."""
    return tuple(sorted(containers, key=lambda item: (item.created or 0.0, item.name)))
