"""A live engine for the engine tests: what `course up` made, and one lab for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from course.engine.host import HostEngine
from course.engine.lab import take_sandbox
from course.engine.lease import Lease
from course.engine.sandbox import Sandbox
from course.images import supply
from course.images.supply import Supply


@pytest.fixture(scope="session")
def have() -> Supply:
    """Host engine, engine image and mirror; made if need be (minutes, the first time)."""
    return supply.ensure()


@pytest.fixture(scope="session")
def host(have: Supply) -> HostEngine:
    return have.host


@pytest.fixture(scope="module")
def box(have: Supply) -> Iterator[Sandbox]:
    """A clean sandbox for the tests of one file."""
    sandbox = take_sandbox(have.host, have.image, have.mirror, "test")
    lease = Lease(sandbox.client)  # or it would end itself between two tests
    yield sandbox
    lease.close()
    sandbox.stop()
