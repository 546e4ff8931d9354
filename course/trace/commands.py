"""The single `docker run` that several calls of a trace amount to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from course.trace.call import Call
from course.trace.cli import render
from course.trace.explain import find, names_in

PART_OF_RUN = ("/json", "/start", "/logs", "/attach", "/wait")


@dataclass(frozen=True)
class Command:
    """One command and the numbers of the first and last call that belong to it."""

    cli: str
    first: int
    last: int


def commands(calls: Sequence[Call]) -> tuple[Command, ...]:
    """Finds each create that was followed by a start, and writes it as `docker run`."""
    made = [call for call in calls if call.path == "/containers/create" and call.reply_id]
    found = [_run(call, calls) for call in made]
    return tuple(command for command in found if command)


def _run(create: Call, calls: Sequence[Call]) -> Command | None:
    known = find(create)
    part = _part(create, [call for call in calls if create.reply_id in call.path])
    if not known or not any(call.path.endswith("/start") for call in part):
        return None
    endpoint, params = known
    flags = "" if _attached(create) else " --detach"
    flags += " --rm" if any(call.method == "DELETE" for call in part) else ""
    words = render(endpoint, create, params, names_in(calls))
    cli = words.replace("docker create", f"docker run{flags}", 1)
    return Command(cli, _first(create, calls), max(call.number for call in part))


def _attached(create: Call) -> bool:
    return isinstance(create.body, dict) and bool(create.body.get("AttachStdout"))


def _part(create: Call, later: Sequence[Call]) -> list[Call]:
    """The calls on the container that `run` itself made: a detached one ends with the start."""
    part: list[Call] = []
    for call in later:
        over = any(done.path.endswith("/start") for done in part) and not _attached(create)
        waited = any(done.path.endswith("/wait") for done in part)
        removed = call.method == "DELETE" and waited
        if over or not (call.path.endswith(PART_OF_RUN) or removed):
            break
        part.append(call)
        if removed:
            break
    return part


def _first(create: Call, calls: Sequence[Call]) -> int:
    """A create that failed for want of the image, and the pull, belong to the run too."""
    first = create.number
    for call in reversed(calls[: create.number - 1]):
        lacking = call.path == create.path and call.status == 404 and call.body == create.body
        if not lacking and not call.path.startswith("/images/"):
            break
        first = call.number if lacking else first
    return first
