"""Find the engine that the learner already has, and say why it was chosen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.context import ContextAPI
from docker.errors import DockerException

from course.engine.first_output import keep_first_output
from course.engine.ownership import data_dir
from course.errors import CourseError

OLDEST_API = (1, 41)
"""Engine 20.10, the oldest that Debian 12 ships and that the course is tested on."""


@dataclass(frozen=True)
class Endpoint:
    """A place where an engine may answer, and why we look there."""

    url: str
    why: str


@dataclass(frozen=True)
class HostEngine:
    """An engine that answered.

    Attributes:
        client: A docker-py client of it.
        endpoint: Where it answers.
        version: The engine's `GET /version` answer.
    """

    client: docker.DockerClient
    endpoint: Endpoint
    version: dict[str, str]

    def another_client(self) -> docker.DockerClient:
        """A new client of the same engine, for another thread."""
        return _client(self.endpoint, timeout=60)

    @property
    def is_local_linux(self) -> bool:
        """Whether the engine shares this machine's kernel (not a VM, not remote)."""
        return sys.platform == "linux" and self.endpoint.url.startswith("unix://")


def embedded_socket() -> Path:
    """The socket of the engine that the course itself starts where there is none."""
    return data_dir() / "engine" / "docker.sock"


def well_known_sockets() -> Iterator[Endpoint]:
    """Where Docker Engine, Docker Desktop, Colima and Rancher Desktop listen."""
    home = Path.home()
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{getattr(os, 'getuid', lambda: 0)()}")
    yield Endpoint("unix:///var/run/docker.sock", "the usual socket of Docker Engine")
    yield Endpoint(f"unix://{runtime}/docker.sock", "a rootless engine's socket")
    yield Endpoint(f"unix://{home}/.docker/run/docker.sock", "Docker Desktop's socket")
    yield Endpoint(f"unix://{home}/.docker/desktop/docker.sock", "Docker Desktop's socket")
    yield Endpoint(f"unix://{home}/.colima/default/docker.sock", "Colima's socket")
    yield Endpoint(f"unix://{home}/.rd/docker.sock", "Rancher Desktop's socket")
    if sys.platform == "win32":
        yield Endpoint("npipe:////./pipe/docker_engine", "Docker Desktop's pipe")
    yield Endpoint(f"unix://{embedded_socket()}", "the course's own engine")


def _chosen_endpoint() -> Endpoint | None:
    """The endpoint that the learner chose by DOCKER_HOST, DOCKER_CONTEXT or a docker context."""
    if url := os.environ.get("DOCKER_HOST"):
        return Endpoint(url, "DOCKER_HOST names it")
    try:
        context = ContextAPI.get_context(os.environ.get("DOCKER_CONTEXT"))
    except (DockerException, ValueError, OSError) as error:
        raise CourseError(
            "Read the docker contexts.",
            str(error),
            "Run `docker context ls` and mend or remove it.",
        ) from error
    if context is None:
        raise CourseError(
            "Read the docker context that DOCKER_CONTEXT or `docker context use` chose.",
            "There is none of this name.",
            "Unset DOCKER_CONTEXT, and run `docker context use default`.",
        )
    if context.name == "default":
        return None
    return Endpoint(str(context.Host), f"the docker context {context.name!r} names it")


def connect(endpoint: Endpoint, timeout: int = 60) -> HostEngine:
    """Connects to an engine.

    Raises:
        CourseError: It is too old.
        DockerException, OSError: It does not answer.
    """
    client = _client(endpoint, timeout)
    version = client.version()
    _refuse_old(version)
    return HostEngine(client, endpoint, version)


def _client(endpoint: Endpoint, timeout: int) -> docker.DockerClient:
    if endpoint.why.endswith("names it"):  # with the TLS files of the variables or the context
        client = docker.from_env(version="auto", timeout=timeout)
    else:
        client = docker.DockerClient(base_url=endpoint.url, version="auto", timeout=timeout)
    keep_first_output(client.api)
    return client


def _refuse_old(version: dict[str, str]) -> None:
    if tuple(int(part) for part in version["ApiVersion"].split(".")) < OLDEST_API:
        raise CourseError(
            "Connected to the Docker engine.",
            f"It is version {version['Version']} (API {version['ApiVersion']}).",
            "The course needs 20.10 (API 1.41) or newer: update Docker and try again.",
        )


def _socket_path(endpoint: Endpoint) -> Path | None:
    scheme, _, path = endpoint.url.partition("://")
    return Path(path) if scheme == "unix" else None


def _is_there(path: Path) -> bool:
    """Whether a socket is there for us: one in another user's closed folder is not."""
    try:
        return path.exists()
    except OSError:
        return False


def _name(ask: Callable[[], str], number: int) -> str:
    """A user's or group's name; its number where it has none, as in a container."""
    try:
        return ask()
    except KeyError:
        return str(number)


def _denied(path: Path) -> CourseError:
    found = path.stat()
    owner, group = _name(path.owner, found.st_uid), _name(path.group, found.st_gid)
    return CourseError(
        f"Tried to open the Docker socket {path}.",
        f"Permission denied: it belongs to {owner}:{group}.",
        f"Run `sudo usermod -aG {group} $USER`, log out and in again (that group is as powerful as "
        "root), or set up rootless Docker.",
    )


def _refused(endpoint: Endpoint, error: Exception) -> CourseError:
    path = _socket_path(endpoint)
    if path and _is_there(path) and not os.access(path, os.R_OK | os.W_OK):
        return _denied(path)
    return CourseError(
        f"Tried the Docker engine at {endpoint.url}, because {endpoint.why}.",
        f"It did not answer: {error}.",
        "Start it, or unset DOCKER_HOST and DOCKER_CONTEXT or run `docker context use default` to "
        "use another one.",
    )


def find() -> HostEngine | None:
    """Returns the learner's engine, or None where no engine answers.

    The order is: `DOCKER_HOST`, `DOCKER_CONTEXT`, the current docker context, the usual sockets,
    our own.

    Raises:
        CourseError: The engine that the learner chose does not answer, is too old, or a socket
            is there that we may not open.
    """
    if chosen := _chosen_endpoint():
        try:
            return connect(chosen)
        except (DockerException, OSError) as error:
            raise _refused(chosen, error) from error
    denied: CourseError | None = None
    for endpoint in well_known_sockets():
        path = _socket_path(endpoint)
        if path is not None and not _is_there(path):
            continue
        try:
            return connect(endpoint)
        except (DockerException, OSError) as error:
            if path and not os.access(path, os.R_OK | os.W_OK):
                denied = denied or _refused(endpoint, error)
    if denied:
        raise denied
    return None
