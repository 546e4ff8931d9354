"""One HTTP call that docker-py made to the engine."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

VERSION = re.compile(r"^/v(\d+\.\d+)(?=/)")
MASK = "***"
SECRET_HEADERS = frozenset({"X-Registry-Auth", "X-Registry-Config", "Authorization"})
SECRET_KEYS = frozenset({"password", "identitytoken", "JoinToken", "UnlockKey", "SigningCAKey"})
SECRET_PATHS = ("/secrets/create",)  # "Data" is the secret itself, base64 is not encryption


@dataclass(frozen=True)
class Call:
    """A request and what came back. Secrets are masked before they get here.

    Attributes:
        number: Position in the trace, from 1.
        method: As "POST".
        path: Without the version prefix and the query, as "/containers/create".
        query: Names and values, in the order sent.
        version: API version of the path, as "1.45"; empty for `/_ping`.
        body: The JSON body, or None.
        payload: Bytes of a body that is not JSON (a tar archive), 0 without one.
        headers: Those that a `curl` command has to repeat.
        status: HTTP status, None until the engine answered.
        headers_ms: Milliseconds until the engine's status line and headers were read.
        ms: Milliseconds until the end of the answer, None while a stream is open.
        error: The engine's message, or the fault of the connection.
        started: Wall clock, seconds since 1970.
        reply_id: The id in the answer, where the call made or inspected an object.
        reply_name: The name in the answer, without the leading slash.
        reply_spec: What a service is to be, where the call read one.
    """

    number: int
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    version: str = ""
    body: Any = None
    payload: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    headers_ms: float | None = None
    ms: float | None = None
    error: str = ""
    started: float = field(default=0.0, compare=False)
    reply_id: str = ""
    reply_name: str = ""
    reply_spec: Any = None

    def parameter(self, name: str) -> str:
        """Returns the first value of a query parameter, or an empty string."""
        return next((value for key, value in self.query if key == name), "")


def split_url(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Splits a request's URL into API version, path and query."""
    parts = urlsplit(url)
    found = VERSION.match(parts.path)
    path = VERSION.sub("", parts.path)
    query = parse_qsl(parts.query, keep_blank_values=True)
    return found.group(1) if found else "", unquote(path), tuple(query)


def read_body(path: str, body: Any) -> tuple[Any, int]:
    """Returns the JSON body with its secrets masked, and the size of a body that is not JSON."""
    if not body:
        return None, 0
    if not isinstance(body, (str, bytes)):
        return None, getattr(body, "len", 0) or -1  # a stream: its size is not known
    try:
        return masked(json.loads(body), path), 0
    except ValueError:
        return None, len(body)


def masked(value: Any, path: str = "") -> Any:
    """Returns a copy of a JSON value in which every secret is `***`."""
    if isinstance(value, list):
        return [masked(item, path) for item in value]
    if not isinstance(value, dict):
        return value
    keys = SECRET_KEYS | {"Data"} if path.startswith(SECRET_PATHS) else SECRET_KEYS
    return {k: MASK if k in keys and v else masked(v, path) for k, v in value.items()}


def kept_headers(headers: Any) -> tuple[tuple[str, str], ...]:
    """Returns the headers that the call needs, secrets masked."""
    wanted = ("Content-Type", "Connection", "Upgrade", *sorted(SECRET_HEADERS))
    pairs = [(name, str(headers[name])) for name in wanted if headers.get(name)]
    plain = [(name, MASK if name in SECRET_HEADERS else value) for name, value in pairs]
    return tuple(pair for pair in plain if pair != ("Connection", "keep-alive"))
