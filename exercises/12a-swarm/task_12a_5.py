from __future__ import annotations

from course.checks import At, Lab
from course.checks.make_service import remove_services, running, serve, until
from course.checks.make_swarm import change_member, leave, whole
from course.checks.swarm import LS, MemberAt, members
from course.checks.swarm_service import ServiceAt, need_swarm, service

SET, NAME, NODE, COUNT = 'lab.task("12a.5")', "ledger", "node3", 3
PS = f"docker service ps {NAME}"


def check(at: At) -> str:
    need_swarm(at, SET)
    found = {one.name: one for one in members(at)}
    ledger = service(at, NAME)
    if ledger is None:
        at.not_attempted(f"There is no service `{NAME}`. Set the stage first.", SET)
    patient = found.get(NODE)
    if patient is None:
        at.not_yet(f"`{NODE}` is no longer in the swarm. It is to stay in it.", LS)
    there = [task for task in ledger.running if task["NodeID"] == patient.id]
    check_node(at, patient, len(there))
    check_tasks(at, ledger, len(there))
    return f"`{NODE}` holds nothing any more, `{NAME}` goes on with {COUNT} tasks: switch it off."


def check_node(at: At, patient: MemberAt, tasks: int) -> None:
    if patient.state != "ready":
        at.not_yet(
            f"`{NODE}` is {patient.state}. The swarm noticed only then that it had to act: for "
            f"some seconds `{NAME}` had too few tasks. Tell it beforehand.",
            LS,
        )
    if patient.availability == "active" and patient.is_manager and tasks:
        at.not_attempted(f"`{NODE}` is active, and has a task of `{NAME}`.", LS)
    if not patient.is_manager:
        at.not_yet(f"`{NODE}` is a worker now. Workers run tasks just as managers do.", LS)
    if patient.availability == "pause":
        at.not_yet(f"`{NODE}` is paused: it gets no new task, but keeps those that it has.", LS)
    if patient.availability != "drain":
        at.not_yet(f"Nothing keeps the swarm from giving `{NODE}` a task: it is active.", LS)


def check_tasks(at: At, ledger: ServiceAt, there: int) -> None:
    wanted = ledger.spec["Mode"].get("Replicated", {}).get("Replicas")
    if wanted != COUNT:
        at.not_yet(f"`{NAME}` is to have {COUNT} tasks; it now wants {wanted or 0}.", PS)
    if there or len(ledger.running) < COUNT:
        at.not_yet(f"The tasks are on their way: {len(ledger.running)} of {COUNT} run.", PS)


def setup(lab: Lab) -> None:
    whole(lab)
    remove_services(lab, NAME)
    serve(lab, NAME, "alpine", ["sleep", "7200"], COUNT, init=True)


def drain(lab: Lab) -> None:
    change_member(lab, NODE, Availability="drain")
    until("the tasks have moved", lambda: moved(lab))


def moved(lab: Lab) -> bool:
    ledger, node = lab.client.services.get(NAME), lab.client.nodes.get(NODE)
    here = ledger.tasks({"desired-state": "running", "node": node.id})
    return not here and running(ledger) >= COUNT


def solve(lab: Lab) -> None:
    drain(lab)


def paused(lab: Lab) -> None:
    change_member(lab, NODE, Availability="pause")


def switched_off(lab: Lab) -> None:
    lab.node(NODE).kill()
    until("the swarm has noticed", lambda: state(lab) == "down")


def state(lab: Lab) -> str:
    return str(lab.client.nodes.get(NODE).attrs["Status"]["State"])


def made_a_worker(lab: Lab) -> None:
    change_member(lab, NODE, Role="worker")


def removed(lab: Lab) -> None:
    drain(lab)
    change_member(lab, NODE, Role="worker")
    leave(lab.node(NODE))
    until("the node is removed", lambda: not lab.run(f"docker node rm --force {NODE}")[0])


def fewer(lab: Lab) -> None:
    lab.run(f"docker service scale --detach {NAME}=2")
    until("a task has ended", lambda: running(lab.client.services.get(NAME)) == 2)
    change_member(lab, NODE, Availability="drain")


def active_again(lab: Lab) -> None:
    drain(lab)
    change_member(lab, NODE, Availability="active")


WRONG = (
    (paused, "keeps those that it has"),
    (switched_off, "Tell it beforehand"),
    (made_a_worker, "Workers run tasks"),
    (removed, "no longer in the swarm"),
    (fewer, "it now wants 2"),
    (active_again, "it is active"),
)
