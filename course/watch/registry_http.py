"""Asks a registry over HTTP from the lab's Docker host, several questions in one go.

From there, since only there every port and name is what the engine sees: `localhost:5000` is the
Docker host's, and so are its `/etc/hosts` and its trusted certificates. One `curl` on the host
asks all the questions of a round; it works on a sandbox and on an attached lab alike.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import secrets
import shlex
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

Run = Callable[[str], tuple[int, bytes]]
"""Runs a shell script on the Docker host: exit code and output."""

ACCEPT = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
CREDENTIALS = "~/.docker/config.json"
CERTIFICATES = "/etc/docker/certs.d"
SECONDS = 4  # for one question
LIMIT = 4 << 20  # bytes of one answer: no manifest may be bigger


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` 0 for nothing."""

    status: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Door:
    """How a registry is reached.

    Attributes:
        address: "localhost:5000".
        scheme: "http" or "https".
        login: "user:password" in base64, as `docker login` keeps it; empty for none.
    """

    address: str
    scheme: str = "http"
    login: str = ""

    @property
    def user(self) -> str:
        """The name in `login`."""
        try:
            return base64.b64decode(self.login).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""

    @property
    def is_local(self) -> bool:
        """Whether it is on 127.0.0.0/8, where the engine puts up with plain HTTP."""
        host = self.address.rpartition(":")[0] or self.address
        try:
            return ipaddress.ip_address(host.strip("[]")).is_loopback
        except ValueError:
            return host == "localhost"

    def script(self, paths: Iterable[str], token: str) -> str:
        """Returns the shell script that asks for these paths of `/v2/`, one after the other."""
        lines = [*self._settings(token), *(f'url = "{self._url(path)}"' for path in paths)]
        config = "\n".join(lines)
        asks = f"curl \"$@\" --config - 2>/dev/null <<'{token}'"
        return f"{self._trust()}\n{asks}\n{config}\n{token}\n"

    def _trust(self) -> str:
        """As the engine does it: an authority that was put there for this address.

        On the loopback any certificate will do.
        """
        if self.is_local:
            return "set -- --insecure"
        authority = shlex.quote(f"{CERTIFICATES}/{self.address}/ca.crt")
        return f"set --; test -r {authority} && set -- --cacert {authority}"

    def _settings(self, token: str) -> Iterable[str]:
        yield from ("silent", "globoff", 'noproxy = "*"', f"max-time = {SECONDS}")
        yield f"max-filesize = {LIMIT}"
        yield f'header = "Accept: {ACCEPT}"'
        if self.login:
            yield f'header = "Authorization: Basic {self.login}"'
        yield f'write-out = "\\n{token} %{{http_code}}\\n"'

    def _url(self, path: str) -> str:
        # A name that a registry made up could end the line, or the script: all but plain letters
        # is written as %XX.
        return f"{self.scheme}://{quote(self.address, safe=':[]')}/v2/{quote(path, safe='/:?=&')}"


def ask(run: Run, door: Door, paths: Sequence[str]) -> list[Answer]:
    """Returns the answers to GETs of these paths of `/v2/`, in their order.

    Raises:
        OSError: The Docker host has no `curl`.
    """
    if not paths:
        return []
    token = secrets.token_hex(16)
    code, output = run(door.script(paths, token))
    if code == 127:
        raise OSError("The Docker host has no curl to ask the registry with.")
    return _answers(output, token.encode(), len(paths))


def _answers(output: bytes, token: bytes, count: int) -> list[Answer]:
    """Each body ends with a line of the token and the status; nobody could guess the token."""
    found = []
    for _ in range(count):
        body, mark, output = output.partition(b"\n" + token + b" ")
        status, _, output = output.partition(b"\n")
        found.append(Answer(int(status or 0), body) if mark and status.isdigit() else Answer())
    return found


def kept_login(config: bytes, address: str) -> str:
    """Returns what the CLI's credentials file holds for a registry; empty for nothing."""
    try:
        entry = json.loads(config)["auths"][address]
        login = str(entry.get("auth", ""))
        base64.b64decode(login, validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    return login
