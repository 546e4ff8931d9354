from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping

from docker.types import RestartPolicy

from course.checks import At, Lab
from course.checks.answers import has_dots, need, text_of
from course.checks.make_service import remove_services, until
from course.checks.make_swarm import whole
from course.checks.swarm_service import ServiceAt, need_swarm, service

NAMES = ("ash", "birch", "cedar", "elm")
SET = 'lab.task("12a.4")'
NOWHERE, ABSENT = "node.labels.shelf==top", "orchard:ripe"
REASONS = {
    "image": "the image is not there",
    "place": "no node is allowed to run it",
    "program": "the image has no such program",
    "exit": "its program ended with an error",
}


def check(at: At, answer: object) -> str:
    need_swarm(at, SET)
    found = {name: one for name in NAMES if (one := service(at, name))}
    if len(found) < len(NAMES):
        at.not_attempted("The services of this task are not all there. Set the stage.", SET)
    given = taken(answer)
    for name in NAMES:
        judge(at, name, given.get(name, ""), reason(found[name]))
    return "Four services with no running task, and the swarm had told the reason of each."


def taken(answer: object) -> dict[str, str]:
    given = answer if isinstance(answer, Mapping) else pairs(text_of(answer))
    if answer is None or has_dots(set(given.values())):
        need("12a.4", None, "one of image, place, program, exit for each service")
    return {str(name): str(why).strip().lower() for name, why in given.items()}


def pairs(text: str) -> dict[str, str]:
    """Reads what a terminal gives: `{"ash": "image", …}`, or `ash=image …`."""
    found = re.findall(rf"\b({'|'.join(NAMES)})\b[\s\"':=]+([a-z]+|\.\.\.|…)", text.lower())
    return dict(found)


def judge(at: At, name: str, said: str, truth: str) -> None:
    look = f"docker service ps --no-trunc {name}"
    if not said:
        at.not_yet(f"Your answer says nothing about `{name}`. It names all four.", look)
    if said not in REASONS:
        at.not_yet(f"`{said[:20]}` is none of the four words: {', '.join(REASONS)}.", SET)
    if said != truth:
        at.not_yet(f"`{name}`: it is not that {REASONS[said]}. Read its tasks' errors.", look)


def reason(one: ServiceAt) -> str:
    if one.spec["TaskTemplate"].get("Placement", {}).get("Constraints"):
        return "place"
    if one.image == ABSENT:
        return "image"
    return "exit" if one.container["Command"][0] == "sh" else "program"


def setup(lab: Lab) -> None:
    whole(lab)
    remove_services(lab, *NAMES)
    # Who plays which part is drawn by lot, so that no name tells.
    names = random.sample(NAMES, len(NAMES))
    once = RestartPolicy("none")  # what failed stays as it is, to be looked at
    create = lab.client.services.create
    create(ABSENT, name=names[0], restart_policy=once)
    create("alpine", ["sleep", "7200"], name=names[1], constraints=[NOWHERE])
    create("alpine", ["sleeep", "7200"], name=names[2], restart_policy=once)
    create("alpine", ["sh", "-c", f"exit {random.randint(3, 90)}"], name=names[3],
           restart_policy=once)  # fmt: skip
    until("each service has told why", lambda: all(has_told(lab, name) for name in NAMES))


def has_told(lab: Lab, name: str) -> bool:
    return any(task["Status"].get("Err") for task in lab.client.services.get(name).tasks())


def errors(lab: Lab, name: str) -> str:
    return " ".join(task["Status"].get("Err", "") for task in lab.client.services.get(name).tasks())


def solve(lab: Lab) -> object:
    clues = {"No such image": "image", "no suitable node": "place", "non-zero exit": "exit"}
    said = {name: errors(lab, name) for name in NAMES}
    return {
        name: next((word for clue, word in clues.items() if clue in text), "program")
        for name, text in said.items()
    }


def as_text(lab: Lab) -> object:
    return json.dumps(solve(lab))


def in_short(lab: Lab) -> object:
    right = solve(lab)
    assert isinstance(right, dict)
    return ", ".join(f"{name} {why}" for name, why in right.items())


def swapped(lab: Lab) -> object:
    right = solve(lab)
    assert isinstance(right, dict)
    turn = {"exit": "program", "program": "exit"}
    return {name: turn.get(why, why) for name, why in right.items()}


def three_only(lab: Lab) -> object:
    right = solve(lab)
    assert isinstance(right, dict)
    return {name: right[name] for name in NAMES[:3]}


def own_words(lab: Lab) -> object:
    return dict.fromkeys(NAMES, "crashed")


RIGHT = (as_text, in_short)
WRONG = (
    (swapped, "Read its tasks' errors"),
    (three_only, "says nothing about `elm`"),
    (own_words, "none of the four words"),
)
