"""What an update of a service changes: the call carries the whole spec, the command what is new."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from course.trace.call import Call
from course.trace.flatten import flatten
from course.trace.swarm_options import GONE, SERVICE_UPDATE
from course.trace.values import FORMATS

SPEC = "TaskTemplate.ContainerSpec"


def changes(call: Call, calls: Sequence[Call]) -> dict[str, Any]:
    """Returns what to put in the place of values that the service had before: None, or what is new.

    `docker service update` refuses to add a network that is there, and keeps what nobody removes.
    What was there before is known if the trace has read the service, as docker-py does with
    `fetch_current_spec`. What is gone stands under its key after `GONE`.
    """
    path, _, verb = call.path.rpartition("/")
    read = [one.reply_spec for one in calls[: call.number - 1] if one.path == path]
    before = next(filter(None, reversed(read)), None)
    if verb != "update" or not before:
        return {}
    old, new = flatten(replace(call, query=(), body=before)), flatten(call)
    found = {key: _new(key, value, old[key]) for key, value in new.items() if key in old}
    return found | {GONE + key: _gone(key, new.get(key), old.get(key)) for key in NAMES}


def _new(key: str, now: Any, before: Any) -> Any:
    if now == before:
        return None
    if key not in NAMES:
        return now
    gone, name = _gone(key, now, before), NAMES[key]
    had = [_written(key, item) for item in _items(before)]
    added = [it for it in _items(now) if name(it) in gone or _written(key, it) not in had]
    return dict(added) if isinstance(now, dict) else added


def _gone(key: str, now: Any, before: Any) -> list[str]:
    """The names by which `--…-rm` takes away what is no more, or is another one now."""
    name, kept = NAMES[key], [_written(key, item) for item in _items(now)]
    lost = [name(item) for item in _items(before) if _written(key, item) not in kept]
    stays = {name(item) for item in _items(now)} if key in OVERWRITTEN else set()
    return [one for one in dict.fromkeys(lost) if one and one not in stays]


def _items(value: Any) -> list[Any]:
    return list(value.items() if isinstance(value, dict) else value or [])


def _written(key: str, item: Any) -> list[str]:
    """An item as the command has it: what the engine fills in makes no other one of it."""
    kind = SERVICE_UPDATE[key].partition(" ")[2].strip("{}")
    return FORMATS[kind](dict([item]) if isinstance(item, tuple) else [item])


def _port(item: Mapping[str, Any]) -> str:
    mode = item.get("PublishMode", "ingress")
    protocol = item.get("Protocol", "tcp")
    if mode != "ingress":
        return f"target={item['TargetPort']},protocol={protocol},mode={mode}"
    return f"{item['TargetPort']}" + (f"/{protocol}" if protocol != "tcp" else "")


NAMES: Mapping[str, Callable[[Any], str]] = {
    "Labels": itemgetter(0),
    "EndpointSpec.Ports": _port,
    "TaskTemplate.Networks": lambda item: "".join(FORMATS["targets"]([item])),
    "TaskTemplate.Placement.Constraints": str,
    "TaskTemplate.Placement.Preferences": lambda item: "".join(FORMATS["spread"]([item])),
    f"{SPEC}.Env": lambda item: item.partition("=")[0],
    f"{SPEC}.Labels": itemgetter(0),
    f"{SPEC}.Groups": str,
    f"{SPEC}.Mounts": itemgetter("Target"),
    f"{SPEC}.Secrets": itemgetter("SecretName"),
    f"{SPEC}.Configs": itemgetter("ConfigName"),
    f"{SPEC}.Sysctls": itemgetter(0),
}
"""How the command names one item of a list that is to go."""

# What is added takes the place of what had its name.
OVERWRITTEN = frozenset(
    {"Labels", *(f"{SPEC}.{key}" for key in ("Env", "Labels", "Mounts", "Sysctls"))}
)
