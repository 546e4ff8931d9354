"""What a call is for, and the commands that make it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from course.trace.call import Call
from course.trace.changes import changes
from course.trace.cli import FALSE, ID, render
from course.trace.curl import curl
from course.trace.endpoint import Endpoint
from course.trace.endpoints import ENDPOINTS
from course.trace.flatten import flatten

UNKNOWN = "Not a call that docker-py is known to make."


@dataclass(frozen=True)
class Explanation:
    """A call in words.

    Attributes:
        call: What was sent and what came back.
        path: Its path, with every long id shortened to twelve characters.
        purpose: One sentence.
        cli: The `docker` command that makes the call; empty where none does.
        curl: The `curl` command that makes the call.
    """

    call: Call
    path: str
    purpose: str
    cli: str
    curl: str


def find(call: Call) -> tuple[Endpoint, dict[str, str]] | None:
    """Returns the endpoint of a call and the values in its path, None for an unknown one."""
    for endpoint in ENDPOINTS:
        found = endpoint.pattern.match(call.path) if endpoint.method == call.method else None
        if found and all(call.parameter(name) not in FALSE for name in endpoint.when):
            return endpoint, found.groupdict()
    return None


def explain(calls: Sequence[Call]) -> tuple[Explanation, ...]:
    """Explains the calls of one trace; later ones know the names that earlier ones gave."""
    names = names_in(calls)
    return tuple(_explain(call, calls, names) for call in calls)


def names_in(calls: Iterable[Call]) -> Mapping[str, str]:
    """Returns id → name of the objects that the calls created or inspected.

    A container that was created without a name keeps its id: the engine's invention, another one
    in each run, would only lead astray.
    """
    names: dict[str, str] = {}
    nameless = set()
    for call in calls:
        name = call.parameter("name") or _body_name(call) or call.reply_name
        if call.path == "/containers/create" and not name:
            nameless.add(call.reply_id)
        elif call.reply_id and name and not call.path.startswith(("/exec", "/images")):
            names[call.reply_id] = name
    return {key: name for key, name in names.items() if key not in nameless}


def _body_name(call: Call) -> str:
    name = call.body.get("Name") if isinstance(call.body, dict) else ""
    return name if isinstance(name, str) else ""


def _explain(call: Call, calls: Sequence[Call], names: Mapping[str, str]) -> Explanation:
    path = ID.sub(lambda found: found[0][:12], call.path)
    found = find(call)
    if not found:
        return Explanation(call, path, UNKNOWN, "", curl(call))
    endpoint, params = found
    prepared = _exec_values(params, calls) | changes(call, calls)
    cli = render(endpoint, call, prepared | params, names)
    return Explanation(call, path, endpoint.purpose, cli, curl(call))


def _exec_values(params: dict[str, str], calls: Sequence[Call]) -> dict[str, Any]:
    """An exec's start carries only an id: command and container are in the call before."""
    wanted = params.get("exec")
    for call in calls:
        if wanted and call.reply_id == wanted and call.path.endswith("/exec"):
            return {**flatten(call), "container": call.path.split("/")[2]}
    return {}
