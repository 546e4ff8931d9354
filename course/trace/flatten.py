"""A request's values by name: query, body and what has to be worked out from the body."""

from __future__ import annotations

import csv
import io
import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

from course.trace.call import Call
from course.trace.values import json_query

Values = dict[str, Any]


def flatten(call: Call) -> Values:
    """Returns every value that a command may need.

    Query parameters stand under their names (a repeated one as a list), the JSON body's values
    under their paths, as "HostConfig.Memory".
    """
    values: Values = {}
    for key, text in call.query:
        value: Any = json_query(text)
        if key in values:
            value = [*(values[key] if isinstance(values[key], list) else [values[key]]), value]
        values[key] = value
    body = call.body
    values |= dict(_walk("", body)) if isinstance(body, dict) else {"body": body}
    if isinstance(values.get("filters"), dict):
        if call.path == "/tasks":  # a filter of the call, an argument of `docker service ps`
            values["Services"] = list(values["filters"].pop("service", []))
        values["filters"] = list(_filters(values["filters"]))
    for pattern, work_out in DERIVED:
        if pattern.match(call.path) and isinstance(body, dict):
            values |= work_out(body)
    return values


def _walk(prefix: str, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yields each mapping whole and each value in it: tables choose the level they need."""
    for key, value in body.items():
        yield prefix + key, value
        if isinstance(value, dict):
            yield from _walk(f"{prefix}{key}.", value)


def _filters(filters: dict[str, Any]) -> Iterator[str]:
    for key, wanted in filters.items():
        yield from (f"{key}={value}" for value in wanted)


def _container(body: dict[str, Any]) -> Values:
    host = body.get("HostConfig") or {}
    entry = _words(body.get("Entrypoint"))
    bound = {str(bind).split(":")[1] for bind in host.get("Binds") or [] if ":" in str(bind)}
    endpoint = _endpoint(body)
    return {
        "Entry": entry[0] if entry else "",
        "Cmd": entry[1:] + _words(body.get("Cmd")),
        "Network": _network_of(host, endpoint),
        "Exposed": [p for p in body.get("ExposedPorts") or {} if p not in _bound_ports(host)],
        "Volumes": {k: v for k, v in (body.get("Volumes") or {}).items() if k not in bound},
        **endpoint,
    }


def _network_of(host: dict[str, Any], endpoint: Values) -> str:
    """The value of `--network`, which alone takes the driver options of `docker create`."""
    mode = str(host.get("NetworkMode") or "")
    driver = endpoint.get("Endpoint.DriverOpts") or {}
    options = [f"driver-opt={key}={value}" for key, value in driver.items()]
    if not options:
        return "" if mode == "default" else mode
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow([f"name={mode}", *options])
    return row.getvalue()


def _bound_ports(host: dict[str, Any]) -> dict[str, Any]:
    ports: dict[str, Any] = host.get("PortBindings") or {}
    return ports


def _endpoint(body: dict[str, Any]) -> Values:
    """The settings on the one network that a container can be created with."""
    endpoints = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    settings: Values = next((value for value in endpoints.values() if value), {})
    return dict(_walk("Endpoint.", settings))


def _network(body: dict[str, Any]) -> Values:
    pools = (body.get("IPAM") or {}).get("Config") or []
    keys = ("Subnet", "Gateway", "IPRange")
    pairs = {key: [pool[key] for pool in pools if pool.get(key)] for key in keys}
    aux = {k: v for pool in pools for k, v in (pool.get("AuxiliaryAddresses") or {}).items()}
    return {**pairs, "AuxiliaryAddresses": aux}


def _service(body: dict[str, Any]) -> Values:
    spec = (body.get("TaskTemplate") or {}).get("ContainerSpec") or {}
    mode = {key.lower(): value or {} for key, value in (body.get("Mode") or {}).items()}
    return {
        "Entry": shlex.join(_words(spec.get("Command"))),
        "Cmd": _words(spec.get("Args")),
        "Args": shlex.join(_words(spec.get("Args"))),
        "Mode.mode": "global" if "global" in mode else "",
        "Mode.Replicated.Replicas": mode.get("replicated", {}).get("Replicas"),
    }


def _words(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [str(word) for word in value or []]


DERIVED: tuple[tuple[re.Pattern[str], Callable[[dict[str, Any]], Values]], ...] = (
    (re.compile("/containers/create$"), _container),
    (re.compile("/networks/create$"), _network),
    (re.compile("/services/(create|.+/update)$"), _service),
)
