from __future__ import annotations

import random
import re
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.answers import need, text_of
from course.checks.make_network import make_network
from course.checks.network import networks_of
from course.checks.stage import make, remove, start

MARK = {"course.stage": "6.2"}
NETWORKS = ("north", "south", "east")
OTHERS = ("bob", "cleo", "dan", "eve", "finn", "gus")
SET = 'lab.task("6.2")'
TABLE = "docker network inspect north"


def check(at: At, answer: object) -> str:
    found = {name: one for name in ("ada", *OTHERS) if (one := at.find(name))}
    if len(found) < 1 + len(OTHERS):
        at.not_attempted("The containers of this task are not all there. Set the stage.", SET)
    need("6.2", answer, "the names of those that `ada` can reach")
    given = names(answer)
    reach = reached(found)
    for name in sorted(given - reach):
        refuse(at, name, found)
    if given != reach:
        at.not_yet(
            "Those are right, and there are more. Go through each network that `ada` is on.", TABLE
        )
    return "Who shares a network with `ada`, and runs, can be reached. Nobody else can."


def names(answer: object) -> set[str]:
    parts = answer if isinstance(answer, (set, frozenset, list, tuple)) else [text_of(answer)]
    return {word for part in parts for word in re.split(r"[\s,;'\"{}()\[\]]+", str(part)) if word}


def reached(found: dict[str, ContainerAt]) -> set[str]:
    ada = networks_of(found["ada"])
    others = [one for name, one in found.items() if name != "ada"]
    return {one.name for one in others if one.status == "running" and networks_of(one) & ada}


def refuse(at: At, name: str, found: dict[str, ContainerAt]) -> None:
    if name == "ada":
        at.not_yet("`ada` asks; the answer is about the others.", SET)
    if name not in found:
        at.not_yet(f"`{name[:40]}` is none of the containers of this task.", "docker ps -a")
    look, theirs, ada = (
        f"docker inspect {name}",
        networks_of(found[name]),
        networks_of(found["ada"]),
    )
    if theirs & ada:
        at.not_yet(
            f"`{name}` shares a network with `ada`, but is {found[name].status}: nobody answers.",
            "docker ps -a",
        )
    if not theirs:
        at.not_yet(f"`{name}` has no network at all, only itself.", look)
    if theirs == {"bridge"}:
        at.not_yet(f"`{name}` is on the default bridge, and `ada` is not.", look)
    at.not_yet(
        f"`{name}` shares no network with `ada`. Somebody may be on a network of each of them, "
        "but that is no road between the two.",
        look,
    )


def setup(lab: Lab) -> None:
    remove(lab, "ada", *OTHERS)
    _, south, east = (make_network(lab, name) for name in NETWORKS)
    # Who plays which part is drawn by lot, so that no name tells.
    first, between, far, alone, default, ended = random.sample(OTHERS, len(OTHERS))
    run(lab, "ada", network="north")
    south.connect("ada")
    run(lab, first, network="north")
    run(lab, between, network="south")
    east.connect(between)
    run(lab, far, network="east")
    run(lab, alone, network="none")
    run(lab, default)
    make(lab, ended, "busybox", ["sleep", "3600"], labels=MARK, network="north")


def run(lab: Lab, name: str, **options: Any) -> None:
    start(lab, name, "busybox", ["sleep", "3600"], labels=MARK, **options)


def solve(lab: Lab) -> object:
    ada = lab.client.containers.get("ada")
    return {name for name in OTHERS if ada.exec_run(f"ping -c 1 -W 1 {name}").exit_code == 0}


def on(lab: Lab, *networks: str, status: str = "running") -> set[str]:
    """Returns the others that hang on exactly these networks."""
    everybody = lab.client.containers.list(all=True, filters={"status": status})
    return {
        str(one.name)
        for one in everybody
        if one.name in OTHERS and set(one.attrs["NetworkSettings"]["Networks"]) == set(networks)
    }


def neighbour_of_neighbour(lab: Lab) -> object:
    return on(lab, "north") | on(lab, "south", "east") | on(lab, "east")


def not_running(lab: Lab) -> object:
    return on(lab, "north") | on(lab, "north", status="created")


def without_network(lab: Lab) -> object:
    return ", ".join(on(lab, "none"))


def default_bridge(lab: Lab) -> object:
    return list(on(lab, "bridge"))


def first_network_only(lab: Lab) -> object:
    return on(lab, "north")


def herself(lab: Lab) -> object:
    return {"ada"} | on(lab, "north")


def addresses(lab: Lab) -> object:
    return "172.18.0.2"


WRONG = (
    (neighbour_of_neighbour, "no road between"),
    (not_running, "but is created"),
    (without_network, "no network at all"),
    (default_bridge, "default bridge"),
    (first_network_only, "there are more"),
    (herself, "`ada` asks"),
    (addresses, "none of the containers"),
)
