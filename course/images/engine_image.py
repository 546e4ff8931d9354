"""The image of the sandboxes' engine: Debian and its packages, from either source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import closing

import docker
from docker.errors import ImageNotFound

from course.errors import CourseError
from course.images import debian, engine_build
from course.images.inventory import Engine, inventory
from course.images.stream import follow, parse, patient, told
from course.report import Report, silent

LABEL = "dev.learning-docker"
NO_ROOM = "Is there room where the engine keeps its images (`docker system df`)?"


def command(suite: str, more: Sequence[str] = ()) -> list[str]:
    """The mmdebstrap command of one suite's engine image.

    Args:
        suite: Debian release.
        more: Packages besides those that images.toml lists.

    Raises:
        CourseError: images.toml does not list this suite.
    """
    engine = inventory().engine
    own = _suite(engine, suite)
    packages = [*engine.packages, *own["packages"], *more]
    without = [*engine.without, *own.get("without", [])]
    hooks = [debian.borrow(suite, *one.split("/")) for one in own.get("borrowed", [])]
    return debian.arguments(suite, packages, without, own.get("aptopt", []), hooks)


def _env(suite: str) -> list[str]:
    return [f"ENV {one}" for one in inventory().engine.suites[suite].get("env", [])]


def _suite(engine: Engine, suite: str) -> dict[str, list[str]]:
    if suite not in engine.suites:
        known = ", ".join(engine.suites)
        raise CourseError(f"Looked for an engine from Debian {suite!r}.", f"There are {known}.")
    return dict(engine.suites[suite])


def reference(suite: str, source: str = "kit") -> str:
    """The reference of one suite's engine image: another recipe is another tag.

    Args:
        suite: Debian release.
        source: "kit", or "hub" for the one that is built on Docker Hub's Debian.

    Raises:
        CourseError: images.toml does not list this suite.
    """
    made_of = json.dumps(command(suite) + _env(suite))
    if source == "hub":
        made_of = engine_build.dockerfile(inventory().engine, suite)
    digest = hashlib.sha256(made_of.encode()).hexdigest()[:12]
    return f"{inventory().engine.name}:{'hub-' if source == 'hub' else ''}{suite}-{digest}"


def ensure_engine_image(
    host: docker.DockerClient, suite: str = "trixie", report: Report = silent, source: str = "kit"
) -> str:
    """Makes the engine image on the host engine, unless it is there (about 35 s).

    Args:
        host: The engine that will hold the sandboxes.
        suite: Debian release: bookworm (Docker 20.10), trixie (26.1) or forky (28.5).
        report: Told how far it is.
        source: "kit" bootstraps it, "hub" builds it on Docker Hub's Debian.

    Returns:
        The image's reference.

    Raises:
        CourseError: mmdebstrap is missing or failed, a build failed, Docker Hub is out of reach, or
            the host engine did not take the image.
    """
    name = reference(suite, source)
    try:
        host.images.get(name)
    except ImageNotFound:
        if source == "hub":
            engine_build.build(host, inventory().engine, suite, name, report)
            return name
        debian.ensure_mmdebstrap(report)
        tar = debian.Bootstrap(command(suite), f"engine image ({suite})", report)
        load(host, name, tar, _env(suite))
    return name


def load(
    host: docker.DockerClient, name: str, tar: debian.Bootstrap, env: Sequence[str] = ()
) -> None:
    """Streams a file system into the host engine as an image with our label."""
    changes = [f"LABEL {LABEL}=engine-image", 'CMD ["dockerd"]', *env]
    import_tar(host, tar, changes, name)
    tar.report(tar.step, len(debian.STEPS), len(debian.STEPS))


def import_tar(
    client: docker.DockerClient, tar: debian.Bootstrap, changes: list[str], name: str = ""
) -> str:
    """Imports a bootstrapped file system (POST /images/create?fromSrc=-); returns the image's id.

    Raises:
        CourseError: mmdebstrap failed, or the engine did not take it.
    """
    repository, _, tag = name.rpartition(":")
    with told(f"Imported {tar.step}.", NO_ROOM), patient(client), closing(tar.__iter__()) as chunks:
        answer = client.api.import_image_from_stream(
            chunks, repository=repository or None, tag=tag or None, changes=changes
        )
        messages = list(follow(parse(answer)))
    return str(messages[-1]["status"])
