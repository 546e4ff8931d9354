from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from course.catalogue import catalogue
from course.checks import At, ContainerAt, stage
from course.checks.budget import Budget
from course.checks.make_network import make_network, remove_networks
from course.checks.network import (
    Published,
    fixed_address,
    names_on,
    network,
    networks_of,
    published,
)
from course.checks.readonly import readonly
from course.engine.cluster import Cluster
from course.engine.lab import Lab
from course.engine.sandbox import Sandbox
from course.images.supply import Supply

SLEEP = ["sleep", "600"]
PORTS = {"80/tcp": 8080, "81/tcp": ("127.0.0.1", 8081), "82/tcp": None}


@pytest.fixture(scope="module")
def lab(have: Supply, box: Sandbox) -> Iterator[Lab]:
    opened = Lab(catalogue().chapter("06"), Cluster.of(box), have.source)
    pool = docker.types.IPAMPool(subnet="10.50.0.0/24")
    make_network(opened, "fixed", ipam=docker.types.IPAMConfig(pool_configs=[pool]))
    make_network(opened, "fixed-too", internal=True)
    stage.start(opened, "web", "busybox", SLEEP, ports=PORTS)
    opened.client.networks.get("fixed").connect("web", ipv4_address="10.50.0.9", aliases=["db"])
    opened.client.networks.get("fixed-too").connect("web")
    stage.start(opened, "alone", "busybox", SLEEP, network="none")
    yield opened
    opened.close()


@pytest.fixture
def at(lab: Lab) -> Iterator[At]:
    client: docker.DockerClient = lab.connect()
    yield At(lab, readonly(client), Budget(20))
    client.close()


@pytest.fixture
def web(at: At) -> ContainerAt:
    return at.container("web")


def test_a_network_is_found_by_its_whole_name(at: At) -> None:
    fixed, inside = network(at, "fixed"), network(at, "fixed-too")
    assert fixed is not None
    assert (fixed.name, fixed.subnets, fixed.internal) == ("fixed", ["10.50.0.0/24"], False)
    assert inside is not None
    assert inside.internal
    assert network(at, "fix") is None


def test_networks_where_one_meets_others(at: At, web: ContainerAt) -> None:
    assert networks_of(web) == {"bridge", "fixed", "fixed-too"}
    assert networks_of(at.container("alone")) == set()


def test_names_hold_on_one_network_and_not_on_the_default(web: ContainerAt) -> None:
    assert {"web", "db"} <= names_on(web, "fixed")
    assert "db" not in names_on(web, "fixed-too")
    assert names_on(web, "bridge") == names_on(web, "nowhere") == set()


def test_an_address_is_fixed_only_if_it_was_asked_for(web: ContainerAt) -> None:
    assert fixed_address(web, "fixed") == "10.50.0.9"
    assert fixed_address(web, "fixed-too") == fixed_address(web, "bridge") == ""


def test_published_ports_with_the_number_that_the_engine_chose(web: ContainerAt) -> None:
    found = {port.inner: port for port in published(web)}
    assert found["80/tcp"].outer == 8080
    assert found["81/tcp"] == Published("81/tcp", "127.0.0.1", 8081)
    assert found["82/tcp"].outer > 1024


def test_who_hangs_on_a_removed_network_goes_on(lab: Lab, at: At) -> None:
    made = make_network(lab, "brief")
    made.connect("web")
    other = make_network(lab, "brief-too")
    remove_networks(lab, "brief", "never-there")
    assert network(at, "brief") is None
    assert at.container("web").running().status == "running"
    other.reload()
    other.remove()


def test_a_network_is_made_in_place_of_its_namesake(lab: Lab) -> None:
    first = make_network(lab, "anew")
    second = make_network(lab, "anew")
    assert first.id != second.id
    assert [one.id for one in lab.client.networks.list(names=["anew"])] == [second.id]
