"""What really happened to a container or a service, from the engine's own record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import docker


@dataclass(frozen=True)
class Happened:
    """One event of a container or a service.

    Attributes:
        action: As the engine names it: create, start, kill, die, stop, update …
        seconds: When, since 1970, by the engine's clock.
        attributes: The event's own facts, such as `signal` and `exitCode`, all text.
    """

    action: str
    seconds: float
    attributes: dict[str, str]


def epoch(stamp: str) -> float:
    """Returns the seconds since 1970 of a time as the engine writes it (RFC 3339)."""
    return datetime.fromisoformat(stamp).timestamp()


def happened(
    client: docker.DockerClient, since: float, kind: str = "container", **filters: str
) -> list[Happened]:
    """Lists the events of containers or of services, oldest first (GET /events).

    The engine remembers its last 256 events in all: an old one may be gone.

    Args:
        client: Of the engine.
        since: From when on, in seconds since 1970 by the engine's clock.
        kind: Of the object, "container" or "service".
        filters: Of the events call, such as `container=ID` or `label="key=value"`.
    """
    # The engine's clock, not ours: on macOS and Windows they are two. A window that ends in the
    # past makes the engine answer at once instead of waiting for more.
    until = epoch(client.info()["SystemTime"])
    window: dict[str, Any] = {"since": f"{since:.6f}", "until": f"{until:.6f}"}
    wanted = {"type": [kind]} | {key: [value] for key, value in filters.items()}
    return [_happened(event) for event in client.api.events(**window, filters=wanted, decode=True)]


def _happened(event: dict[str, Any]) -> Happened:
    return Happened(event["Action"], event["timeNano"] / 1e9, event["Actor"]["Attributes"])
