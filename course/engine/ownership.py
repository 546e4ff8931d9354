"""What is ours: the labels on host-engine objects and the folder of our files.

Nothing without these labels is ever removed, changed or re-tagged by the course.
"""

from __future__ import annotations

import getpass
import hashlib
import os
from pathlib import Path
from typing import Any

import platformdirs

from course.errors import CourseError

LABEL = "dev.learning-docker"
"""Label of every object of ours; its value is the object's role."""

INSTANCE_LABEL = "dev.learning-docker.instance"
"""Tells apart the courses of several people (or test runs) on one host engine."""


def data_dir() -> Path:
    """The folder of this learner's files: `COURSE_DATA`, else the platform's data folder.

    Raises:
        CourseError: It is not there and cannot be made.
    """
    override = os.environ.get("COURSE_DATA")
    path = Path(override) if override else platformdirs.user_data_path("learning-docker")
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CourseError(
            f"Made the folder {path} for the course's own files.",
            f"{error.strerror or error}.",
            "Name one that you may write to in COURSE_DATA.",
        ) from error
    return path.resolve()


def instance() -> str:
    """Eight hex digits that name this learner's course on a host engine."""
    return hashlib.sha256(f"{getpass.getuser()}:{data_dir()}".encode()).hexdigest()[:8]


def labels(role: str) -> dict[str, str]:
    """The labels for a new object of this role (sandbox, mirror, network, volume …)."""
    return {LABEL: role, INSTANCE_LABEL: instance()}


def mine(role: str | None = None) -> dict[str, Any]:
    """A docker-py `filters` value that matches our objects only."""
    role_filter = LABEL if role is None else f"{LABEL}={role}"
    return {"label": [role_filter, f"{INSTANCE_LABEL}={instance()}"]}


def prefix() -> str:
    """What the names of our containers, volumes and networks begin with."""
    return f"learning-docker-{instance()}"
