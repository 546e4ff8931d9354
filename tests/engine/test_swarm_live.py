"""The Swarm view, its tables and its buttons on three real nodes: killed, without quorum, back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from docker.errors import APIError
from docker.types import EndpointSpec, RestartPolicy, ServiceMode, UpdateConfig
from waiting import until

import course
from course.engine.node import Node
from course.errors import CourseError
from course.images.supply import Supply
from course.notebook.lab import Lab
from course.notebook.swarm_actions import SwarmActions
from course.views.swarm import SwarmView
from course.watch.swarm import Swarm

SLEEP = ["sleep", "3600"]
QUICK = UpdateConfig(parallelism=1, monitor=500_000_000)


@pytest.fixture(scope="module")
def lab(have: Supply) -> Iterator[Lab]:
    opened = course.open("12a")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def view(lab: Lab) -> SwarmView:
    shown: Any = lab.swarm()
    return shown


@pytest.fixture(scope="module")
def told(view: SwarmView) -> Callable[[], str]:
    return lambda: view.tell(view.state)


@pytest.fixture(scope="module")
def formed(lab: Lab, view: SwarmView) -> Lab:
    first, *others = lab.nodes
    first.client.swarm.init(advertise_addr=first.address)
    token = first.client.swarm.attrs["JoinTokens"]["Manager"]
    for node in others:
        node.client.swarm.join([first.address], token, advertise_addr=node.address)
    for node in lab.nodes:
        node.client.images.pull("busybox", "latest")
    until(lambda: view.state.value.reachable == 3)
    return lab


def create(lab: Lab, name: str, replicas: int, **more: Any) -> None:
    mode = ServiceMode("replicated", replicas)
    spec = {"command": SLEEP, "init": True, "mode": mode, "update_config": QUICK} | more
    spec["rollback_config"] = QUICK
    lab.client.services.create("busybox", name=name, **spec)


def on(swarm: Swarm, name: str) -> set[str]:
    """The nodes on which tasks of a service run."""
    names = {member.id: member.name for member in swarm.members}
    service = swarm.service(name)
    assert service
    return {names[task.node] for task in swarm.tasks_of(service) if task.runs}


def test_three_bare_engines(lab: Lab, told: Callable[[], str]) -> None:
    until(lambda: told() == "; ".join(f"node{at} not in a swarm" for at in (1, 2, 3)))
    for ask in (lab.members, lab.services, lab.tasks, lab.converge):
        with pytest.raises(CourseError, match="None of the lab's nodes is in a swarm"):
            ask()


def test_a_swarm_is_formed(formed: Lab, told: Callable[[], str]) -> None:
    wanted = (
        "node1 manager, leader, ready; node2 manager, ready; node3 manager, ready; "
        "3 of 3 managers reachable, 2 needed"
    )
    until(lambda: told() == wanted)
    table = formed.members()
    assert list(table["HOSTNAME"]) == ["node1", "node2", "node3"]
    assert list(table["MANAGER STATUS"]) == ["Leader", "Reachable", "Reachable"]


def test_services_tasks_and_waiting(formed: Lab, told: Callable[[], str]) -> None:
    create(formed, "web", 3, endpoint_spec=EndpointSpec(ports={8081: 80}))
    assert formed.converge(timeout=30) > 0
    assert list(formed.services()["REPLICAS"]) == ["3/3"]
    assert list(formed.services()["PORTS"]) == ["*:8081->80/tcp"]
    assert list(formed.tasks("web")["NAME"]) == ["web.1", "web.2", "web.3"]
    until(lambda: "web 3 of 3" in told())
    with pytest.raises(CourseError, match="no service of this name; it has web"):
        formed.tasks("nosuch")


def test_what_keeps_a_service_from_running_is_told(formed: Lab, told: Callable[[], str]) -> None:
    create(formed, "picky", 1, constraints=["node.labels.zone==moon"])
    until(lambda: "1 task of picky waiting: no suitable node (scheduling constraints" in told())
    with pytest.raises(CourseError, match=r"pending \(no suitable node \(scheduling constraints"):
        formed.converge("picky", timeout=1)
    formed.client.services.get("picky").remove()
    policy = RestartPolicy("any", delay=500_000_000)
    create(formed, "crasher", 1, command=["sh", "-c", "exit 3"], restart_policy=policy)
    until(lambda: sum(formed.tasks("crasher")["NAME"].str.startswith(" \\_ ")) >= 2)
    assert '"task: non-zero exit (3)"' in set(formed.tasks("crasher")["ERROR"])
    formed.client.services.get("crasher").remove()
    until(lambda: "crasher" not in told())


def test_the_buttons_actions(formed: Lab, view: SwarmView, told: Callable[[], str]) -> None:
    act = view.act
    assert act
    before = set(formed.tasks("web")["ID"])
    act("scale up", "web")
    assert formed.converge("web") < 20
    until(lambda: "web 4 of 4" in told())
    assert before < set(formed.tasks("web")["ID"]), "scaling replaced tasks"
    act("scale down", "web")
    act("drain", "node3")
    formed.converge()
    until(lambda: "node3" not in on(view.state.value, "web"))
    until(lambda: "node3 manager, drain: takes no tasks" in told())
    act("activate", "node3")
    act("demote", "node3")
    until(lambda: "node3 worker, ready" in told() and "2 of 2 managers" in told(), seconds=30)
    act("promote", "node3")
    until(lambda: "node3 manager, ready" in told() and "3 of 3 managers" in told(), seconds=20)
    act("update", "web")
    until(lambda: ", updating " in told())
    formed.converge("web")
    until(lambda: "web 3 of 3, updated" in told())
    act("roll back", "web")
    formed.converge("web")
    until(lambda: "web 3 of 3, rolled back" in told())
    with pytest.raises(CourseError, match="Tried to scale up nosuch"):
        act("scale up", "nosuch")


def test_an_action_that_another_one_comes_before_is_done_again(
    formed: Lab, view: SwarmView
) -> None:
    act = SwarmActions(formed.nodes, lambda: view.state.value)
    both = [threading.Thread(target=act, args=("scale up", "web")) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    formed.converge("web")
    assert list(formed.services()["REPLICAS"]) == ["5/5"]
    act("scale down", "web")
    act("scale down", "web")
    formed.converge("web")


def test_a_node_is_killed_and_its_tasks_move(
    formed: Lab, view: SwarmView, told: Callable[[], str]
) -> None:
    assert view.act
    view.act("kill", "node2")
    until(lambda: "node2 manager" in told() and "switched off" in told())
    until(lambda: "switched off, down" in told(), seconds=40)
    formed.converge(timeout=40)
    until(lambda: "web 3 of 3" in told())
    assert on(view.state.value, "web") == {"node1", "node3"}
    assert "2 of 3 managers reachable" in told()


def test_quorum_lost_is_told_and_the_last_known_is_kept(
    formed: Lab, view: SwarmView, told: Callable[[], str]
) -> None:
    services = view.state.value.services
    tasks = {task.id for task in view.state.value.tasks}
    formed.node("node1").kill()  # the leader
    until(lambda: told().startswith("No quorum: nothing can be changed."), seconds=30)
    seen = until(lambda: _asked(view.state.value), seconds=30)
    assert "1 of 3 managers reachable, 2 needed" in told()
    assert [one.name for one in seen.services] == [one.name for one in services]
    assert {task.id for task in seen.tasks} == tasks
    living = seen.hosts[2].living
    assert living
    assert {one.name.partition(".")[0] for one in living} == {"web"}
    start = time.monotonic()
    with pytest.raises(CourseError, match="2 are needed"):
        formed.members()
    assert time.monotonic() - start < 10, "somebody waited for a dead manager"


def _asked(swarm: Swarm) -> Swarm | None:
    return swarm if swarm.hosts[2].living else None


def test_the_quorum_comes_back(formed: Lab, view: SwarmView, told: Callable[[], str]) -> None:
    assert view.act
    for name in ("node1", "node2"):
        view.act("bring back", name)
    assert all(node.is_on for node in formed.nodes)
    until(lambda: "3 of 3 managers reachable" in told(), seconds=90)
    formed.converge(timeout=60)
    until(lambda: "web 3 of 3" in told() and "switched off" not in told(), seconds=30)
    # A new leader calls every node unknown until it hears of it again.
    until(lambda: list(formed.members()["STATUS"]) == ["Ready"] * 3, seconds=60)


def test_a_node_that_leaves_and_comes_anew_is_listed_twice(
    formed: Lab, told: Callable[[], str]
) -> None:
    node = formed.node("node3")
    token = formed.client.swarm.attrs["JoinTokens"]["Worker"]
    before = node.client.info()["Swarm"]["NodeID"]
    node.client.api.leave_swarm(force=True)
    until(lambda: "node3 not in a swarm" in told())
    # It may have been the leader: the others take up to 20 s to elect one, and nobody joins before.
    until(lambda: _leader(formed.nodes[0]) not in (None, before), seconds=60)
    node.client.swarm.join([formed.nodes[0].address], token, advertise_addr=node.address)
    until(lambda: "node3 worker, ready" in told())
    until(lambda: "left over: node3 (manager, " in told())
    assert len(formed.members()) == 4


def _leader(node: Node) -> str | None:
    """The ID of the leader, or None while the managers elect one."""
    try:
        listed: list[dict[str, Any]] = node.client.api.nodes()
    except APIError:
        return None
    leaders = [one["ID"] for one in listed if one.get("ManagerStatus", {}).get("Leader")]
    return leaders[0] if leaders else None


def test_the_end_of_the_swarm_is_the_end_of_what_is_told(
    formed: Lab, told: Callable[[], str]
) -> None:
    for node in formed.nodes[::-1]:
        with closing(node.connect()) as client:
            client.api.leave_swarm(force=True)
    until(lambda: told() == "; ".join(f"node{at} not in a swarm" for at in (1, 2, 3)), seconds=30)


def test_nothing_is_left_running_after_the_lab(lab: Lab) -> None:
    lab.close()
    names = [thread.name for thread in threading.enumerate()]
    assert "sampler" not in names
