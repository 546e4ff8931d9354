"""What waits longer on an emulated processor, in this process and in a notebook's kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from docker import APIClient
from docker.errors import APIError
from docker.models.containers import Container
from docker.models.images import ImageCollection

from course.engine import boot, power
from course.notebook.lab import Lab
from course.notebook.swarm import Swarmed
from course.watch import swarm_control, swarm_post, swarm_reader
from course.watch.sampler import Sampler

PATIENCE = int(os.environ.get("COURSE_PATIENCE", "60"))  # seconds
TASKS = 3  # times that: tasks wait for the pull of their image, too


def grow(patch: pytest.MonkeyPatch) -> None:
    """Whoever waits for an engine waits `PATIENCE` seconds at least."""
    made, converge, settle = APIClient.__init__, Swarmed.converge, Sampler.settle
    in_container = Lab.wait

    def make(self: APIClient, *args: Any, **given: Any) -> None:
        given["timeout"] = max(given.get("timeout") or 0, PATIENCE)
        made(self, *args, **given)

    def wait(self: Swarmed, service: str | None = None) -> Any:
        return converge(self, service, timeout=TASKS * PATIENCE)

    def ready(self: Lab, name: str, command: Any = None, timeout: float = 0) -> Any:
        return in_container(self, name, command, max(timeout, PATIENCE))

    def now(self: Sampler[Any], timeout: float = 0) -> Any:
        return settle(self, max(timeout, PATIENCE))

    patch.setattr(APIClient, "__init__", make)
    # A swarm is read as it is now, however long its managers take to tell: none is dead here.
    patch.setattr(Sampler, "settle", now)
    patch.setattr(swarm_reader, "PATIENCE", float(PATIENCE))
    for room in (swarm_control, swarm_post):
        patch.setattr(room, "SLOW", float(PATIENCE))
    patch.setattr(Swarmed, "converge", wait)
    patch.setattr(Lab, "wait", ready)
    # An engine itself gives a registry 15 seconds, and a manager 20 for an address in a network.
    patch.setattr(ImageCollection, "pull", _again(ImageCollection.pull))
    patch.setattr(Container, "start", _again(Container.start))
    patch.setattr(boot, "READY_SECONDS", PATIENCE)
    patch.setattr(power, "ON_SECONDS", PATIENCE)


def _again(call: Callable[..., Any]) -> Callable[..., Any]:
    """Calls once more while an engine says that somebody took too long."""

    def made(*args: Any, **given: Any) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return call(*args, **given)
            except APIError as error:
                if "deadline exceeded" not in str(error) or time.monotonic() > deadline:
                    raise

    return made
