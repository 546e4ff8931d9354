"""PathReader: reads a project's logs for one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from docker import DockerClient
from docker.errors import APIError

from course.watch.path import Line, Member, RequestPath, parse, trace

TAIL = 1000  # lines of a container's log that are read at first
PROJECT, SERVICE, NUMBER, ONE_OFF = (
    f"com.docker.compose.{name}" for name in ("project", "service", "container-number", "oneoff")
)


class PathReader:
    """Reads the logs of a project's containers, and of each only what is new since last time.

    Args:
        connect: Gives a new client, for the one thread that reads.
        project: The Compose project's name.
        request: The request's id; without one it is the latest POST.
    """

    def __init__(
        self, connect: Callable[[], DockerClient], project: str, request: str | None = None
    ) -> None:
        self._connect, self._project, self._request = connect, project, request
        self._client: DockerClient | None = None
        self._logs: dict[str, dict[tuple[float, str], Line]] = {}

    def read(self) -> RequestPath:
        """Looks for the request in all logs.

        Raises:
            docker.errors.DockerException, OSError: The engine does not answer.
        """
        if self._client is None:
            self._client = self._connect()
        filters = {"label": f"{PROJECT}={self._project}"}
        members = _members(self._client.api.containers(all=True, filters=filters))
        self._logs = {ident: self._log(ident, one) for ident, one in members.items()}
        lines = (line for log in self._logs.values() for line in log.values())
        return trace(self._project, members.values(), lines, self._request)

    def _log(self, ident: str, member: Member) -> dict[tuple[float, str], Line]:
        """The engine gives lines from a moment on: that moment's own come twice, and count once."""
        log = self._logs.get(ident, {})
        since: dict[str, Any] = {"since": max(at for at, _ in log)} if log else {"tail": TAIL}
        try:
            assert self._client is not None
            raw = self._client.api.logs(ident, timestamps=True, **since)
        except APIError:
            return log  # it went away meanwhile, or its logs go elsewhere
        return log | {(one.at, str(one.said)): one for one in parse(raw, member)}

    def close(self) -> None:
        """Closes the connection; another reading opens another one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _members(entries: Iterable[Mapping[str, Any]]) -> dict[str, Member]:
    """By id, without those of `docker compose run`: they serve nobody, and their number is 1."""
    return {
        entry["Id"]: _member(entry)
        for entry in entries
        if (entry.get("Labels") or {}).get(ONE_OFF, "") != "True"
    }


def _member(entry: Mapping[str, Any]) -> Member:
    labels, names = entry.get("Labels") or {}, entry.get("Names") or ()
    number = labels.get(NUMBER, "")
    name = names[0].lstrip("/") if names else entry["Id"][:12]
    at = int(number) if number.isdecimal() else 1
    return Member(labels.get(SERVICE, name), name, at, entry.get("State", ""))
