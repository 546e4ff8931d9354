from __future__ import annotations

from docker.errors import APIError

from course.checks import At, Lab
from course.checks.make_service import form, remove_services, running, serve, until
from course.checks.make_swarm import leave, start_anew, whole
from course.checks.swarm import NODES, MemberAt, all_managers, state_of
from course.checks.swarm_service import service

SET, NAME, COUNT = 'lab.task("12a.6")', "bank", 2
MARK = {"course.stage": "12a.6"}


def check(at: At) -> str:
    info = at.info()
    if info and info["Swarm"]["LocalNodeState"] != "active":
        at.not_attempted(
            "`node1` is in no swarm, and with that all is lost that it knew. Set the stage anew.",
            SET,
        )
    if info is None or waits(at):
        at.not_attempted("`node1` still waits for managers that will not come.", "docker node ls")
    bank = service(at, NAME)
    if bank is None or bank.labels != MARK:
        at.not_yet(
            f"There is a swarm, but not the service `{NAME}` that the old one had. A new swarm "
            "knows nothing: what was lost is still on the disk of `node1`, if it has not left.",
            SET,
        )
    all_managers(at)
    if len(bank.running) < COUNT:
        at.not_yet(
            f"{len(bank.running)} of {COUNT} tasks of `{NAME}` run.", f"docker service ps {NAME}"
        )
    return f"Three managers again, and they know of `{NAME}` what the old three knew."


def waits(at: At) -> bool:
    """Whether node1 counts on the votes of managers that have burnt.

    It takes it half a minute to notice. Until then it answers from memory, or not at all.
    """
    try:
        found = at.ask(lambda api: list(api.nodes()))
    except APIError as error:
        return "leader" in str(error)
    asked = [MemberAt(attrs) for attrs in found or ()]
    votes = [one for one in asked if one.attrs.get("ManagerStatus")]
    burnt = [name for name in NODES[1:] if state_of(at, name) == "inactive"]
    return found is None or any(one.name in burnt and one.state != "down" for one in votes)


def setup(lab: Lab) -> None:
    whole(lab)
    remove_services(lab, NAME)
    serve(lab, NAME, "alpine", ["sleep", "7200"], COUNT, labels=MARK, init=True)
    for node in lab.nodes[1:]:
        node.forget_swarm()


def forget_the_dead(lab: Lab) -> None:
    until("the dead are removed", lambda: not lab.run("docker node rm --force node2 node3")[0])


def runs(lab: Lab) -> None:
    until(f"{NAME} runs", lambda: running(lab.client.services.get(NAME)) == COUNT)


def solve(lab: Lab) -> None:
    start_anew(lab)
    forget_the_dead(lab)
    form(lab)
    until("three managers take part", lambda: taking_part(lab) == 3)
    runs(lab)


def taking_part(lab: Lab) -> int:
    found = [one.attrs.get("ManagerStatus", {}) for one in lab.client.nodes.list()]
    return sum(one.get("Reachability") == "reachable" for one in found)


def alone(lab: Lab) -> None:
    start_anew(lab)
    forget_the_dead(lab)


def dead_still_listed(lab: Lab) -> None:
    start_anew(lab)
    form_again(lab)


def form_again(lab: Lab) -> None:
    token = lab.client.api.inspect_swarm()["JoinTokens"]["Manager"]
    first, *others = lab.nodes
    for node in others:
        options = {"join_token": token, "advertise_addr": node.address}
        node.client.swarm.join(remote_addrs=[first.address], **options)
    until("three nodes are ready", lambda: ready(lab) == 3)


def ready(lab: Lab) -> int:
    found = [one.attrs for one in lab.client.nodes.list()]
    told = [one for one in found if one["Description"].get("Hostname")]
    return sum(one["Status"]["State"] == "ready" for one in told)


def a_new_swarm(lab: Lab) -> None:
    leave(lab.nodes[0])
    form(lab)


WRONG = (
    (alone, "`node2` is in no swarm"),
    (dead_still_listed, "still lists an earlier"),
    (a_new_swarm, "not the service `bank`"),
)
