"""How one value of a request is written on a `docker` command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

UNITS = (("g", 1024**3), ("m", 1024**2), ("k", 1024))
SPANS = (("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000))


def plain(value: Any) -> list[str]:
    """Each item of a list, each `key=value` of a mapping, or the value itself."""
    if isinstance(value, dict):
        return [
            f"{key}={item}" if item not in (None, "") else str(key) for key, item in value.items()
        ]
    if isinstance(value, list):
        return [str(item) for item in value]
    return [str(value)]


def size(value: Any) -> list[str]:
    """Bytes in the largest unit that loses nothing: 67108864 is "64m"."""
    for unit, factor in UNITS:
        if int(value) >= factor and int(value) % factor == 0:
            return [f"{int(value) // factor}{unit}"]
    return [str(value)]


def span(value: Any) -> list[str]:
    """Nanoseconds in the largest unit that loses nothing: 30000000000 is "30s"."""
    for unit, factor in SPANS:
        if int(value) >= factor and int(value) % factor == 0:
            return [f"{int(value) // factor}{unit}"]
    return [f"{value}ns"]


def cpus(value: Any) -> list[str]:
    """Billionths of a CPU: 500000000 is "0.5"."""
    return [f"{int(value) / 1e9:g}"]


def restart(value: dict[str, Any]) -> list[str]:
    """A restart policy, as "on-failure:3"."""
    name, retries = value.get("Name", ""), value.get("MaximumRetryCount", 0)
    return [f"{name}:{retries}" if retries else name] if name else []


def ports(value: dict[str, Any]) -> list[str]:
    """Port bindings: "127.0.0.1:8080:80", "8080:53/udp", or "80" for a port of any number."""
    return [_port(port, bind) for port, binds in value.items() for bind in binds or [{}]]


def _port(port: str, bind: dict[str, str]) -> str:
    parts = [bind.get("HostIp") or "", bind.get("HostPort") or "", port.removesuffix("/tcp")]
    return ":".join(parts if parts[0] else parts[1:] if parts[1] else parts[2:])


def mount(value: list[dict[str, Any]]) -> list[str]:
    """Mounts, as "type=bind,source=/a,target=/b,readonly"."""
    return [",".join(_mount(item)) for item in value]


def _mount(item: dict[str, Any]) -> Iterable[str]:
    keys = (("type", "Type"), ("source", "Source"), ("target", "Target"))
    yield from (f"{name}={item[key]}" for name, key in keys if item.get(key))
    if item.get("ReadOnly"):
        yield "readonly"
    options = item.get("BindOptions") or {}
    if options.get("Propagation"):
        yield f"bind-propagation={options['Propagation']}"
    if (item.get("VolumeOptions") or {}).get("NoCopy"):
        yield "volume-nocopy"
    tmpfs = item.get("TmpfsOptions") or {}
    if tmpfs.get("SizeBytes"):
        yield f"tmpfs-size={tmpfs['SizeBytes']}"


def tmpfs(value: dict[str, str]) -> list[str]:
    """Paths with their options, as "/run:size=1m"."""
    return [f"{path}:{options}" if options else path for path, options in value.items()]


def device(value: list[dict[str, str]]) -> list[str]:
    """Devices, as "/dev/null:/dev/zero:rw"."""
    keys = ("PathOnHost", "PathInContainer", "CgroupPermissions")
    return [":".join(item[key] for key in keys if item.get(key)) for item in value]


def gpus(value: list[dict[str, Any]]) -> list[str]:
    """Device requests: how many, -1 being all."""
    counts = [item.get("Count") for item in value]
    return ["all" if count == -1 else str(count) for count in counts if count]


def ulimit(value: list[dict[str, Any]]) -> list[str]:
    """Limits, as "nofile=1024:2048"."""
    return [
        f"{item['Name']}={item.get('Soft', item.get('Hard'))}:{item.get('Hard', item.get('Soft'))}"
        for item in value
    ]


def health(value: list[str]) -> list[str]:
    """A health check's test without its leading CMD or CMD-SHELL."""
    return [" ".join(value[1:])] if value[1:] else []


def publish(value: list[dict[str, Any]]) -> list[str]:
    """A service's ports in the long form."""
    keys = (("published", "PublishedPort"), ("target", "TargetPort"))
    more = (("protocol", "Protocol", "tcp"), ("mode", "PublishMode", "ingress"))
    return [
        ",".join(
            [f"{name}={item[key]}" for name, key in keys if item.get(key)]
            + [f"{n}={item[k]}" for n, k, default in more if item.get(k, default) != default]
        )
        for item in value
    ]


def targets(value: list[Any]) -> list[str]:
    """Networks of a service."""
    return [item.get("Target", "") if isinstance(item, dict) else str(item) for item in value]


def spread(value: list[dict[str, Any]]) -> list[str]:
    """Placement preferences, as "spread=node.labels.zone"."""
    return [f"spread={item['Spread']['SpreadDescriptor']}" for item in value if "Spread" in item]


def file(value: list[dict[str, Any]]) -> list[str]:
    """Secrets or configs of a service: the name, or all that is not as usual about its file."""
    return [_file(item) for item in value]


def _file(item: dict[str, Any]) -> str:
    name, told = item.get("SecretName") or item.get("ConfigName") or "", item.get("File") or {}
    mode = told.get("Mode", 0o444)
    fields = [
        ("target", told.get("Name", name), name),
        ("uid", told.get("UID", "0"), "0"),
        ("gid", told.get("GID", "0"), "0"),
        ("mode", f"{mode:04o}", "0444"),
    ]
    odd = [f"{key}={value}" for key, value, usual in fields if value != usual]
    return ",".join([f"source={name}", *odd]) if odd else name


FORMATS: dict[str, Callable[[Any], list[str]]] = {
    "": plain,
    "bytes": size,
    "ns": span,
    "keys": list,
    "cpus": cpus,
    "restart": restart,
    "ports": ports,
    "mount": mount,
    "tmpfs": tmpfs,
    "device": device,
    "gpus": gpus,
    "ulimit": ulimit,
    "health": health,
    "publish": publish,
    "targets": targets,
    "spread": spread,
    "file": file,
}


def json_query(value: str) -> Any:
    """Reads a query parameter that holds JSON, else returns it as it is."""
    if not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
