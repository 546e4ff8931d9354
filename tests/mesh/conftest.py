"""Three nodes in a swarm, on a kernel that has IPVS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import web
from docker import APIClient

from course.catalogue import catalogue
from course.engine import boot, power
from course.engine.lab import take
from course.images import supply
from course.notebook.lab import Lab

NODES = 3


@pytest.fixture(scope="session")
def patience() -> Iterator[None]:
    """An emulated processor takes its time: whoever waits for an engine waits longer."""
    made = APIClient.__init__

    def make(self: APIClient, *args: Any, **given: Any) -> None:
        given["timeout"] = max(given.get("timeout") or 0, web.PATIENCE)
        made(self, *args, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(APIClient, "__init__", make)
        patch.setattr(boot, "READY_SECONDS", web.PATIENCE)
        patch.setattr(power, "ON_SECONDS", web.PATIENCE)
        yield


@pytest.fixture(scope="session")
def bare(patience: None) -> Iterator[Lab]:
    """The lab of chapter 12b, before its nodes are a swarm."""
    have = supply.ensure()
    cluster = take(have.host, have.image, have.mirror, "12b", NODES)
    lab = Lab(catalogue().chapter("12b"), cluster, have.source)
    yield lab
    if "COURSE_THROWAWAY" not in os.environ:  # what ends with its machine need not be tidied
        lab.close()


@pytest.fixture(scope="session")
def lab(bare: Lab) -> Lab:
    """Its nodes in one swarm, with an attachable overlay network."""
    first, *others = bare.nodes
    bare.client.swarm.init(advertise_addr=first.address)
    token = bare.client.swarm.attrs["JoinTokens"]["Worker"]
    for node in others:
        node.client.swarm.join([first.address], token, advertise_addr=node.address)
    bare.client.networks.create(web.NETWORK, driver="overlay", attachable=True)
    return bare
