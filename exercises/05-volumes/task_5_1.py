from __future__ import annotations

import secrets

from course.checks import At, Lab
from course.checks.answers import need
from course.checks.make_volume import remove_volumes
from course.checks.stage import make, remove
from course.checks.volume import MountAt, mounts

MARK = {"course.stage": "5.1"}
NAMES = ("alder", "birch", "cedar", "hazel", "rowan")
VOLUMES = tuple(f"crate-{number}" for number in range(1, 10))
SET = 'lab.task("5.1")'
LOOK = "docker inspect --format '{{json .Mounts}}' alder"
# Where each has its two volumes. That two have the same path says nothing, in either way.
PATHS = {
    "alder": ("/data", "/cache"),
    "birch": ("/cache", "/data"),
    "cedar": ("/data", "/spool"),
    "hazel": ("/store", "/data"),
    "rowan": ("/spool", "/data"),
}


def check(at: At, answer: object) -> str:
    have = found(at)
    need("5.1", answer, "the names of the containers that share a volume")
    given = names(answer)
    for name in given:
        if name not in NAMES:
            at.not_yet(f"`{name[:40]}` is none of the five.", "docker ps -a")
    sharing = sharers(have)
    if len(given) < 2:
        at.not_yet("It takes at least two to share.", LOOK)
    judge(at, have, given, sharing)
    together = ", ".join(f"`{name}`" for name in sorted(sharing))
    return f"{together}: one volume, wherever each of them has it mounted."


def judge(at: At, have: dict[str, dict[str, MountAt]], given: set[str], sharing: set[str]) -> None:
    for name in sorted(given - sharing):
        pairs = ((name, other, path) for other in sorted(given - {name}) for path in have[name])
        for one, other, path in pairs:
            if path in have[other]:
                at.not_yet(
                    f"`{one}` and `{other}` both have a volume at `{path}`: the same path, and "
                    "two volumes. A volume is told by its name.",
                    LOOK,
                )
        at.not_yet(f"What `{name}` has, no other of the five has.", LOOK)
    if given < sharing:
        at.not_yet("These do share a volume, and they are not all that have it.", LOOK)


def found(at: At) -> dict[str, dict[str, MountAt]]:
    have = {
        name: one for name in NAMES if (one := at.find(name)) and MARK.items() <= one.labels.items()
    }
    if len(have) < len(NAMES):
        at.not_attempted("The containers of this task are not all there. Set the stage.", SET)
    return {name: mounts(one) for name, one in have.items()}


def sharers(have: dict[str, dict[str, MountAt]]) -> set[str]:
    of: dict[str, set[str]] = {}
    for name, mounted in have.items():
        for mount in mounted.values():
            of.setdefault(mount.volume, set()).add(name)
    return max(of.values(), key=len)


def names(answer: object) -> set[str]:
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if isinstance(answer, (set, frozenset, list, tuple)):
        return {str(part).strip().lstrip("/") for part in answer}
    return {str(answer)}


def setup(lab: Lab) -> None:
    remove(lab, *NAMES)
    remove_volumes(lab, *VOLUMES)
    chance = secrets.SystemRandom()
    sharing = chance.sample(NAMES, chance.choice((2, 3)))
    crates = iter(chance.sample(VOLUMES, len(VOLUMES)))
    shared = next(crates)
    for name, (first, second) in PATHS.items():
        volumes = [
            f"{next(crates)}:{first}",
            f"{shared if name in sharing else next(crates)}:{second}",
        ]
        make(lab, name, "busybox", ["true"], volumes=volumes, labels=MARK)


def solve(lab: Lab) -> object:
    of: dict[str, set[str]] = {}
    for name in NAMES:
        for mount in lab.client.containers.get(name).attrs["Mounts"]:
            of.setdefault(mount["Name"], set()).add(name)
    return next(found for found in of.values() if len(found) > 1)


def only_one(lab: Lab) -> object:
    return min(solve(lab))  # type: ignore[call-overload]


def all_of_them(lab: Lab) -> object:
    return NAMES


def one_is_missing(lab: Lab) -> object:
    shared = next(iter(solve(lab)))  # type: ignore[call-overload]
    three = [name for name in NAMES if name != shared][:2]
    volume = next(
        mount["Name"]
        for mount in lab.client.containers.get(shared).attrs["Mounts"]
        if mount["Destination"] == PATHS[shared][1]
    )
    for name in three:
        old = lab.client.containers.get(name)
        own = next(m["Name"] for m in old.attrs["Mounts"] if m["Destination"] == PATHS[name][0])
        volumes = [f"{own}:{PATHS[name][0]}", f"{volume}:{PATHS[name][1]}"]
        make(lab, name, "busybox", ["true"], volumes=volumes, labels=MARK)
    return [shared, three[0]]


def not_a_container(lab: Lab) -> object:
    return ["alder", lab.client.containers.get("alder").attrs["Mounts"][0]["Name"]]


WRONG = (
    (only_one, "at least two"),
    (all_of_them, "the same path"),
    (one_is_missing, "not all that have it"),
    (not_a_container, "none of the five"),
)
