"""Payloads of a swarm's managers to values, for every API from 1.41 (engine 20.10) on.

Follows https://docs.docker.com/reference/api/engine/: `GET /nodes`, `/services`, `/tasks`, `/info`
and `/containers/json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from course.watch.parse import labels, moment
from course.watch.swarm import Host, Living, Member
from course.watch.swarm_task import Opening, Service, Task

Payload = Mapping[str, Any]
T = TypeVar("T")
TASK = "com.docker.swarm.task"  # label on the container of a task
# What a task takes over from its service as it is. Not its Placement: a change there does not
# replace a task whose node fits still. Networks and Runtime are written differently.
TEMPLATE = ("ContainerSpec", "Resources", "RestartPolicy", "ForceUpdate", "LogDriver")
MODES = {
    "Replicated": "replicated",
    "Global": "global",
    "ReplicatedJob": "replicated-job",
    "GlobalJob": "global-job",
}
ENDS = frozenset(["complete", "shutdown", "failed", "rejected", "remove", "orphaned"])


class Rows(Generic[T]):
    """A listing, each entry of which is parsed again only when its version has changed.

    Args:
        parse: Makes a value of an entry.
        always: Whether an entry may change without its version.
    """

    def __init__(self, parse: Callable[[Payload], T], always: bool = False) -> None:
        self._parse, self._always = parse, always
        self._raw = b""
        self._known: dict[str, tuple[object, T]] = {}
        self.rows: tuple[T, ...] = ()

    def take(self, raw: bytes) -> tuple[T, ...]:
        """Returns the values of an answer, in its order; of the same bytes, the same tuple."""
        if raw != self._raw:
            entries = json.loads(raw) or ()
            self._known = {entry["ID"]: self._value(entry) for entry in entries}
            self.rows = tuple(value for _, value in self._known.values())
            self._raw = raw
        return self.rows

    def _value(self, entry: Payload) -> tuple[object, T]:
        stamp = (entry.get("Version") or {}).get("Index"), entry.get("UpdatedAt")
        known = None if self._always else self._known.get(entry["ID"])
        return known if known and known[0] == stamp else (stamp, self._parse(entry))


def member(entry: Payload) -> Member:
    """Returns a node from an entry of `GET /nodes`.

    Its version does not count: who leads, and who is reachable, change without it.
    """
    spec, said = entry.get("Spec") or {}, entry.get("Description") or {}
    status, manager = entry.get("Status") or {}, entry.get("ManagerStatus") or {}
    return Member(
        id=entry["ID"],
        name=said.get("Hostname") or entry["ID"][:12],
        address=_address(status, manager),
        role=spec.get("Role") or "worker",
        leader=bool(manager.get("Leader")),
        availability=spec.get("Availability") or "active",
        state=status.get("State") or "unknown",
        reachability=manager.get("Reachability") or "",
        engine=(said.get("Engine") or {}).get("EngineVersion") or "",
        labels=labels(spec),
        message=status.get("Message") or "",
    )


def _address(status: Payload, manager: Payload) -> str:
    """A leader that joined nobody says 0.0.0.0 of itself on some engines."""
    address = str(status.get("Addr") or "")
    if address not in ("", "0.0.0.0"):
        return address
    return str(manager.get("Addr") or address).rpartition(":")[0] or address


def service(entry: Payload) -> Service:
    """Returns a service from an entry of `GET /services`."""
    spec = entry.get("Spec") or {}
    template, update = spec.get("TaskTemplate") or {}, entry.get("UpdateStatus") or {}
    container = template.get("ContainerSpec") or {}
    mode, wanted = _mode(spec.get("Mode") or {})
    return Service(
        id=entry["ID"],
        name=spec.get("Name") or entry["ID"][:12],
        mode=mode,
        wanted=wanted,
        image=short_image(container.get("Image") or ""),
        ports=_ports(entry),
        update=update.get("State") or "",
        update_message=update.get("Message") or "",
        networks=tuple(one.get("Target") or "" for one in template.get("Networks") or ()),
        constraints=tuple((template.get("Placement") or {}).get("Constraints") or ()),
        labels=labels(spec),
        version=(entry.get("Version") or {}).get("Index") or 0,
        template=_template(template),
        has_previous=bool(entry.get("PreviousSpec")),
    )


def short_image(image: str) -> str:
    """Returns an image's name without the digest that the client pins it to."""
    return image.partition("@")[0]


def _template(spec: Payload) -> str:
    told = json.dumps({key: spec.get(key) for key in TEMPLATE}, sort_keys=True)
    return blake2b(told.encode(), digest_size=8).hexdigest()


def _mode(mode: Payload) -> tuple[str, int | None]:
    for key, name in MODES.items():
        if key in mode:
            said = mode[key] or {}
            count = said.get("Replicas") if key == "Replicated" else said.get("TotalCompletions")
            return name, None if key.startswith("Global") else int(count or 0)
    return "replicated", 1


def _ports(entry: Payload) -> tuple[Opening, ...]:
    """As the swarm gave them; what was asked for, until it has."""
    asked = ((entry.get("Spec") or {}).get("EndpointSpec") or {}).get("Ports")
    found = (entry.get("Endpoint") or {}).get("Ports") or asked or ()
    made = [
        Opening(
            int(one.get("TargetPort") or 0),
            one.get("PublishedPort") or None,
            one.get("Protocol") or "tcp",
            one.get("PublishMode") or "ingress",
        )
        for one in found
    ]
    return tuple(sorted(made, key=lambda one: (one.public or 0, one.private, one.protocol)))


def task(entry: Payload) -> Task:
    """Returns a task from an entry of `GET /tasks`."""
    status, spec = entry.get("Status") or {}, entry.get("Spec") or {}
    ran = status.get("ContainerStatus") or {}
    state = status.get("State") or "new"
    return Task(
        id=entry["ID"],
        service=entry.get("ServiceID") or "",
        slot=entry.get("Slot") or 0,
        node=entry.get("NodeID") or "",
        desired=entry.get("DesiredState") or "",
        state=state,
        message=status.get("Message") or "",
        error=status.get("Err") or "",
        exit_code=ran.get("ExitCode") if state in ENDS and ran.get("ContainerID") else None,
        image=short_image((spec.get("ContainerSpec") or {}).get("Image") or ""),
        created=moment(entry.get("CreatedAt")) or 0.0,
        updated=moment(status.get("Timestamp")) or 0.0,
        container=ran.get("ContainerID") or "",
        template=_template(spec),
    )


def host(name: str, address: str, power: str, info: Payload | None) -> Host:
    """Returns a node of the lab from its engine's `GET /info`, or without one."""
    said = (info or {}).get("Swarm") or {}
    return Host(
        name,
        address,
        power,
        local=said.get("LocalNodeState") or "",
        member=said.get("NodeID") or "",
        is_manager=bool(said.get("ControlAvailable")),
        problem=said.get("Error") or "",
    )


def living(entries: Iterable[Payload]) -> tuple[Living, ...]:
    """Returns the containers of tasks from `GET /containers/json`, by name."""
    found = [_living(entry) for entry in entries]
    return tuple(sorted((one for one in found if one.task), key=lambda one: (one.name, one.task)))


def _living(entry: Payload) -> Living:
    told = MappingProxyType(entry.get("Labels") or {})
    name = told.get(f"{TASK}.name", "").rpartition(".")[0]
    return Living(told.get(f"{TASK}.id", ""), name, entry.get("State") or "")
