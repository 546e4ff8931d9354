"""Published ports of a swarm's nodes: what answers with this kernel, and what the probe says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from docker.types import EndpointSpec, ServiceMode

from course.catalogue import catalogue
from course.engine.lab import take
from course.errors import CourseError
from course.images.supply import Supply
from course.notebook.lab import Lab

EACH = 4
# As a learner writes it: the page says who answers.
SERVE = 'hostname > /usr/share/nginx/html/index.html && exec nginx -g "daemon off;"'


@pytest.fixture(scope="module")
def lab(have: Supply) -> Iterator[Lab]:
    """Three nodes in a swarm."""
    cluster = take(have.host, have.image, have.mirror, "12b", 3)
    lab = Lab(catalogue().chapter("12b"), cluster, have.source)
    lab.client.swarm.init(advertise_addr=lab.nodes[0].address)
    token = lab.client.swarm.attrs["JoinTokens"]["Worker"]
    for node in lab.nodes[1:]:
        node.client.swarm.join([lab.nodes[0].address], token, advertise_addr=node.address)
    lab.client.networks.create("wide", driver="overlay", attachable=True)
    yield lab
    lab.close()


def serve(lab: Lab, name: str, count: int, endpoints: EndpointSpec) -> None:
    lab.client.services.create(
        "nginx:alpine",
        name=name,
        command=["sh", "-c", SERVE],
        mode=ServiceMode("replicated", count),
        networks=["wide"],
        endpoint_spec=endpoints,
        stop_grace_period=10**9,
    )
    lab.converge(name)


def published(port: int, mode: str) -> EndpointSpec:
    opening = {"PublishedPort": port, "TargetPort": 80, "PublishMode": mode, "Protocol": "tcp"}
    return EndpointSpec(ports=[opening])


def test_the_mesh_does_what_the_probe_says(lab: Lab) -> None:
    serve(lab, "web", 2, published(8080, "ingress"))
    mesh = lab.mesh(8080, requests=EACH).wait()
    assert (mesh.service, mesh.mode, len(mesh.tasks)) == ("web", "ingress", 2)
    if lab.has_ipvs():
        assert {node: mesh.taken(node) for node in mesh.nodes} == dict.fromkeys(mesh.nodes, EACH)
        assert "mesh work" in repr(lab.has_ipvs())
    else:
        assert all(mesh.errors(node) == {"refused": EACH} for node in mesh.nodes)
        assert "mesh refuse" in repr(lab.has_ipvs())
        view = lab.mesh(8080, requests=EACH)
        view.wait()
        assert f"node3: {EACH} refused" in view.snapshot().words


def test_host_mode_answers_where_a_task_is(lab: Lab) -> None:
    serve(lab, "near", 2, published(8081, "host"))
    view = lab.mesh(8081, requests=EACH)
    mesh = view.wait()
    homes = {replica.node for replica in mesh.tasks}
    assert len(homes) == 2
    assert {(node, who.node) for node, who in mesh.flows} == {(home, home) for home in homes}
    (other,) = set(mesh.nodes) - homes
    assert mesh.errors(other) == {"refused": EACH}
    assert sum(request.seconds or 0 for request in mesh.requests) > 0
    table = view.table()
    assert list(table.columns) == ["node", "answer", "runs on", "requests"]
    assert table["requests"].tolist() == [EACH] * 3


def test_a_node_that_is_cut_off_does_not_answer_in_time(lab: Lab) -> None:
    node = lab.node("node3")
    node.cut()
    try:
        mesh = lab.mesh(8081, requests=1).wait()
    finally:
        node.bring_back()
    assert mesh.is_over
    assert mesh.errors("node3").keys() <= {"timed out", "unreachable"}
    assert mesh.errors("node3").total() == 1


def test_dnsrr_spreads_requests_over_the_tasks(lab: Lab) -> None:
    serve(lab, "plain", 2, EndpointSpec(mode="dnsrr"))
    lab.client.containers.run("busybox", ["sleep", "600"], name="near", network="wide", detach=True)
    # A node hears of another's tasks by gossip: a moment after they run.
    both = "nslookup -type=a plain | grep -c '^Name:' | grep -qx 2"
    lab.wait("near", ["sh", "-c", both])
    # The name server gives the addresses in another order each time. Most programs sort them
    # again, and would ask the same one forever: so the first one is asked here.
    first = "nslookup -type=a plain | sed -n 's/^Address: //p' | head -n 1"
    line = f"wget -q -T 5 -O - http://$({first})/; "
    code, said = lab.client.containers.get("near").exec_run(["sh", "-c", line * 40])
    assert code == 0
    counts = Counter(said.decode().split())
    assert len(counts) == 2
    assert counts.total() == 40


def test_a_port_that_nobody_publishes_is_refused(lab: Lab) -> None:
    view = lab.mesh(9, requests=1)
    mesh = view.wait()
    assert (mesh.service, mesh.replicas) == ("", ())
    assert "no service publishes it" in view.snapshot().words
    assert all(mesh.errors(node) == {"refused": 1} for node in mesh.nodes)


@pytest.mark.parametrize(("port", "requests"), [(0, 1), (65536, 1), (8080, 0), (8080, 201)])
def test_what_cannot_be_asked_is_said(lab: Lab, port: int, requests: int) -> None:
    with pytest.raises(CourseError, match="A port is 1 to 65535"):
        lab.mesh(port, requests=requests)
