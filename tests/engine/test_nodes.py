"""Three engines of one lab: their network, their switches, and what the host engine keeps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import psutil
import pytest
from docker.errors import APIError, DockerException
from docker.types import ServiceMode
from waiting import until

import course
from course.checks.command import _OpenLab
from course.engine import cluster as clusters
from course.engine import ownership, reaper, sandbox
from course.engine.host import HostEngine
from course.engine.node import Node
from course.engine.shell import last_opened
from course.errors import CourseError
from course.images.supply import Supply
from course.notebook.lab import Lab


@pytest.fixture(scope="module")
def lab(have: Supply) -> Iterator[Lab]:
    opened = course.open("12a")
    yield opened
    opened.close()


@pytest.fixture
def swarm(lab: Lab) -> Iterator[Lab]:
    """Three managers."""
    first = lab.nodes[0]
    first.client.swarm.init(advertise_addr=first.address)
    token = first.client.swarm.attrs["JoinTokens"]["Manager"]
    for node in lab.nodes[1:]:
        node.client.swarm.join([first.address], token, advertise_addr=node.address)
    yield lab
    lab.reset()


def members(node: Node) -> dict[str, tuple[str, str]]:
    """Of each member of the swarm: state, and reachability as a manager."""
    try:
        found = node.client.nodes.list()
    except APIError:  # an election is under way
        return {}
    return {
        one.attrs["Description"]["Hostname"]: (
            one.attrs["Status"]["State"],
            one.attrs["ManagerStatus"]["Reachability"],
        )
        for one in found
    }


def answers(node: Node) -> bool:
    try:
        with closing(node.machine.client(timeout=3)) as client:
            return bool(client.ping())
    except (DockerException, OSError):
        return False


ALL_WELL = {f"node{n}": ("ready", "reachable") for n in (1, 2, 3)}
LOST = ("down", "unreachable")


def test_each_node_has_its_name_its_address_and_its_engine(lab: Lab) -> None:
    assert [node.name for node in lab.nodes] == ["node1", "node2", "node3"]
    assert [node.address.split(".")[-1] for node in lab.nodes] == ["11", "12", "13"]
    assert [node.client.info()["Name"] for node in lab.nodes] == ["node1", "node2", "node3"]
    assert len({node.client.info()["ID"] for node in lab.nodes}) == 3
    assert lab.run("hostname", "node3") == (0, b"node3\n")


def test_the_nodes_reach_one_another(lab: Lab) -> None:
    for node in lab.nodes:
        for other in lab.nodes:
            assert node.run(f"ping -c 1 -W 2 {other.address}")[0] == 0, (node, other)


def test_a_node_that_is_not_there_is_told(lab: Lab) -> None:
    with pytest.raises(CourseError, match=r"'node9'.*node1 to node3"):
        lab.node("node9")
    with pytest.raises(CourseError, match="'node9'"):
        lab.run("true", "node9")


def test_a_port_is_reached_on_each_node(lab: Lab) -> None:
    assert len({lab.node(name).url(8080) for name in ("node1", "node2", "node3")}) == 3


@pytest.mark.parametrize("befall", [Node.kill, Node.stop, Node.cut])
def test_a_lost_node_is_noticed_and_comes_back(swarm: Lab, befall: Callable[[Node], Any]) -> None:
    first, third = swarm.nodes[0], swarm.nodes[2]
    until(lambda: members(first) == ALL_WELL, seconds=60)
    service = swarm.client.services.create(
        "busybox", ["sleep", "1000"], name="sleeper", mode=ServiceMode("replicated", 3)
    )
    until(lambda: running(service) == 3, seconds=30)
    befall(third)
    until(lambda: members(first).get("node3") == LOST, seconds=60)
    until(lambda: running(service, less=third) == 3, seconds=60)
    assert answers(third) == third.is_on
    third.bring_back()
    until(lambda: members(first) == ALL_WELL, seconds=120)
    assert (third.is_on, third.is_cut) == (True, False)


def running(service: Any, less: Node | None = None) -> int:
    """How many tasks run; not those that were on a node that is lost."""
    lost = ""
    if less is not None:
        found = service.client.nodes.list()
        lost = next(n.id for n in found if n.attrs["Description"]["Hostname"] == less.name)
    tasks = service.tasks(filters={"desired-state": "running"})
    return sum(t["Status"]["State"] == "running" and t["NodeID"] != lost for t in tasks)


def test_a_power_cut_ends_all_at_once_and_leaves_the_disk(lab: Lab) -> None:
    node = lab.node("node2")
    node.client.volumes.create("kept")
    node.client.containers.run("busybox", ["sleep", "600"], name="victim", detach=True)
    node.client.containers.run("busybox", ["sleep", "600"], name="frozen", detach=True).pause()
    began = time.monotonic()
    node.kill()
    assert time.monotonic() - began < 5
    alive = node.run("ps -e -o args=")[1].decode()
    assert not [words for words in ("dockerd", "containerd", "sleep 600") if words in alive], alive
    with pytest.raises(CourseError, match=r"node2.*switched off.*bring_back"):
        node.connect()
    node.kill()  # a second time changes nothing
    node.bring_back()
    assert node.client.volumes.get("kept")
    found = {one.name: one.attrs["State"] for one in node.client.containers.list(all=True)}
    assert {name: one["Running"] for name, one in found.items()} == {
        "victim": False,
        "frozen": False,
    }
    assert node.client.containers.run("busybox", ["echo", "well"], remove=True) == b"well\n"


def test_an_engine_that_does_not_end_is_killed(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_STOP_SECONDS", "2")
    made = clusters.boot_cluster(have.host, have.image, have.mirror, "test", 2)
    try:
        node = made.node("node2")
        assert node.run("kill -STOP $(pidof dockerd)")[0] == 0
        began = time.monotonic()
        node.stop()
        assert 2 <= time.monotonic() - began < 15
        node.bring_back()
        assert node.client.ping()
    finally:
        made.close()
        made.stop()


def test_quorum_is_lost_and_regained(swarm: Lab) -> None:
    first = swarm.nodes[0]
    until(lambda: members(first) == ALL_WELL, seconds=60)
    swarm.client.services.create("busybox", ["sleep", "1000"], name="goes-on")
    until(lambda: any(node.client.containers.list() for node in swarm.nodes), seconds=30)
    swarm.node("node2").kill()
    swarm.node("node3").kill()
    with pytest.raises(APIError, match=r"leader|deadline|context"):
        swarm.client.services.create("busybox", ["true"], name="refused")
    swarm.node("node2").bring_back()
    until(lambda: members(first).get("node2") == ("ready", "reachable"), seconds=60)
    assert {one.name for one in swarm.client.services.list()} >= {"goes-on"}


def test_a_swarm_without_a_leader_is_soon_forgotten(swarm: Lab) -> None:
    """By a lab that is reset, and by a task that is set anew."""
    first, second, third = swarm.nodes
    swarm.client.services.create("busybox", ["sleep", "1000"], mode=ServiceMode("global"))
    until(lambda: all(node.client.containers.list() for node in swarm.nodes), seconds=30)
    first.client.volumes.create("stays")
    third.kill()
    second.kill()
    began = time.monotonic()
    for node in swarm.nodes:
        node.forget_swarm()
    assert time.monotonic() - began < 25  # three, one after another
    for node in swarm.nodes:
        assert node.client.info()["Swarm"]["LocalNodeState"] == "inactive"
        assert node.client.containers.list(all=True) == []
        assert not [one for one in node.client.networks.list() if one.name == "ingress"]
    assert first.client.volumes.get("stays")
    first.client.swarm.init(advertise_addr=first.address)
    assert [node.attrs["Description"]["Hostname"] for node in first.client.nodes.list()] == [
        "node1"
    ]
    assert first.client.services.list() == []


def test_a_lab_with_one_engine_has_no_switches(have: Supply) -> None:
    with closing(clusters.Cluster.of(clusters.boot(have.host, have.image, have.mirror))) as one:
        try:
            with pytest.raises(CourseError, match="several engines"):
                one[0].kill()
            with pytest.raises(CourseError, match="only node1"):
                one.node("node2")
        finally:
            one.stop()


def test_another_process_finds_the_nodes_that_a_notebook_has_open(
    lab: Lab, have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = lab.nodes[0].machine.address.cluster  # type: ignore[attr-defined]
    # Another worker, or a learner, may open a lab at this moment.
    ours = [one for one in sandbox.known(have.host) if one.address.cluster == mine]
    monkeypatch.setattr(sandbox, "known", lambda engine: ours)
    found = _OpenLab(last_opened())
    try:
        assert [node.address for node in found.nodes] == [node.address for node in lab.nodes]
        assert found.run("hostname", "node2") == (0, b"node2\n")
    finally:
        found.nodes.close()


def test_seven_nodes_are_booted_and_reach_one_another(have: Supply) -> None:
    """As many as a lab can have; all of them managers, it bears the loss of three."""
    needed = 2 * clusters.MOST * clusters.NODE_BYTES  # beside what else goes on
    if psutil.virtual_memory().available < needed:
        pytest.skip(f"less than {needed >> 20} MB are free")
    made = clusters.boot_cluster(have.host, have.image, have.mirror, "test", clusters.MOST)
    try:
        assert [node.name for node in made] == [f"node{n}" for n in range(1, 8)]
        addresses = [node.address for node in made]
        assert len(set(addresses)) == 7
        for node in made:
            pings = " && ".join(f"ping -c 1 -W 5 {address}" for address in addresses)
            code, said = node.run(pings)
            assert code == 0, (node, said.decode())
        first, *others = made
        first.client.swarm.init(advertise_addr=first.address)
        token = first.client.swarm.attrs["JoinTokens"]["Manager"]
        for node in others:
            node.client.swarm.join([first.address], token, advertise_addr=node.address)
        well = {node.name: ("ready", "reachable") for node in made}
        until(lambda: members(first) == well, seconds=90)
    finally:
        made.close()
        made.stop()


@pytest.mark.parametrize("count", [0, 8])
def test_more_nodes_than_there_may_be_are_refused(count: int) -> None:
    with pytest.raises(CourseError, match="1 to 7"):
        course.open("12a", nodes=count)


def test_a_machine_without_memory_for_them_is_told(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = psutil.virtual_memory()._replace(available=600 << 20)
    monkeypatch.setattr(clusters.psutil, "virtual_memory", lambda: little)
    with pytest.raises(CourseError, match=r"7 nodes.*600 MB free.*nodes=2"):
        clusters._check(7, have.host)


def test_an_engine_elsewhere_has_its_own_memory(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker Desktop's virtual machine, or another machine."""
    little = psutil.virtual_memory()._replace(available=0)
    monkeypatch.setattr(clusters.psutil, "virtual_memory", lambda: little)
    elsewhere = replace(have.host, endpoint=replace(have.host.endpoint, url="tcp://docker:2376"))
    clusters._check(2, elsewhere)
    info = {**have.host.client.info(), "MemTotal": 1 << 30}
    monkeypatch.setattr(elsewhere.client, "info", lambda: info)
    with pytest.raises(CourseError, match=r"host engine's machine has 1024 MB in all.*nodes=4"):
        clusters._check(5, elsewhere)


def test_a_node_that_does_not_come_up_leaves_nothing_behind(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other workers' labs come and go meanwhile: this one's network and name are looked for."""
    made: list[str] = []

    def remembered(host: HostEngine, name: str) -> tuple[str, str]:
        made.append(name)
        return make(host, name)

    make = clusters._make_network
    monkeypatch.setattr(clusters, "_make_network", remembered)
    with pytest.raises(CourseError, match="sandbox engine"):
        clusters.boot_cluster(have.host, "learning-docker/none:1", have.mirror, "broken", 2)
    api = have.host.client.api
    assert len(made) == 1
    assert not api.networks(names=made)
    assert not api.containers(all=True, filters={"name": f"{ownership.prefix()}-labbroken-"})


def test_closing_removes_the_nodes_and_their_network(have: Supply) -> None:
    made = clusters.boot_cluster(have.host, have.image, have.mirror, "test", 2)
    network = made._network
    api = have.host.client.api
    assert api.networks(names=[network])
    made.close()
    made.stop()
    assert not api.networks(names=[network])
    assert not any(node.machine.is_running() for node in made)  # type: ignore[attr-defined]


def test_the_reaper_takes_a_network_that_nobody_is_on(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = clusters._make_network(have.host, f"{ownership.prefix()}-nodes-left")
    reaper.reap(have.host)
    assert have.host.client.api.networks(names=[name]), "it may be somebody's who is just booting"
    monkeypatch.setattr(reaper, "BOOTING_SECONDS", -5)
    reaper._remove_empty_networks(have.host)
    assert not have.host.client.api.networks(names=[name])
