from __future__ import annotations

from docker.types import ServiceMode

from course.checks import At, Lab
from course.checks.make_service import remove_services, running, until
from course.checks.make_swarm import change_member, whole
from course.checks.swarm import members
from course.checks.swarm_service import ServiceAt, need_swarm, service

SET, NAME, RULE = 'lab.task("12a.3")', "archive", "node.labels.disk==ssd"
FAST, MISSPELT = {"disk": "ssd"}, {"disk": "sdd"}
WHY = f"docker service ps --no-trunc {NAME}"
LABELS = 'docker node inspect --format "{{.Spec.Labels}}" node1 node2 node3'


def check(at: At) -> str:
    need_swarm(at, SET)
    labels = {one.name: one.labels for one in members(at)}
    archive = service(at, NAME)
    if archive is None:
        at.not_attempted(f"There is no service `{NAME}`. Set the stage first.", SET)
    check_service(archive)
    if labels.get("node1", {}).get("disk") == "ssd":
        at.not_yet("The swarm takes `node1` for one with a fast disk, and it has none.", LABELS)
    wrong = [name for name in ("node2", "node3") if labels.get(name, {}).get("disk") != "ssd"]
    if len(wrong) == 2 and not archive.running:
        at.not_attempted(f"No node is right for `{NAME}` yet: its tasks are pending.", WHY)
    for name in wrong:
        at.not_yet(f"`{name}` has a fast disk, and the swarm does not know it.", LABELS)
    if len(archive.running) < 2:
        at.not_yet(f"The labels are right. {len(archive.running)} of 2 tasks run by now.", WHY)
    return "The swarm now knows which disks are fast, and has placed what waited for them."


def check_service(archive: ServiceAt) -> None:
    rules = (archive.spec["TaskTemplate"].get("Placement") or {}).get("Constraints") or []
    if [rule.replace(" ", "") for rule in rules] != [RULE]:
        archive.not_yet(f"`{NAME}` no longer insists on a fast disk, so it may be anywhere.")
    wanted = archive.spec["Mode"].get("Replicated", {}).get("Replicas")
    if wanted != 2:
        archive.not_yet(f"`{NAME}` is to have 2 tasks; it now wants {wanted or 0}.")


def setup(lab: Lab) -> None:
    whole(lab)
    remove_services(lab, NAME)
    for name, labels in (("node1", {}), ("node2", MISSPELT), ("node3", {})):
        change_member(lab, name, Labels=labels)
    mode = ServiceMode("replicated", 2)
    lab.client.services.create(
        "alpine", ["sleep", "7200"], name=NAME, mode=mode, constraints=[RULE], init=True
    )
    until(f"the tasks of {NAME} wait", lambda: waiting(lab) == 2)


def waiting(lab: Lab) -> int:
    tasks = lab.client.services.get(NAME).tasks()
    return sum("no suitable node" in task["Status"].get("Err", "") for task in tasks)


def label(lab: Lab, *names: str) -> None:
    for name in names:
        change_member(lab, name, Labels=FAST)
    until(f"{NAME} runs", lambda: running(lab.client.services.get(NAME)) == 2)


def solve(lab: Lab) -> None:
    label(lab, "node2", "node3")


def on_one_only(lab: Lab) -> None:
    label(lab, "node3")


def on_all(lab: Lab) -> None:
    label(lab, "node1", "node2", "node3")


def rule_taken_away(lab: Lab) -> None:
    lab.run(f"docker service update --detach --constraint-rm {RULE} {NAME}")


def fewer(lab: Lab) -> None:
    lab.run(f"docker service scale --detach {NAME}=1")


WRONG = (
    (on_one_only, "`node2` has a fast disk"),
    (on_all, "takes `node1` for one"),
    (rule_taken_away, "may be anywhere"),
    (fewer, "it now wants 1"),
)
