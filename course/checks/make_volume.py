"""What the setup of a task builds volumes with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docker.errors import NotFound
from docker.models.volumes import Volume

from course.checks.lab import Lab
from course.checks.stage import make
from course.engine.files import tar

_HELPER = "stage-helper"


def make_volume(lab: Lab, name: str | None = None, **options: Any) -> Volume:
    """Makes an empty volume in place of one with the same name.

    Args:
        lab: Where.
        name: The volume's; None lets the engine make one up.
        options: Of docker-py's `volumes.create`.
    """
    if name:
        remove_volumes(lab, name)
    return lab.client.volumes.create(name, **options)


def remove_volumes(lab: Lab, *names: str) -> None:
    """Removes volumes with all that is in them, and the containers that have them."""
    for name in names:
        for entry in lab.client.api.containers(all=True, filters={"volume": name}):
            lab.client.api.remove_container(entry["Id"], v=True, force=True)
        try:
            lab.client.api.remove_volume(name, force=True)
        except NotFound:
            continue


def remove_labelled(lab: Lab, label: str) -> None:
    """Removes the volumes with a label ("key=value") and the containers that have them."""
    found = lab.client.api.volumes(filters={"label": label})["Volumes"] or []
    remove_volumes(lab, *(entry["Name"] for entry in found))


def fill(lab: Lab, name: str, files: Mapping[str, str]) -> None:
    """Writes text files (path → content) into a volume."""
    # A container takes files for its volumes without ever running.
    volumes = {name: {"bind": "/volume", "mode": "rw"}}
    helper = make(lab, _HELPER, "busybox", ["true"], volumes=volumes)
    helper.put_archive("/volume", tar({key: text.encode() for key, text in files.items()}, 0o644))
    helper.remove()
