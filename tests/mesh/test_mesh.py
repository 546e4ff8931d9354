"""Virtual addresses and the routing mesh, where the kernel has IPVS: `make test-mesh`."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import web
from docker.models.containers import Container
from docker.models.services import Service

from course.engine.node import Node
from course.notebook.lab import Lab
from course.watch.mesh import Mesh

EACH = 6  # requests to a node
REPLICAS = 2  # on three nodes: one has none

Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Prints what was measured, though the test passes."""

    def said(words: str) -> None:
        with capsys.disabled():
            print(f"\n    {words}", end=" ")

    return said


@pytest.fixture(scope="module")
def service(lab: Lab) -> Iterator[Service]:
    """Two replicas, published in the mesh."""
    service = web.start(lab, "web", REPLICAS, endpoint_spec=web.published())
    yield service
    service.remove()


def requests(lab: Lab, port: int = web.PORT) -> Mesh:
    """Sends them until all have come back and the swarm has said whose port it is."""
    deadline = time.monotonic() + web.PATIENCE
    while True:
        mesh = lab.mesh(port, requests=EACH).wait(web.PATIENCE)
        if mesh.is_over and mesh.service:
            return mesh
        assert time.monotonic() < deadline, mesh.problem or "the swarm says nothing"


def spread(mesh: Mesh) -> str:
    return "; ".join(f"{node} to {who.name}: {n}" for (node, who), n in sorted(mesh.flows.items()))


def settled(lab: Lab, service: Service) -> Mesh:
    """Requests, once the mesh has heard of the last change; that takes it a moment."""
    deadline = time.monotonic() + web.PATIENCE
    while True:
        mesh = requests(lab)
        known = {one.container for one in mesh.replicas} == web.containers(service)
        if (known and len(mesh.requests) == mesh.answers) or time.monotonic() > deadline:
            return mesh


def test_the_probe_finds_ipvs_before_any_engine_asks_for_it(bare: Lab, say: Say) -> None:
    say(repr(bare.has_ipvs()))
    assert bare.has_ipvs()


def test_every_node_answers_also_one_without_a_task(lab: Lab, service: Service, say: Say) -> None:
    mesh = settled(lab, service)
    say(spread(mesh))
    homes = {replica.node for replica in mesh.replicas}
    assert len(homes) == REPLICAS
    assert {node: mesh.taken(node) for node in mesh.nodes} == dict.fromkeys(mesh.nodes, EACH)
    assert set(mesh.nodes) - homes


def test_requests_are_spread_over_the_replicas_by_every_node(lab: Lab, service: Service) -> None:
    mesh = settled(lab, service)
    shares = {(node, who.container): n for (node, who), n in mesh.flows.items()}
    who = web.containers(service)
    assert len(who) == REPLICAS
    assert shares == {(node, one): EACH // REPLICAS for node in mesh.nodes for one in who}


def test_the_picture_says_so(lab: Lab, service: Service) -> None:
    settled(lab, service)
    view = lab.mesh(web.PORT, requests=EACH)
    view.wait()
    told = view.snapshot().words
    assert told.count(f"all answered, by {REPLICAS} tasks") == len(lab.nodes)
    assert told.count("elsewhere") == 1
    table = view.table()
    assert table["requests"].sum() == EACH * len(lab.nodes)


def test_a_name_stands_for_one_virtual_address(lab: Lab, service: Service, say: Say) -> None:
    service.reload()
    virtual = {one["Addr"].split("/")[0] for one in service.attrs["Endpoint"]["VirtualIPs"]}
    found, tasks = web.addresses(lab, "web"), web.addresses(lab, "tasks.web")
    say(f"web is {len(found)} address, tasks.web is {len(tasks)}")
    assert len(found) == 1
    assert found <= virtual
    assert len(tasks) == REPLICAS
    assert not tasks & found


def test_requests_to_the_virtual_address_are_spread(lab: Lab, service: Service, say: Say) -> None:
    counts = Counter(web.answers(lab, "web", EACH))
    say(str(sorted(counts.values())))
    assert counts == dict.fromkeys(web.containers(service), EACH // REPLICAS)


def test_a_name_without_one_stands_for_every_task(lab: Lab, say: Say) -> None:
    service = web.start(lab, "plain", REPLICAS, endpoint_spec={"Mode": "dnsrr"})
    try:
        service.reload()
        assert "VirtualIPs" not in service.attrs["Endpoint"]
        found = web.addresses(lab, "plain")
        assert found == web.addresses(lab, "tasks.plain")
        assert len(found) == REPLICAS
        counts = Counter(web.answers(lab, "plain", 3 * EACH))
        say(f"{len(found)} addresses; {sorted(counts.values())}")
        assert counts.keys() == web.containers(service)
    finally:
        service.remove()


def test_a_killed_task_gets_no_request_afterwards(lab: Lab, service: Service, say: Say) -> None:
    before = web.containers(service)
    victim = min(before)
    node = next(one for one in lab.nodes if _has(lab, one.name, victim))
    began = time.monotonic()
    node.client.containers.get(victim).kill()
    web.wait(service, REPLICAS, without=victim)
    mesh = settled(lab, service)
    say(f"replaced after {time.monotonic() - began:.0f} s; {spread(mesh)}")
    after = web.containers(service)
    assert victim not in after
    assert len(after) == REPLICAS
    assert not any(mesh.errors(name) for name in mesh.nodes)
    answered = {who.container for _, who in mesh.flows}
    assert answered == after


def _has(lab: Lab, node: str, container: str) -> bool:
    running = lab.node(node).client.containers.list()
    return any(str(one.id).startswith(container) for one in running)


def test_without_a_task_nobody_answers(lab: Lab, service: Service, say: Say) -> None:
    service.reload()
    service.scale(0)
    web.wait(service, 0)
    mesh = requests(lab)
    say(str(dict(sum((mesh.errors(node) for node in mesh.nodes), Counter()))))
    assert not any(mesh.taken(node) for node in mesh.nodes)
    service.reload()
    service.scale(REPLICAS)
    web.wait(service, REPLICAS)
    assert not any(settled(lab, service).errors(node) for node in mesh.nodes)


def test_an_encrypted_network_carries_and_encrypts(lab: Lab, say: Say) -> None:
    options = {"encrypted": ""}
    lab.client.networks.create("vault", driver="overlay", attachable=True, options=options)
    ends = lab.nodes[0], lab.nodes[-1]
    near, _ = (_sleeper(node, name) for node, name in zip(ends, ("near", "far"), strict=True))
    code, said = near.exec_run("ping -c 3 -W 20 far")
    assert code == 0, said
    sealed = [_sealed(node) for node in ends]
    say(f"packets in ESP: {sealed}")
    assert min(sealed) >= 3


def _sleeper(node: Node, name: str) -> Container:
    run = node.client.containers.run
    return run("busybox", "sleep 3600", name=name, network="vault", init=True, detach=True)


def _sealed(node: Node) -> int:
    """How many packets a node's kernel has put into ESP, or taken out of it."""
    code, said = node.run("ip -s xfrm state")
    told = said.decode()
    assert (code, "proto esp" in told) == (0, True), told
    current = told.split("lifetime current:")[1:]
    return sum(int(found[1]) for one in current if (found := re.search(r"(\d+)\(packets\)", one)))


def test_in_host_mode_only_nodes_with_a_task_answer(lab: Lab, say: Say) -> None:
    service = web.start(lab, "near", REPLICAS, endpoint_spec=web.published(8081, "host"))
    try:
        mesh = requests(lab, 8081)
        say(spread(mesh))
        homes = {replica.node for replica in mesh.replicas}
        assert mesh.mode == "host"
        assert {node for node, who in mesh.flows} == homes
        assert all(node == who.node for node, who in mesh.flows)
        (other,) = set(mesh.nodes) - homes
        assert mesh.errors(other) == {"refused": EACH}
    finally:
        service.remove()
