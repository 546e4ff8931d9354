"""How long three nodes take: the lab with them, then the swarm that they form."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from course.engine.cluster import Cluster, boot_cluster
from course.engine.node import Node
from course.images import supply
from tests.bench.row import Row, at_most

NODES, TIMES = 3, 3
READY, FORMED = 8.0, 3.0  # seconds
WELL = {"ready": NODES, "reachable": NODES}


def form(nodes: Cluster) -> None:
    """Makes every node a manager of one swarm, and waits until it says so."""
    first = nodes[0]
    first.client.swarm.init(advertise_addr=first.address)
    token = first.client.swarm.attrs["JoinTokens"]["Manager"]
    for node in nodes[1:]:
        node.client.swarm.join([first.address], token, advertise_addr=node.address)
    while _seen(first) != WELL:
        time.sleep(0.05)


def _seen(node: Node) -> dict[str, int]:
    members = [one.attrs for one in node.client.nodes.list()]
    return {
        "ready": sum(one["Status"]["State"] == "ready" for one in members),
        "reachable": sum(one["ManagerStatus"]["Reachability"] == "reachable" for one in members),
    }


def _once() -> tuple[float, float]:
    have = supply.ensure()
    start = time.perf_counter()
    nodes = boot_cluster(have.host, have.image, have.mirror, "bench", NODES)
    try:
        ready = time.perf_counter()
        form(nodes)
        return ready - start, time.perf_counter() - ready
    finally:
        nodes.close()
        nodes.stop()


def measure() -> Iterator[Row]:
    """Boots three nodes and lets them form a swarm, three times."""
    ready, formed = zip(*(_once() for _ in range(TIMES)), strict=True)
    note = f"most of {TIMES}; median {median(ready):.2g} s"
    yield at_most("Three nodes, from nothing to answering", max(ready), READY, "s", note)
    note = f"most of {TIMES}; median {median(formed):.2g} s"
    yield at_most("The three as managers of one swarm", max(formed), FORMED, "s", note)
