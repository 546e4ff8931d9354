"""What waits longer on an emulated processor, in this process and in a notebook's kernel."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from docker import APIClient
from docker.errors import APIError
from docker.models.images import ImageCollection

from course.engine import boot, power
from course.notebook.swarm import Swarmed

PATIENCE = int(os.environ.get("COURSE_PATIENCE", "60"))  # seconds


def grow(patch: pytest.MonkeyPatch) -> None:
    """Whoever waits for an engine waits `PATIENCE` seconds at least."""
    made, converge, pull = APIClient.__init__, Swarmed.converge, ImageCollection.pull

    def make(self: APIClient, *args: Any, **given: Any) -> None:
        given["timeout"] = max(given.get("timeout") or 0, PATIENCE)
        made(self, *args, **given)

    def wait(self: Swarmed, service: str | None = None) -> Any:
        return converge(self, service, timeout=PATIENCE)

    def pull_again(self: ImageCollection, *args: Any, **given: Any) -> Any:
        # An engine gives a registry 15 seconds to say who it is.
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return pull(self, *args, **given)
            except APIError as error:
                if "deadline exceeded" not in str(error) or time.monotonic() > deadline:
                    raise

    patch.setattr(APIClient, "__init__", make)
    patch.setattr(Swarmed, "converge", wait)
    patch.setattr(ImageCollection, "pull", pull_again)
    patch.setattr(boot, "READY_SECONDS", PATIENCE)
    patch.setattr(power, "ON_SECONDS", PATIENCE)
