"""Payloads of a real swarm to values, counts and tables; waiting for a swarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from swarms import payload, swarm

from course.errors import CourseError
from course.watch import swarm_frames, swarm_parse
from course.watch.converge import converge
from course.watch.swarm import Swarm
from course.watch.swarm_count import Count, counts
from course.watch.swarm_fit import fits
from course.watch.swarm_task import Opening


def count(moment: str, service: str) -> Count:
    return next(one for one in counts(swarm(moment)) if one.service.name == service)


def test_members_as_the_managers_know_them() -> None:
    seen = swarm("down")
    told = [(one.name, one.role, one.leader, one.state, one.reachability) for one in seen.members]
    assert told == [
        ("node1", "manager", True, "ready", "reachable"),
        ("node2", "manager", False, "down", "unreachable"),
        ("node3", "manager", False, "ready", "reachable"),
    ]
    assert dict(seen.members[2].labels) == {"zone": "moon"}
    assert seen.members[1].message == "heartbeat failure"
    assert seen.members[0].engine.startswith("26.1")
    assert {one.address.rpartition(".")[2] for one in seen.members} == {"11", "12", "13"}


@pytest.mark.parametrize("engine", ["swarm-20.10", "swarm-26.1"])
def test_engines_of_several_versions_are_read_alike(engine: str) -> None:
    seen, down = swarm("rest", engine), swarm("down", engine)
    assert [(one.name, one.role, one.state) for one in seen.members] == [
        (name, "manager", "ready") for name in ("node1", "node2", "node3")
    ]
    assert [one.leader for one in seen.members] == [True, False, False]
    assert {one.address.rpartition(".")[2] for one in seen.members} == {"11", "12", "13"}
    found = {one.service.name: (one.running, one.wanted, one.is_settled) for one in counts(seen)}
    assert found["web"] == found["agent"] == (3, 3, True)
    assert found["picky"] == (0, 1, False)
    told = {(task.state, task.error, task.exit_code) for task in seen.tasks}
    assert ("failed", "task: non-zero exit (3)", 3) in told
    assert any(state == "rejected" and "No such image" in error for state, error, _ in told)
    (web,) = (one for one in counts(swarm("updating", engine)) if one.service.name == "web")
    assert web.service.is_updating
    assert web.fresh < web.wanted
    gone = down.member("node2")
    assert gone
    assert (gone.state, gone.reachability) == ("down", "unreachable")
    assert down.reachable == 2


def test_services_with_mode_replicas_ports_and_labels() -> None:
    seen = swarm("rest")
    web, agent, api = (seen.service(name) for name in ("web", "agent", "api"))
    assert web
    assert agent
    assert api
    assert (web.mode, web.wanted, agent.mode, agent.wanted) == ("replicated", 3, "global", None)
    assert web.ports == (Opening(80, 8080, "tcp", "host"),)
    assert api.ports == (Opening(80, 8081, "tcp", "ingress"),)
    assert web.labels["tier"] == "<b>front</b>"
    assert not web.has_previous
    assert swarm("updating").service("web").has_previous  # type: ignore[union-attr]


def test_tasks_with_errors_exit_codes_and_reasons() -> None:
    seen = swarm("rest")
    told = {(task.state, task.error, task.exit_code) for task in seen.tasks}
    assert ("failed", "task: non-zero exit (3)", 3) in told
    assert any(state == "rejected" and "No such image" in error for state, error, _ in told)
    (pending,) = (task for task in seen.tasks if task.state == "pending")
    assert not pending.node
    assert pending.error == "no suitable node (scheduling constraints not satisfied on 3 nodes)"
    assert all(task.exit_code is None for task in seen.tasks if task.is_alive)


def test_a_task_of_now_is_told_from_one_before_an_update() -> None:
    assert (count("rest", "web").fresh, count("rest", "web").running) == (3, 3)
    web = count("updating", "web")
    assert (web.service.update, web.fresh, web.running, web.wanted) == ("updating", 1, 3, 3)
    assert count("rolled-back", "web").fresh == 3


@pytest.mark.parametrize(
    ("moment", "service", "settled"),
    [
        ("rest", "web", True),
        ("rest", "agent", True),
        ("rest", "crasher", False),
        ("rest", "picky", False),
        ("updating", "web", False),
        ("rolling-back", "web", False),
        ("rolled-back", "web", True),
        ("paused", "api", False),
        ("drained", "agent", True),
        ("down", "api", True),
    ],
)
def test_when_a_service_is_as_it_is_wanted(moment: str, service: str, settled: bool) -> None:
    assert count(moment, service).is_settled is settled


def test_quorum() -> None:
    told = {name: swarm(name) for name in ("inactive", "formed", "down", "lost")}
    assert [one.exists for one in told.values()] == [False, True, True, True]
    assert [one.quorum for one in told.values()] == [False, True, True, False]
    assert [one.reachable for one in told.values()] == [0, 3, 2, 1]
    assert told["lost"].majority == 2
    assert "does not have a leader" in told["lost"].problem
    assert [len(host.living or ()) for host in told["lost"].hosts] == [0, 0, 3]


def test_a_version_that_is_known_is_not_parsed_again() -> None:
    parsed: list[str] = []

    def parse(entry: swarm_parse.Payload) -> str:
        parsed.append(entry["ID"])
        return str(entry["ID"])

    rows, entries = swarm_parse.Rows(parse), payload("rest")["tasks"]
    first = rows.take(json.dumps(entries).encode())
    assert len(first) == len(parsed) == len(entries)
    assert rows.take(json.dumps(entries).encode()) is first
    changed = [*entries[1:], entries[0] | {"Version": {"Index": 9999}}]
    assert rows.take(json.dumps(changed).encode()) == (*first[1:], first[0])
    assert parsed[len(entries) :] == [entries[0]["ID"]]
    assert rows.take(b"[]") == ()
    assert rows.take(b"null") == ()


def test_nodes_are_parsed_again_for_a_leader_changes_no_version() -> None:
    entries = payload("formed")["nodes"]
    rows = swarm_parse.Rows(swarm_parse.member, always=True)
    before = {one.name for one in rows.take(json.dumps(entries).encode()) if one.leader}
    for entry in entries:
        entry["ManagerStatus"]["Leader"] = entry["Description"]["Hostname"] == "node3"
    after = {one.name for one in rows.take(json.dumps(entries).encode()) if one.leader}
    assert (before, after) == ({"node1"}, {"node3"})


@pytest.mark.parametrize("parse", [swarm_parse.member, swarm_parse.service, swarm_parse.task])
def test_an_entry_with_nothing_in_it(parse: object) -> None:
    assert parse({"ID": "x"}).id == "x"  # type: ignore[operator]


def test_jobs_and_images_with_a_digest() -> None:
    one = swarm_parse.service(
        {
            "ID": "x",
            "Spec": {
                "Name": "job",
                "Mode": {"ReplicatedJob": {"TotalCompletions": 4}},
                "TaskTemplate": {"ContainerSpec": {"Image": "busybox:1@sha256:aa"}},
            },
        }
    )
    assert (one.mode, one.wanted, one.image, one.is_job) == ("replicated-job", 4, "busybox:1", True)
    assert swarm_parse.service({"ID": "x", "Spec": {"Mode": {"GlobalJob": {}}}}).wanted is None


def test_the_address_of_a_manager_that_tells_none_of_its_own() -> None:
    entry = {
        "ID": "x",
        "Status": {"Addr": "0.0.0.0"},
        "ManagerStatus": {"Addr": "10.77.0.11:2377"},
    }
    assert swarm_parse.member(entry).address == "10.77.0.11"
    assert swarm_parse.member({"ID": "x", "Status": {"Addr": "10.77.0.12"}}).address == "10.77.0.12"


def test_tables_are_those_of_the_command_line() -> None:
    seen = swarm("rest")
    nodes = swarm_frames.members(seen)
    assert list(nodes.columns) == list(swarm_frames.MEMBERS)
    assert [one.endswith(" *") for one in nodes["ID"]] == [True, False, False]
    assert list(nodes["MANAGER STATUS"]) == ["Leader", "Reachable", "Reachable"]
    services = swarm_frames.services(seen).set_index("NAME")
    assert services.loc["web", "REPLICAS"] == "3/3"
    assert services.loc["web", "PORTS"] == ""  # by host: not of the mesh
    assert services.loc["api", "PORTS"] == "*:8081->80/tcp"
    assert services.loc["agent", "MODE"] == "global"


def test_each_task_is_followed_by_those_before_it() -> None:
    seen = swarm("rest")
    now = max(task.updated for task in seen.tasks) + 5
    table = swarm_frames.tasks(seen, seen.service("crasher"), now)
    assert list(table["NAME"]) == ["crasher.1", *[" \\_ crasher.1"] * 4]
    assert list(table["CURRENT STATE"].str.split().str[0]) == ["Ready", *["Failed"] * 4]
    assert set(table["ERROR"][1:]) == {'"task: non-zero exit (3)"'}
    assert table["CURRENT STATE"].str.endswith(" ago").all()
    agents = swarm_frames.tasks(seen, seen.service("agent"), now)
    assert list(agents["NAME"]) == ["agent.node1", "agent.node2", "agent.node3"]
    assert len(swarm_frames.tasks(seen)) == len(seen.tasks)


def reading(*moments: str) -> Iterator[Swarm]:
    for moment in moments[:-1]:
        yield swarm(moment)
    while True:
        yield swarm(moments[-1])


def test_waiting_ends_when_all_is_as_wanted() -> None:
    moments = reading("updating", "rolling-back", "rolled-back")
    seconds, saw = converge(lambda: next(moments), timeout=5)
    assert seconds > 0
    assert saw == "agent 3/3, api 2/2, web 3/3"


def test_waiting_for_one_service_only() -> None:
    moments = reading("rest")
    assert converge(lambda: next(moments), "web")[1] == "web 3/3"


@pytest.mark.parametrize(
    ("moment", "service", "said"),
    [
        ("rest", "picky", "0 of 1 tasks running: pending (no suitable node (scheduling"),
        ("rest", "ghost", "0 of 1 tasks running: rejected (No such image: nosuch/image:1)"),
        ("rest", "crasher", "0 of 1 tasks running: failed (task: non-zero exit (3))"),
        ("paused", "api", "update paused due to failure"),
        ("lost", None, "No manager answers: "),
        ("inactive", None, "None of the lab's nodes is in a swarm."),
        ("rest", "nosuch", "it has agent, api, crasher, ghost, picky, web."),
    ],
)
def test_waiting_in_vain_says_what_was_seen(moment: str, service: str | None, said: str) -> None:
    moments = reading(moment)
    with pytest.raises(CourseError) as raised:
        converge(lambda: next(moments), service, timeout=0.1)
    assert said in str(raised.value)


def test_a_job_is_done_when_its_tasks_have_ended_well() -> None:
    seen = swarm("rest")
    web = replace(seen.service("web"), mode="replicated-job", wanted=3)  # type: ignore[type-var]
    assert web
    ended = tuple(
        replace(task, state="complete", desired="complete")
        for task in seen.tasks
        if task.service == web.id
    )
    done = replace(seen, services=(web,), tasks=ended)
    assert counts(done)[0].is_settled
    assert swarm_frames.services(done)["REPLICAS"][0] == "0/3 (3/3 completed)"
    assert not counts(replace(done, tasks=ended[1:]))[0].is_settled


def without_a_task(node: str) -> Swarm:
    """At rest, and the global service `agent` has never had a task on one node."""
    seen = swarm("rest")
    agent, member = seen.service("agent"), seen.member(node)
    assert agent
    assert member
    left = [one for one in seen.tasks if (one.service, one.node) != (agent.id, member.id)]
    return replace(seen, services=(agent,), tasks=tuple(left))


def changed(seen: Swarm, node: str, **how: object) -> Swarm:
    members = (replace(one, **how) if one.name == node else one for one in seen.members)  # type: ignore[arg-type]
    return replace(seen, members=tuple(members))


def test_a_global_service_is_not_settled_before_a_new_node_has_its_task() -> None:
    seen = without_a_task("node3")
    (agent,) = counts(seen)
    assert (agent.running, agent.wanted, agent.lacking) == (2, 2, 1)
    assert not agent.is_settled
    with pytest.raises(CourseError, match="2 of 2 tasks running, 1 of the nodes"):
        converge(lambda: seen, "agent", timeout=0.1)
    for how in ({"availability": "pause"}, {"availability": "drain"}, {"state": "down"}):
        assert counts(changed(seen, "node3", **how))[0].is_settled, how
    assert count("rest", "agent").is_settled


def test_where_a_global_service_gave_up_none_is_lacking() -> None:
    seen = swarm("rest")
    (agent,) = (one for one in seen.services if one.name == "agent")
    ended = {"desired": "shutdown", "state": "failed"}
    given_up = tuple(replace(one, **ended) for one in seen.tasks if one.service == agent.id)  # type: ignore[arg-type]
    assert counts(replace(seen, services=(agent,), tasks=given_up))[0].lacking == 0
    drained = tuple(replace(one, state="shutdown") for one in given_up)
    assert counts(replace(seen, services=(agent,), tasks=drained))[0].lacking == 3


@pytest.mark.parametrize(
    ("rule", "does"),
    [
        ("node.hostname == node3", True),
        ("node.hostname==NODE3", True),
        ("node.hostname != node3", False),
        ("node.role == manager", True),
        ("node.role==worker", False),
        ("node.labels.zone == moon", True),
        ("node.labels.zone != moon", False),
        ("node.labels.disk == ssd", False),
        ("node.labels.disk != ssd", True),
        ("node.platform.os == linux", False),  # nobody tells: not waited for
        ("what is this", False),
    ],
)
def test_which_node_meets_a_constraint(rule: str, does: bool) -> None:
    seen = swarm("rest")
    node, agent = seen.member("node3"), seen.service("agent")
    assert node
    assert agent
    node = replace(node, labels={"zone": "moon"})
    assert fits(node, replace(agent, constraints=(rule,))) is does
