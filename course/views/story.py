"""What happened in a trace, call by call: what you asked, what the engine did, what it fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from course.trace.call import Call
from course.trace.explain import explain, names_in
from course.watch.state import Event

# Which call made the engine do what; the first that fits, an end of a path and a method.
CAUSES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("image", "pull"): (("POST", "/images/create"),),
    ("container", "create"): (("POST", "/containers/create"),),
    ("container", "attach"): (("POST", "/attach"),),
    ("network", "connect"): (("POST", "/start"), ("POST", "/connect")),
    ("volume", "mount"): (("POST", "/start"),),
    ("container", "start"): (("POST", "/start"),),
    ("container", "kill"): (("POST", "/kill"), ("POST", "/stop"), ("POST", "/restart")),
    ("container", "oom"): (("POST", "/wait"), ("GET", "/logs")),
    ("container", "die"): (
        ("POST", "/stop"),
        ("POST", "/kill"),
        ("POST", "/wait"),
        ("GET", "/logs"),
    ),
    ("network", "disconnect"): (
        ("POST", "/stop"),
        ("POST", "/kill"),
        ("POST", "/wait"),
        ("GET", "/logs"),
        ("POST", "/disconnect"),
    ),
    ("volume", "unmount"): (("POST", "/wait"), ("GET", "/logs"), ("POST", "/stop")),
    ("container", "stop"): (("POST", "/stop"),),
    ("container", "destroy"): (("DELETE", ""),),
    ("volume", "create"): (("POST", "/containers/create"), ("POST", "/volumes/create")),
    ("volume", "destroy"): (("DELETE", ""),),
    ("network", "create"): (("POST", "/networks/create"),),
}
ID = re.compile(r"(sha256:)?[0-9a-f]{64}|[0-9a-z]{25}")  # the second are the swarm's
# What `GET /networks/NAME` inspects; containers and images end with "/json".
OBJECTS = frozenset({"configs", "networks", "nodes", "secrets", "services", "tasks", "volumes"})
VERBS = {
    "/containers/create": "create",
    "/images/create": "pull",
    "/containers/json": "list",
    "/build": "build",
}


@dataclass(frozen=True)
class Step:
    """One call and what it set off.

    Attributes:
        number: From 1.
        verb: One word for the call.
        request: Method and path, with names for ids.
        purpose: One sentence.
        cli: The `docker` command that makes the call, or an empty string.
        status: HTTP status; None if the engine gave none.
        error: What the engine refused, or an empty string.
        ms: Milliseconds to the end of the answer, None while it goes on.
        done: What the engine did, as "container start".
        image: What it fetched from a registry, or an empty string.
    """

    number: int
    verb: str
    request: str
    purpose: str
    cli: str
    status: int | None
    error: str
    ms: float | None
    done: tuple[str, ...] = ()
    image: str = ""


def story(calls: Sequence[Call], events: Iterable[Event] = ()) -> tuple[Step, ...]:
    """Returns one step a call, each with the events that it caused.

    The cause is found by what the call asks for, not by the clock: the engine's and this
    machine's may differ.
    """
    names = names_in(calls)
    done: dict[int, list[str]] = {}
    for event in events:
        number = _cause(event, calls)
        if number:
            done.setdefault(number, []).append(f"{event.type} {event.action}")
    return tuple(
        Step(
            call.number, _verb(call), f"{call.method} {_readable(call.path, names)}",
            item.purpose, item.cli, call.status, call.error, call.ms,
            tuple(dict.fromkeys(done.get(call.number, ()))), _image(call),
        )
        for call, item in zip(calls, explain(calls), strict=True)
    )  # fmt: skip


def _cause(event: Event, calls: Sequence[Call]) -> int:
    """The number of the call that an event came from, 0 for another client's doing."""
    for method, end in CAUSES.get((event.type, event.action), ()):
        for call in calls:
            if call.method == method and call.path.endswith(end) and _about(event, call):
                return call.number
    return 0


def _about(event: Event, call: Call) -> bool:
    if (call.status or 500) >= 400:
        return False
    ids = {event.id, event.attributes.get("container", ""), event.name} - {""}
    if any(f"/{one}/" in f"{call.path}/" or one == call.reply_id for one in ids):
        return True
    wanted = _image(call)
    return bool(wanted) and event.type == "image" and _with_tag(wanted) in map(_with_tag, ids)


def _with_tag(reference: str) -> str:
    return reference if ":" in reference.rpartition("/")[2] else f"{reference}:latest"


def _image(call: Call) -> str:
    if call.path != "/images/create" or call.method != "POST":
        return ""
    tag = call.parameter("tag")
    return call.parameter("fromImage") + (f":{tag}" if tag else "")


def _verb(call: Call) -> str:
    if call.path in VERBS:
        return VERBS[call.path]
    if call.method == "DELETE":
        return "remove"
    parts = call.path.split("/")
    is_one = call.method == "GET" and len(parts) == 3 and parts[1] in OBJECTS
    return "inspect" if is_one or parts[-1] == "json" else parts[-1].lstrip("_")


def _readable(path: str, names: Mapping[str, str]) -> str:
    """Names for ids; an id that has no name is left out: it says nothing to a reader."""
    parts = [names.get(part, "…" if ID.fullmatch(part) else part) for part in path.split("/")]
    return "/".join(parts)
