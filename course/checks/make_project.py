"""What the setup of a task makes a Compose project with: a folder of the Docker host, `up`."""

from __future__ import annotations

import contextlib
import posixpath
import shlex
from collections.abc import Mapping

from docker.errors import APIError, ImageNotFound

from course.catalogue import ROOT
from course.checks.lab import Lab
from course.errors import CourseError


def make_project(lab: Lab, project: str, files: Mapping[str, str]) -> None:
    """Makes the folder /PROJECT of the Docker host anew; what there was of the project goes.

    Args:
        lab: Where.
        project: Name of the project and of the folder.
        files: Path in the folder → content.
    """
    remove_project(lab, project)
    run(lab, f"rm -rf {_folder(project)} && mkdir {_folder(project)}")
    for name, content in files.items():
        write(lab, project, name, content)


def write(lab: Lab, project: str, name: str, content: str) -> None:
    """Writes a file of a project's folder."""
    path = posixpath.join(f"/{project}", name)
    folder = shlex.quote(posixpath.dirname(path))
    run(lab, f"mkdir -p {folder} && printf %s {shlex.quote(content)} > {shlex.quote(path)}")


def compose(lab: Lab, project: str, words: str, **variables: str) -> str:
    """Runs `docker compose …` in a project's folder and returns what it said.

    Args:
        lab: Where.
        project: Whose folder.
        words: As `up -d`.
        variables: Of the environment.

    Raises:
        CourseError: It failed.
    """
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    command = f"{given} docker compose --progress quiet {words}"
    return run(lab, f"cd {_folder(project)} && {command} < /dev/null")


def run(lab: Lab, script: str) -> str:
    """Runs a script on the Docker host and returns what it said.

    Raises:
        CourseError: It failed.
    """
    code, output = lab.run(script)
    said = output.decode(errors="replace")
    if code:
        raise CourseError("Ran a script on the lab's Docker host.", said[-500:].strip())
    return said


def remove_project(lab: Lab, project: str) -> None:
    """Removes a project's containers, networks and volumes, and those of no other."""
    api = lab.client.api
    mine = {"label": f"com.docker.compose.project={project}"}
    for container in api.containers(all=True, filters=mine):
        api.remove_container(container["Id"], v=True, force=True)
    for network in api.networks(filters=mine):
        with contextlib.suppress(APIError):  # somebody else's container is on it: left alone
            api.remove_network(network["Id"])
    for volume in api.volumes(filters=mine)["Volumes"] or []:
        api.remove_volume(volume["Name"], force=True)


def make_part(lab: Lab, part: str) -> None:
    """Makes the image of a part of exercises/complex-app, as its compose.yaml names and builds it.

    One that is there is left alone: chapter 11 has built it, and that of a learner counts.

    Args:
        lab: Where.
        part: "server" or "worker".
    """
    name = f"complex-app-{part}"
    try:
        lab.client.images.get(name)
    except ImageNotFound:
        source = str(ROOT / "exercises" / "complex-app" / part)
        lab.client.images.build(
            path=source, dockerfile="Dockerfile.dev", tag=name, rm=True, forcerm=True
        )


def _folder(project: str) -> str:
    return shlex.quote(f"/{project}")
