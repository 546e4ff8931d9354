"""Payloads recorded from real engines (tests/payloads), by `GET` of the API they name."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from course.watch import parse
from course.watch.state import Container, Event, State

FOLDER = Path(__file__).parent.parent / "payloads"
ENGINES = sorted(path.stem for path in FOLDER.glob("engine-*.json"))
PREFIX = "course-rec-"


def load(engine: str = "engine-20.10") -> dict[str, Any]:
    return json.loads((FOLDER / f"{engine}.json").read_text(encoding="utf-8"))


def container(name: str, engine: str = "engine-20.10") -> Container:
    return parse.container(load(engine)["containers"][name])


def events(engine: str = "engine-20.10") -> tuple[Event, ...]:
    return tuple(parse.event(entry) for entry in load(engine)["events"])


def recorded(engine: str = "engine-20.10") -> State:
    """All of a recorded engine as one State."""
    data = load(engine)
    return State(
        containers=parse.oldest_first(map(parse.container, data["containers"].values())),
        images=tuple(map(parse.image, data["images"])),
        networks=tuple(map(parse.network, data["networks"])),
        volumes=tuple(map(parse.volume, data["volumes"])),
        events=events(engine),
        connected=True,
        seq=1,
    )


WIRED = sorted(path.stem for path in FOLDER.glob("wiring-*.json"))


def wired(engine: str = "wiring-26.1") -> State:
    """A recorded engine with networks of all kinds and mounts of all kinds."""
    data = load(engine)
    return State(
        containers=parse.oldest_first(map(parse.container, data["containers"].values())),
        networks=tuple(map(parse.network, data["networks"])),
        volumes=tuple(map(parse.volume, data["volumes"])),
        connected=True,
        seq=1,
    )


COMPOSED = sorted(path.stem for path in FOLDER.glob("compose-*.json"))
RESTARTED = sorted(path.stem for path in FOLDER.glob("restarts-*.json"))


def composed(moment: str = "up", engine: str = "compose-26.1") -> State:
    """An engine with a Compose project: up, later (scaled, one stopped), stop, down."""
    return _state(load(engine)[moment])


def restarted(engine: str = "restarts-26.1") -> State:
    """An engine on which containers ended in all ways, under all restart policies."""
    return _state(load(engine))


def _state(data: dict[str, Any]) -> State:
    return State(
        containers=parse.oldest_first(map(parse.container, data["containers"].values())),
        networks=tuple(map(parse.network, data["networks"])),
        volumes=tuple(map(parse.volume, data["volumes"])),
        events=tuple(map(parse.event, data.get("events", ()))),
        connected=True,
        seq=1,
    )


def crowd(count: int) -> State:
    """`count` containers in all states, made from one recorded container."""
    one = container("web")
    states = ("running", "exited", "paused", "created", "restarting")
    made = (
        replace(one, id=f"{i:064x}", name=f"web-{i:03d}", state=states[i % 5], exit_code=i % 3)
        for i in range(count)
    )
    return State(containers=tuple(made), events=events(), connected=True, seq=1)
