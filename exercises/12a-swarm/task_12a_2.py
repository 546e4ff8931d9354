from __future__ import annotations

from hashlib import sha256

from course.checks import At, Lab
from course.checks.make_service import until
from course.checks.make_swarm import leave, mark_swarm, rotate, whole
from course.checks.swarm import all_in

SET = 'lab.task("12a.2")'
ROLES = ("Worker", "Manager")
LOOK = "docker swarm join-token worker"


def fingerprint(token: str) -> str:
    """What the swarm's label says of a token: enough to know it again, too little to join."""
    return sha256(token.encode()).hexdigest()[:16]


def check(at: At) -> str:
    if not (at.info() or {})["Swarm"].get("ControlAvailable"):
        at.not_attempted("`node1` manages no swarm now. Set the stage first.", SET)
    found = all_in(at)
    told = at.client.api.inspect_swarm()
    marks = told["Spec"].get("Labels") or {}
    if not marks.get("course.Worker"):
        at.not_attempted("This swarm is not that of the task. Set the stage first.", SET)
    worker, manager = (fingerprint(told["JoinTokens"][role]) == marks[f"course.{role}"]
                       for role in ROLES)  # fmt: skip
    if worker and manager:
        at.not_attempted("Both tokens are still those that the stage had.", LOOK)
    if worker:
        at.not_yet(
            "You have replaced the token for managers. The one on the slide, for workers, still "
            "lets anybody in.",
            LOOK,
        )
    if not manager:
        at.not_yet(
            "The token for workers is new, as it should be. But so is the one for managers, and "
            "the colleague's no longer works.",
            "docker swarm join-token manager",
        )
    return f"The old token opens nothing any more, and all {len(found)} nodes have stayed."


def setup(lab: Lab) -> None:
    whole(lab)
    tokens = lab.client.api.inspect_swarm()["JoinTokens"]
    mark_swarm(lab, {f"course.{role}": fingerprint(tokens[role]) for role in ROLES})


def solve(lab: Lab) -> None:
    rotate(lab, "worker")


def the_other_one(lab: Lab) -> None:
    rotate(lab, "manager")


def both(lab: Lab) -> None:
    rotate(lab, "worker", "manager")


def a_node_thrown_out(lab: Lab) -> None:
    rotate(lab, "worker")
    lab.client.api.update_node(*demoted(lab))
    leave(lab.nodes[2])
    until("node3 is gone", lambda: gone(lab))


def demoted(lab: Lab) -> tuple[str, int, dict[str, object]]:
    node = lab.client.api.inspect_node("node3")
    return node["ID"], node["Version"]["Index"], node["Spec"] | {"Role": "worker"}


def gone(lab: Lab) -> bool:
    code, _ = lab.run("docker node rm --force node3 || ! docker node inspect node3")
    return code == 0


WRONG = (
    (the_other_one, "still lets anybody in"),
    (both, "colleague's no longer works"),
    (a_node_thrown_out, "`node3` is in no swarm"),
)
