"""The containers of a Compose project, by service, as its labels tell them."""

from __future__ import annotations

from course.checks.container import ContainerAt
from course.checks.expect import At

_LABEL = "com.docker.compose."


def services(at: At, project: str) -> dict[str, list[ContainerAt]]:
    """Returns each service's containers by number, stopped ones too; none of `compose run`.

    Args:
        at: The engine.
        project: The Compose project's name.
    """
    found: dict[str, list[ContainerAt]] = {}
    for one in at.containers():
        if of_project(one) == project and one.labels.get(_LABEL + "oneoff") != "True":
            found.setdefault(one.labels.get(_LABEL + "service", ""), []).append(one)
    return {name: sorted(those, key=number) for name, those in found.items()}


def of_project(container: ContainerAt) -> str:
    """Returns the Compose project that a container belongs to; empty for none."""
    return container.labels.get(_LABEL + "project", "")


def number(container: ContainerAt) -> int:
    """Returns which of its service's containers one is, from 1 on."""
    written = container.labels.get(_LABEL + "container-number", "")
    return int(written) if written.isdecimal() else 0


def environment(container: ContainerAt) -> dict[str, str]:
    """Returns the variables that a container's command is started with."""
    return dict(pair.partition("=")[::2] for pair in container.attrs["Config"]["Env"] or [])
