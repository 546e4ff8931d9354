"""The containers of a Compose project, by service, as Compose's labels tell them."""

from __future__ import annotations

from course.checks.container import ContainerAt
from course.checks.expect import At

_LABEL = "com.docker.compose."


def services(at: At, project: str) -> dict[str, ContainerAt]:
    """Returns the first container of each service, stopped ones too."""
    return {name: those[0] for name, those in replicas(at, project).items()}


def replicas(at: At, project: str) -> dict[str, list[ContainerAt]]:
    """Returns the containers of each service by number; not those of `docker compose run`.

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


def waits_for(container: ContainerAt) -> dict[str, str]:
    """Returns what a service depends on: service → condition, as "service_healthy"."""
    written = container.labels.get(_LABEL + "depends_on", "")  # as "db:service_healthy:false,…"
    entries = (entry.split(":") for entry in written.split(",") if entry)
    return {name: (rest or ["service_started"])[0] for name, *rest in entries}


def environment(container: ContainerAt) -> dict[str, str]:
    """Returns the variables that a container's command is started with."""
    return dict(pair.partition("=")[::2] for pair in container.attrs["Config"]["Env"] or [])
