"""The rules of the audit: what is looked for, how much it matters, what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from course.checks import audit_looks as looks
from course.checks.audit_looks import Attrs

Look = Callable[[Attrs], Iterator[str]]


class Severity(StrEnum):
    """How much a finding matters; the worst first."""

    HIGH = "high"
    """Whoever takes over the process takes over the host, or comes near it."""
    MEDIUM = "medium"
    """A wall that costs nothing is missing."""
    LOW = "low"
    """Worth a thought; there are good reasons to leave it so."""


@dataclass(frozen=True)
class Rule:
    """One thing that is looked for.

    Attributes:
        name: In a word or two.
        todo: What to do about a finding, in docker-py's words.
        look: Yields what it found.
    """

    name: str
    severity: Severity
    todo: str
    look: Look


_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW

RULES: tuple[Rule, ...] = (
    Rule(
        "privileged",
        _HIGH,
        "leave `privileged` out; add the one capability or device",
        looks.privileged,
    ),
    Rule("engine socket", _HIGH, "do not mount it; a gate may ask for it", looks.engine_socket),
    Rule("host folder", _HIGH, "use a volume, or mount one file, read-only", looks.host_folders),
    Rule(
        "host namespace",
        _HIGH,
        "leave it out; publish a port, share a network",
        looks.host_namespaces,
    ),
    Rule("strong capability", _HIGH, "leave it out of `cap_add`", looks.strong_capabilities),
    Rule(
        "unconfined", _HIGH, "leave it out; write a profile of your own instead", looks.unconfined
    ),
    Rule("user", _MEDIUM, '`user="1000"`, or USER in the Dockerfile', looks.root),
    Rule(
        "capabilities",
        _MEDIUM,
        '`cap_drop=["ALL"]`, then `cap_add` what breaks',
        looks.default_capabilities,
    ),
    Rule("new privileges", _MEDIUM, '`security_opt=["no-new-privileges"]`', looks.new_privileges),
    Rule(
        "root file system",
        _MEDIUM,
        "`read_only=True`, and `tmpfs` where it writes",
        looks.writable_root,
    ),
    Rule("memory", _MEDIUM, '`mem_limit="128m"`', looks.memory),
    Rule("processes", _MEDIUM, "`pids_limit=100`", looks.processes),
    Rule("secret", _MEDIUM, "mount it as a file, and name the file", looks.secrets),
    Rule("device", _MEDIUM, "leave it out of `devices`", looks.devices),
    Rule("writable folder", _LOW, "mount it `ro`, or use a volume", looks.writable_binds),
    Rule(
        "open port",
        _LOW,
        '`ports={…: ("127.0.0.1", …)}` if a proxy stands before it',
        looks.open_ports,
    ),
    Rule("tag", _LOW, "a version's tag, or a digest", looks.moving_tag),
    Rule("health", _LOW, "HEALTHCHECK in the Dockerfile, or `healthcheck`", looks.health),
    Rule("restart", _LOW, '`restart_policy={"Name": "unless-stopped"}`', looks.restart),
)
