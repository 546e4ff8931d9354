"""Swarms as a real one was at some moments (tests/payloads/swarm-*.json), and larger ones made."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from recordings import load

from course.watch import swarm_parse as parse
from course.watch.swarm import Host, Living, Member, Swarm
from course.watch.swarm_task import Opening, Service, Task

ENGINE = "swarm-26.1"
BEFORE = {"lost": "down"}  # what the managers told last, where they tell nothing any more


def payload(moment: str, engine: str = ENGINE) -> dict[str, Any]:
    found: dict[str, Any] = load(engine)["moments"][moment]
    return found


def swarm(moment: str, engine: str = ENGINE) -> Swarm:
    """A recorded moment: inactive, formed, rest, scaled, updating, rolling-back, down, lost …"""
    data = payload(moment, engine)
    told = payload(BEFORE.get(moment, moment), engine)
    rows = {
        "members": parse.Rows(parse.member),
        "services": parse.Rows(parse.service),
        "tasks": parse.Rows(parse.task),
    }
    keys = ("nodes", "services", "tasks")
    taken = [
        rows[name].take(json.dumps(told.get(key, [])).encode())  # type: ignore[attr-defined]
        for name, key in zip(rows, keys, strict=True)
    ]
    known = {
        name: one["info"]["Swarm"]["NodeID"]
        for earlier in ("formed", moment)
        for name, one in payload(earlier, engine)["hosts"].items()
        if "info" in one
    }
    return Swarm(
        tuple(_host(name, one, known.get(name, "")) for name, one in data["hosts"].items()),
        tuple(sorted(taken[0], key=lambda one: one.name)),
        tuple(sorted(taken[1], key=lambda one: one.name)),
        taken[2],
        answers="nodes" in data,
        asked=data["asked"] if "nodes" in data else "",
        problem=data.get("error", [0, ""])[1],
    )


def _host(name: str, one: dict[str, Any], member: str) -> Host:
    power = "cut" if one["cut"] else "on" if one["on"] else "off"
    made = parse.host(name, one["address"], power, one.get("info"))
    if member and not made.member and power == "off":
        made = replace(made, member=member)
    return replace(made, living=parse.living(one["containers"]) if one["on"] else None)


def many(count: int = 200, nodes: int = 3, turn: int = 0) -> Swarm:
    """A made-up swarm of `count` tasks of four services; each turn moves and changes some."""
    names = [f"node{at + 1}" for at in range(nodes)]
    members = tuple(
        Member(
            f"m{at}", name, role="manager", leader=not at, state="ready", reachability="reachable"
        )
        for at, name in enumerate(names)
    )
    hosts = tuple(
        Host(name, f"10.77.0.{11 + at}", local="active", member=f"m{at}", is_manager=True)
        for at, name in enumerate(names)
    )
    services = tuple(
        Service(f"s{at}", name, wanted=count // 4, image="busybox", template="t")
        for at, name in enumerate(("agent", "api", "shop", "web"))
    )
    tasks = tuple(_task(at, nodes, turn) for at in range(count))
    return Swarm(hosts, members, services, tasks, answers=True, asked="node1")


def _task(at: int, nodes: int, turn: int) -> Task:
    states = ("running", "running", "running", "preparing", "running", "starting")
    return Task(
        f"task{at}",
        f"s{at % 4}",
        slot=at // 4 + 1,
        node=f"m{(at + turn * (at % 7 == 0)) % nodes}",
        state=states[(at + turn) % len(states)],
        created=float(at),
        template="t",
    )


HOSTILE = "</text><script>alert(1)</script>&\"'\x00"


def hostile() -> Swarm:
    """All that an engine could say, in markup."""
    seen = swarm("rest")
    return replace(
        seen,
        hosts=tuple(replace(one, name=HOSTILE + one.name) for one in seen.hosts),
        members=tuple(
            replace(one, name=HOSTILE + one.name, message=HOSTILE, state="down")
            for one in seen.members
        ),
        services=tuple(
            replace(
                one,
                name=HOSTILE + one.name,
                image=HOSTILE,
                update=HOSTILE,
                update_message=HOSTILE,
                ports=(Opening(80, 8080, HOSTILE),),
            )
            for one in seen.services
        ),
        tasks=tuple(replace(one, error=HOSTILE, state=HOSTILE) for one in seen.tasks),
    )


__all__ = ["HOSTILE", "Living", "hostile", "many", "payload", "swarm"]
