"""Three nodes in a swarm, on a kernel that has IPVS."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import web
from patience import grow

from course.catalogue import catalogue
from course.engine.lab import take
from course.images import supply
from course.notebook.lab import Lab

NODES = 3


@pytest.fixture(scope="session")
def patience() -> Iterator[None]:
    """An emulated processor takes its time: whoever waits for an engine waits longer."""
    with pytest.MonkeyPatch.context() as patch:
        grow(patch)
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
