"""What waits longer on an emulated processor, in this process and in a notebook's kernel."""

from __future__ import annotations

import os
from typing import Any

import pytest
from docker import APIClient

from course.engine import boot, power
from course.notebook.swarm import Swarmed

PATIENCE = int(os.environ.get("COURSE_PATIENCE", "60"))  # seconds


def grow(patch: pytest.MonkeyPatch) -> None:
    """Whoever waits for an engine waits `PATIENCE` seconds at least."""
    made, converge = APIClient.__init__, Swarmed.converge

    def make(self: APIClient, *args: Any, **given: Any) -> None:
        given["timeout"] = max(given.get("timeout") or 0, PATIENCE)
        made(self, *args, **given)

    def wait(self: Swarmed, service: str | None = None) -> Any:
        return converge(self, service, timeout=PATIENCE)

    patch.setattr(APIClient, "__init__", make)
    patch.setattr(Swarmed, "converge", wait)
    patch.setattr(boot, "READY_SECONDS", PATIENCE)
    patch.setattr(power, "ON_SECONDS", PATIENCE)
