"""Writes the `curl` command that makes the same call on the engine's host."""

from __future__ import annotations

import json
import re
import shlex
from urllib.parse import quote, urlencode

from course.trace.call import Call

SOCKET = "/var/run/docker.sock"
ARCHIVES = {"/build": "context.tar", "/images/load": "images.tar"}
TO_FILE = ("/export", "/archive", "/get")
GOES_ON = re.compile(
    r"/(logs|events|stats|attach|push|build|pull|upgrade)$|^/exec/[^/]+/start$|^/images/create$"
)


def curl(call: Call) -> str:
    """Returns the command, quoted for a shell.

    It runs as written with the socket at /var/run/docker.sock, but for what a trace does not keep:
    masked secrets (`***`), and an archive that was sent, which it reads from a file.
    """
    words = ["curl", "-sS", "--unix-socket", SOCKET, *_method(call), *_reading(call), _url(call)]
    for name, value in call.headers:
        words += ["-H", f"{name}: {value}"]
    if call.body is not None:
        words += ["-d", json.dumps(call.body, ensure_ascii=False, separators=(",", ":"))]
    if call.payload:
        words += ["--data-binary", "@" + ARCHIVES.get(call.path, "archive.tar")]
    return shlex.join(words)


def _method(call: Call) -> list[str]:
    if call.method == "HEAD":
        return ["--head"]
    return [] if call.method == "GET" else ["-X", call.method]


def _reading(call: Call) -> list[str]:
    """How to treat the answer: to a file where it is a tar, unbuffered where it goes on."""
    if call.method == "GET" and call.path.endswith(TO_FILE):
        return ["--output", "archive.tar"]
    streams = GOES_ON.search(call.path) and call.parameter("stream") not in ("False", "0")
    return ["--no-buffer"] if streams else []


def _url(call: Call) -> str:
    version = f"/v{call.version}" if call.version else ""
    query = f"?{urlencode(call.query)}" if call.query else ""
    return f"http://localhost{version}{quote(call.path, safe='/:')}{query}"
