"""Start a new sandbox: its container, its certificates, and the wait for its engine."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException

from course.engine import folder, ownership
from course.engine.certificates import Identity, make_identity
from course.engine.files import tar
from course.engine.host import HostEngine
from course.engine.profile import SPARE, create
from course.engine.sandbox import Address, Sandbox, remove, sandboxes_dir
from course.engine.seat import Seat
from course.errors import CourseError

READY_SECONDS = 60
ALONE = Seat()


def boot(
    host: HostEngine,
    image: str,
    mirror: Any = None,
    purpose: str = SPARE,
    seat: Seat = ALONE,
) -> Sandbox:
    """Starts a new sandbox and waits until its engine answers (about 2 s).

    Args:
        host: The engine to nest it in.
        image: The engine image.
        mirror: The `Mirror` it pulls through, if there is one.
        purpose: Part of the container's name: "spare", or the lab's.
        seat: Its place among the nodes of a lab.

    Raises:
        CourseError: The host engine refused it, or it did not answer in 60 s.
    """
    first = seat.node == ALONE.node
    wishes = {"same_ports": first and os.environ.get("CI") != "true", "share": True}
    while True:
        try:
            return _boot(host, image, mirror, purpose, seat, **wishes)
        except APIError as error:
            refused = _refused_wish(error)
            if refused is None or not wishes[refused]:
                raise _refused(error) from error
            wishes[refused] = False


# The engine's words; the last are Docker Desktop's, where a program of Windows has the port: from
# inside WSL the port looks free.
_TAKEN = ("already allocated", "address already in use", "ports are not available")


def _refused_wish(error: APIError) -> str | None:
    """What a sandbox can do without, if that is what the host engine refused."""
    if any(sign in str(error).lower() for sign in _TAKEN):
        return "same_ports"  # somebody took a course port between our look and the start
    return "share" if folder.is_refusal(error) else None


def _refused(error: APIError) -> CourseError:
    return CourseError("Started a sandbox engine.", f"The host engine refused: {error}", _WHAT_NOW)


def _boot(
    host: HostEngine,
    image: str,
    mirror: Any,
    purpose: str,
    seat: Seat = ALONE,
    *,
    same_ports: bool,
    share: bool = True,
) -> Sandbox:
    token = secrets.token_hex(4)
    keep = sandboxes_dir() / token
    identity = make_identity("127.0.0.1", "localhost")
    identity.save_client(keep)
    container = ""
    try:
        name = f"{ownership.prefix()}-{purpose}-{token}"
        container = create(host, image, name, mirror, seat, same_ports=same_ports, share=share)
        host.client.api.put_archive(container, "/", tar(_files(identity, mirror)))
        host.client.api.start(container)
        sandbox = Sandbox(host, _address(host, token, container, seat))
        _wait_ready(sandbox)
        # Last: whoever finds the address may claim the sandbox.
        (keep / "address.json").write_text(json.dumps(asdict(sandbox.address)))
        if purpose != SPARE:
            sandbox.mark_claimed()
    except BaseException:  # Ctrl-C too: nothing may stay behind
        if container:
            remove(host, container)
        shutil.rmtree(keep, ignore_errors=True)
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


def _address(host: HostEngine, token: str, container: str, seat: Seat) -> Address:
    bindings = host.client.api.inspect_container(container)["NetworkSettings"]["Ports"]
    ports = {
        inside.split("/")[0]: int(bound[0]["HostPort"])
        for inside, bound in bindings.items()
        if bound
    }
    url = f"https://127.0.0.1:{ports.pop('2376')}"
    return Address(token, container, url, ports, seat.node, seat.ip, seat.cluster)


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
