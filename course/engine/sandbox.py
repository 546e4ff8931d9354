"""One disposable engine, nested in a container of the host engine: the one a notebook drives."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import docker
import psutil
from docker.errors import APIError, DockerException, NotFound
from docker.tls import TLSConfig

from course.engine import ownership
from course.engine.certificates import Identity, make_identity
from course.engine.files import tar
from course.engine.host import HostEngine
from course.engine.profile import SPARE, create
from course.errors import CourseError

READY_SECONDS = 60
Output = Callable[[bytes, bool], None]


@dataclass(frozen=True)
class Address:
    """Where a sandbox answers, as kept in its folder for other processes of this learner.

    Attributes:
        container: Id of its container on the host engine.
        url: Of its API, `https://127.0.0.1:PORT`.
        ports: Port inside (as text) → port on 127.0.0.1 of this machine.
    """

    token: str
    container: str
    url: str
    ports: dict[str, int]


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
        return api.exec_inspect(made["Id"])["ExitCode"] or 0, b"".join(chunks)

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

    def claim(self, purpose: str) -> bool:
        """Takes a spare sandbox for a lab; False if somebody else was faster or it has gone.

        Renaming is the engine's only atomic test-and-set: the second one finds no such name.
        """
        prefix, token = ownership.prefix(), self.address.token
        try:
            self.host.client.api.rename(f"{prefix}-{SPARE}-{token}", f"{prefix}-{purpose}-{token}")
            self.mark_claimed()
        except DockerException:
            return False
        return True

    def mark_claimed(self) -> None:
        """From now on the sandbox ends itself soon after its last client is gone."""
        owner = psutil.Process()
        owner_text = json.dumps({"pid": owner.pid, "started": owner.create_time()})
        (self.folder / "owner.json").write_text(owner_text)
        self.host.client.api.put_archive(self.address.container, "/course", tar({"claimed": b""}))

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


def connect(url: str, certificates: Path, timeout: int = 60) -> docker.DockerClient:
    """A docker-py client over mutual TLS with the certificates in a folder."""
    cert, key, authority = (str(certificates / name) for name in ("cert.pem", "key.pem", "ca.pem"))
    tls = TLSConfig(client_cert=(cert, key), ca_cert=authority, verify=True)
    # Not version="auto": that would call the engine before trust_env is off.
    client = docker.DockerClient(base_url=url, tls=tls, timeout=timeout, version="1.41")
    # REQUESTS_CA_BUNDLE in the environment would take the place of our authority.
    client.api.trust_env = False
    client.api._version = client.version()["ApiVersion"]  # type: ignore[attr-defined]
    return client


def remove(host: HostEngine, container: str) -> None:
    """Removes a container of ours with its anonymous volume, however far its removal is."""
    for _ in range(50):
        try:
            host.client.api.remove_container(container, v=True, force=True)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != 409:  # 409: its own removal is under way
                raise
        time.sleep(0.1)


def boot(host: HostEngine, image: str, mirror: Any = None, purpose: str = SPARE) -> Sandbox:
    """Starts a new sandbox and waits until its engine answers (about 2 s).

    Args:
        host: The engine to nest it in.
        image: The engine image.
        mirror: The `Mirror` it pulls through, if there is one.
        purpose: Part of the container's name: "spare", or the lab's.

    Raises:
        CourseError: The host engine refused it, or it did not answer in 60 s.
    """
    try:
        return _boot(host, image, mirror, purpose, same_ports=os.environ.get("CI") != "true")
    except APIError as error:
        if "already allocated" not in str(error) and "address already in use" not in str(error):
            raise _refused(error) from error
    try:  # somebody took a course port between our look and the start
        return _boot(host, image, mirror, purpose, same_ports=False)
    except APIError as error:
        raise _refused(error) from error


def _refused(error: APIError) -> CourseError:
    return CourseError("Started a sandbox engine.", f"The host engine refused: {error}", _WHAT_NOW)


def _boot(host: HostEngine, image: str, mirror: Any, purpose: str, *, same_ports: bool) -> Sandbox:
    token = secrets.token_hex(4)
    folder = sandboxes_dir() / token
    identity = make_identity("127.0.0.1", "localhost")
    identity.save_client(folder)
    container = ""
    try:
        name = f"{ownership.prefix()}-{purpose}-{token}"
        container = create(host, image, name, mirror, same_ports=same_ports)
        host.client.api.put_archive(container, "/", tar(_files(identity, mirror)))
        host.client.api.start(container)
        sandbox = Sandbox(host, _address(host, token, container))
        _wait_ready(sandbox)
        # Last: whoever finds the address may claim the sandbox.
        (folder / "address.json").write_text(json.dumps(asdict(sandbox.address)))
        if purpose != SPARE:
            sandbox.mark_claimed()
    except BaseException:  # Ctrl-C too: nothing may stay behind
        if container:
            remove(host, container)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sandbox


def _files(identity: Identity, mirror: Any) -> dict[str, bytes]:
    files = {
        "course/entrypoint.sh": Path(__file__).with_name("sandbox-entrypoint.sh").read_bytes(),
        "course/tls/ca.pem": identity.authority,
        "course/tls/cert.pem": identity.server.certificate,
        "course/tls/key.pem": identity.server.key,
    }
    return files if mirror is None else files | {"course/mirror-ca.pem": mirror.authority}


_WHAT_NOW = "Run `course doctor` to see what this machine lacks."


def _address(host: HostEngine, token: str, container: str) -> Address:
    bindings = host.client.api.inspect_container(container)["NetworkSettings"]["Ports"]
    ports = {
        inside.split("/")[0]: int(bound[0]["HostPort"])
        for inside, bound in bindings.items()
        if bound
    }
    return Address(token, container, f"https://127.0.0.1:{ports.pop('2376')}", ports)


def _wait_ready(sandbox: Sandbox) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            sandbox.client(timeout=5).close()
            return
        except (DockerException, OSError) as error:
            if time.monotonic() > deadline or not sandbox.is_running():
                raise CourseError(
                    "Started a sandbox engine.",
                    f"It did not answer: {error}. Its last words: "
                    f"{_last_words(sandbox.host, sandbox.address.container)}",
                    _WHAT_NOW,
                ) from error
            time.sleep(0.05)


def _last_words(host: HostEngine, container: str) -> str:
    try:
        log = host.client.api.logs(container, tail=3).decode(errors="replace")
    except DockerException:
        return ""
    return " | ".join(log.strip().splitlines())


def known(host: HostEngine) -> list[Sandbox]:
    """The sandboxes of this learner that have an address, running or not, oldest first."""
    folders = sorted(sandboxes_dir().glob("*/address.json"), key=os.path.getmtime)
    return [Sandbox(host, Address(**json.loads(path.read_text()))) for path in folders]
