"""exercises/visits-stack, run as its README says: a stack on three nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from waiting import until

from course.catalogue import ROOT, catalogue
from course.engine.cluster import boot_cluster
from course.engine.upload import upload
from course.images.supply import Supply
from course.notebook.lab import Lab

APP = ROOT / "exercises" / "visits-stack"
COMMANDS = re.findall(r"```shell\n(.*?)```", (APP / "README.md").read_text(), re.DOTALL)
VERSION_2 = (
    "sed -i 's/\"visit /\"guest /' visits.sh; VERSION=2 docker stack deploy -c stack.yaml visits"
)
LONG = 60  # seconds for tasks to come up on a busy machine


@pytest.fixture(scope="module")
def lab(have: Supply) -> Iterator[Lab]:
    """Three nodes in a swarm; the first has the application's folder."""
    nodes = boot_cluster(have.host, have.image, have.mirror, "test", 3)
    with closing(Lab(catalogue().chapter("12b"), nodes, have.source)) as opened:
        first, *others = opened.nodes
        first.client.swarm.init(advertise_addr=first.address)
        token = first.client.swarm.attrs["JoinTokens"]["Worker"]
        for node in others:
            node.client.swarm.join([first.address], token, advertise_addr=node.address)
        yield opened


@pytest.fixture(scope="module")
def place(lab: Lab) -> str:
    return upload(lab.nodes[0].machine, APP)


def run(lab: Lab, place: str, script: str) -> str:
    code, said = lab.run(f"cd {place} && {script}")
    assert code == 0, said.decode()
    return said.decode()


def visit(lab: Lab, node: str) -> str:
    """What one node's page says to a visitor; nothing while nobody answers."""
    url = f"http://{lab.node(node).address}:8080/cgi-bin/visits"
    said = lab.run(f"curl -s --max-time 10 {url}")[1].decode().strip()
    return said if re.match(r"(?:visit|guest) \d", said) else ""


def test_the_readmes_commands_start_it_and_each_node_counts(lab: Lab, place: str) -> None:
    (commands,) = COMMANDS
    *start, ask = commands.strip().splitlines()
    assert "Creating service visits_web" in run(lab, place, " && ".join(start))
    lab.converge(timeout=2 * LONG)
    assert list(lab.services()["REPLICAS"]) == ["1/1", "3/3"]
    until(lambda: visit(lab, "node1"), LONG)
    said = [run(lab, place, f"{ask} -s").strip()]
    said += [visit(lab, node) for node in ("node2", "node3")]
    first = int(said[0].split()[1].rstrip(","))
    assert said == [f"visit {first + at}, says node{at + 1}" for at in range(3)]


def test_the_numbers_outlive_the_task(lab: Lab, place: str) -> None:
    before = int(visit(lab, "node1").split()[1].rstrip(","))
    run(lab, place, "docker service update --quiet --detach --force visits_redis")
    lab.converge("visits_redis", timeout=LONG)
    said = until(lambda: re.match(r"visit (\d+),", visit(lab, "node2")), LONG)
    assert int(said[1]) > before


def test_a_new_script_is_a_new_config(lab: Lab, place: str) -> None:
    said = run(lab, place, f"{VERSION_2} 2>&1")
    assert "Creating config page-2" in said
    lab.converge(timeout=2 * LONG)
    assert all(visit(lab, f"node{n}").startswith("guest ") for n in (1, 2, 3))


def test_removed_it_leaves_the_volume(lab: Lab, place: str) -> None:
    run(lab, place, "docker stack rm visits")
    until(lambda: not lab.client.services.list(), LONG)
    assert run(lab, place, "docker volume ls --quiet").split() == ["visits_numbers"]
