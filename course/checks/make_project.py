"""What the setup of a task makes a Compose project with: files on the Docker host, `up`."""

from __future__ import annotations

import contextlib
import posixpath
import shlex
from collections.abc import Mapping

from docker.errors import APIError, ImageNotFound

from course.catalogue import ROOT
from course.checks.lab import Lab
from course.errors import CourseError


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
        source = ROOT / "exercises" / "complex-app" / part
        lab.client.images.build(
            path=str(source), dockerfile="Dockerfile.dev", tag=name, rm=True, forcerm=True
        )


def write_files(lab: Lab, folder: str, files: Mapping[str, str]) -> None:
    """Makes a folder of the Docker host anew, with these files: path in it → content."""
    lines = [f"rm -rf {shlex.quote(folder)}"]
    for name, content in files.items():
        path = posixpath.join(folder, name)
        lines.append(f"mkdir -p {shlex.quote(posixpath.dirname(path))}")
        lines.append(f"printf %s {shlex.quote(content)} > {shlex.quote(path)}")
    run(lab, "\n".join(lines))


def compose(lab: Lab, folder: str, words: str, **variables: str) -> None:
    """Runs `docker compose …` in a folder of the Docker host.

    Args:
        lab: Where.
        folder: With the compose.yaml.
        words: As `up --detach`.
        variables: Of the environment.

    Raises:
        CourseError: It failed, with what it said.
    """
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    run(lab, f"cd {shlex.quote(folder)} && {given} docker compose --progress quiet {words}")


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
