"""What the engines of a failing notebook looked like: appended to its test's report."""

from __future__ import annotations

import json
import time
from pathlib import Path

from docker import DockerClient

from course.engine.sandbox import connect, sandboxes_dir

LINES = 15  # of each container's log
CONTAINERS = 5  # whose logs are shown, newest first
EVENTS = 40


def dump(kernel: int) -> str:
    """Returns containers, last events and logs of the labs that a kernel holds open.

    Never raises: an engine that does not answer is what the report then says.

    Args:
        kernel: Process id of the kernel.
    """
    folders = [path.parent for path in sandboxes_dir().glob("*/owner.json")]
    found = [_describe(folder) for folder in folders if _owner(folder) == kernel]
    return "\n\n".join(found) or f"The kernel (PID {kernel}) has no lab open."


def _owner(folder: Path) -> int | None:
    try:
        return int(json.loads((folder / "owner.json").read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None


def _describe(folder: Path) -> str:
    try:
        url = json.loads((folder / "address.json").read_text())["url"]
        client = connect(url, folder, timeout=5)
        try:
            return f"Engine {url}\n{report(client)}"
        finally:
            client.close()
    except Exception as error:
        # Whatever is wrong with the engine, the test's own failure must still be told.
        return f"Engine in {folder}: no answer: {type(error).__name__}: {error}"


def report(client: DockerClient) -> str:
    """Returns the state of one engine as text."""
    containers = client.api.containers(all=True)
    parts = [_containers(containers), _events(client)]
    parts += [_log(client, one["Id"], _name(one)) for one in containers[:CONTAINERS]]
    return "\n".join(parts)


def _name(container: dict[str, list[str]]) -> str:
    return (container.get("Names") or ["?"])[0].lstrip("/")


def _containers(containers: list[dict[str, str]]) -> str:
    rows = [
        f"  {one['Id'][:12]}  {_name(one)}  {one['Image']}  {one['Status']}"  # type: ignore[arg-type]
        for one in containers
    ]
    return "\n".join(["containers:", *(rows or ["  none"])])


def _events(client: DockerClient) -> str:
    now = int(time.time())
    events = client.events(since=now - 300, until=now, decode=True)
    rows = [
        f"  {event['time']}  {event['Type']} {event['Action']}"
        f"  {event['Actor'].get('Attributes', {}).get('name', event['Actor'].get('ID', ''))}"
        for event in events
    ]
    return "\n".join(["events of the last 5 minutes:", *rows[-EVENTS:]])


def _log(client: DockerClient, container: str, name: str) -> str:
    lines = client.api.logs(container, tail=LINES).decode(errors="replace").splitlines()
    return "\n".join([f"log of {name}:", *(f"  {line}" for line in lines)])
