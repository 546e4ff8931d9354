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


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in this hook, too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one worker runs in a row: a file, as its fixtures want; of the tasks, one chapter."""
    for item in items:
        task = getattr(item, "callspec", None) and item.callspec.params.get("task")
        chapter = f" {task.id.rpartition('.')[0]}" if task else ""
        item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}{chapter}"))


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
