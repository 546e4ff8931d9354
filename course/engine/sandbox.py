"""One disposable engine, nested in a container of the host engine: the one a notebook drives."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import docker
import requests
from docker.errors import APIError, DockerException, NotFound
from docker.tls import TLSConfig

from course.engine import ownership
from course.engine.files import tar
from course.engine.first_output import keep_first_output
from course.engine.host import HostEngine
from course.engine.machine import Output
from course.engine.profile import SPARE
from course.errors import CourseError

EXIT_SECONDS = 5


@dataclass(frozen=True)
class Address:
    """Where a sandbox answers, as kept in its folder for other processes of this learner.

    Attributes:
        container: Id of its container on the host engine.
        url: Of its API, `https://127.0.0.1:PORT`.
        ports: Port inside (as text) → port on 127.0.0.1 of this machine.
        node: Its name in its lab.
        ip: Its fixed address on the nodes' own network; empty where there is none.
        cluster: What the nodes of one lab have in common; empty for a lab with one.
    """

    token: str
    container: str
    url: str
    ports: dict[str, int]
    node: str = "node1"
    ip: str = ""
    cluster: str = ""


def sandboxes_dir() -> Path:
    """The folder that holds one folder (address and client certificates) for each sandbox."""
    return ownership.data_dir() / "sandboxes"


class Sandbox:
    """A nested engine that is ready to answer.

    Args:
        host: The engine that holds its container.
        address: Where it answers.
    """

    def __init__(self, host: HostEngine, address: Address) -> None:
        self.host, self.address = host, address

    @property
    def folder(self) -> Path:
        """Folder with address.json, ca.pem, cert.pem and key.pem."""
        return sandboxes_dir() / self.address.token

    def client(self, timeout: int = 60) -> docker.DockerClient:
        """A new docker-py client of this engine (use one for each thread)."""
        return connect(self.address.url, self.folder, timeout)

    def run(self, script: str, on_output: Output | None = None) -> tuple[int, bytes]:
        """Runs a shell script on the sandbox itself, where `docker`, `ps` and `ip` are.

        Args:
            script: For `sh`; it ends when its last command does.
            on_output: Called with each chunk and whether it came from stderr.

        Returns:
            Exit code, and stdout and stderr in the order they came.
        """
        with closing(self.host.another_client()) as client:  # a view may run something meanwhile
            return self._run(client.api, script, on_output)

    def _run(
        self, api: docker.APIClient, script: str, on_output: Output | None
    ) -> tuple[int, bytes]:
        made = api.exec_create(self.address.container, ["sh", "-c", script])
        chunks: list[bytes] = []
        for out, err in api.exec_start(made["Id"], stream=True, demux=True):
            chunk = (out if err is None else err) or b""
            chunks.append(chunk)
            if on_output:
                on_output(chunk, err is not None)
        return _exit_code(api, made["Id"]), b"".join(chunks)

    def url(self, port: int) -> str:
        """Where a browser on this machine reaches a port that a container publishes.

        Raises:
            CourseError: It is not one of the course's ports.
        """
        if str(port) not in self.address.ports:
            known = ", ".join(self.address.ports)
            raise CourseError(
                f"Looked for port {port} of the lab.",
                f"A sandbox publishes only the ports {known}.",
                "Publish your container on one of these.",
            )
        return f"http://127.0.0.1:{self.address.ports[str(port)]}"

    def publishes(self, ports: Iterable[int]) -> bool:
        """Whether it has all of these; one that waits since before an update may not."""
        return {str(port) for port in ports} <= self.address.ports.keys()

    def claim(self, purpose: str) -> bool:
        """Takes a spare sandbox for a lab; False if somebody else was faster or it has gone.

        Who makes the file that names the owner has it. Renaming the container would not tell: the
        engine looks the old name up before it locks, so of two at the same moment both succeed.
        """
        prefix, token = ownership.prefix(), self.address.token
        try:
            self.mark_claimed()
            self.host.client.api.rename(f"{prefix}-{SPARE}-{token}", f"{prefix}-{purpose}-{token}")
        except (DockerException, OSError):
            return False
        return True

    def mark_claimed(self) -> None:
        """From now on the sandbox ends itself soon after its last client is gone.

        Raises:
            FileExistsError: Somebody has it already.
        """
        with (self.folder / "owner.json").open("x") as file:
            json.dump({"pid": os.getpid()}, file)
        self.host.client.api.put_archive(self.address.container, "/course", tar({"claimed": b""}))

    def answers(self) -> bool:
        """Whether its engine answers now."""
        try:
            self.client(timeout=5).close()
        except (DockerException, OSError):
            return False
        return True

    def owned_since(self) -> float | None:
        """When a lab claimed it (epoch seconds); None for a spare one."""
        owner = self.folder / "owner.json"
        return owner.stat().st_mtime if owner.exists() else None

    def is_running(self) -> bool:
        """Whether its container runs."""
        try:
            state = self.host.client.api.inspect_container(self.address.container)["State"]
        except NotFound:
            return False
        return bool(state["Running"])

    def stop(self) -> None:
        """Removes the sandbox and all that is in it; it may be gone already."""
        remove(self.host, self.address.container)
        shutil.rmtree(self.folder, ignore_errors=True)


def _exit_code(api: docker.APIClient, ident: str) -> int:
    """Waits for the exit code: an engine records it a moment after the output has ended."""
    deadline = time.monotonic() + EXIT_SECONDS
    while (code := api.exec_inspect(ident)["ExitCode"]) is None:
        if time.monotonic() > deadline:  # the output's end was not the script's: it closed it
            raise CourseError(
                "Ran a script on the Docker host.", "It closed its output and goes on."
            )
        time.sleep(0.01)
    return int(code)


def connect(url: str, certificates: Path, timeout: int = 60) -> docker.DockerClient:
    """A docker-py client over mutual TLS with the certificates in a folder.

    Raises:
        DockerException: The engine does not answer (yet, or any more).
    """
    cert, key, authority = (str(certificates / name) for name in ("cert.pem", "key.pem", "ca.pem"))
    tls = TLSConfig(client_cert=(cert, key), ca_cert=authority, verify=True)
    # Not version="auto": that would call the engine before trust_env is off.
    client = docker.DockerClient(base_url=url, tls=tls, timeout=timeout, version="1.41")
    # REQUESTS_CA_BUNDLE in the environment would take the place of our authority.
    client.api.trust_env = False
    keep_first_output(client.api)
    try:
        client.api._version = client.version()["ApiVersion"]  # type: ignore[attr-defined]
    except requests.RequestException as error:
        client.close()
        raise DockerException(f"the engine at {url} does not answer: {error}") from error
    return client


def remove(host: HostEngine, container: str) -> None:
    """Removes a container of ours with its volume, however far its removal is."""
    with contextlib.suppress(APIError):
        host.client.api.stop(container, timeout=2)  # lets a sandbox thaw what is paused in it
    for _ in range(50):
        try:
            host.client.api.remove_container(container, v=True, force=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != 409:  # 409: its own removal is under way
                raise
        time.sleep(0.1)


def known(host: HostEngine) -> list[Sandbox]:
    """The sandboxes of this learner that have an address, running or not, oldest first."""
    folders = sorted(sandboxes_dir().glob("*/address.json"), key=os.path.getmtime)
    return [Sandbox(host, Address(**json.loads(path.read_text()))) for path in folders]
