"""What the audit sees in a container, one function a rule, over `inspect` data alone.

Each takes what GET /containers/{id}/json said, and yields what it found, as sentences without a
full stop. Values of variables are never among them: a report is read by more people than a secret.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

Attrs = dict[str, Any]

# With one of these a process can leave its container, or change the host's kernel or network.
_STRONG = {"ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "NET_ADMIN", "PERFMON"}
_STRONG |= {f"SYS_{what}" for what in ("ADMIN", "BOOT", "MODULE", "PTRACE", "RAWIO", "TIME")}
_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock", "crio.sock")
# Folders of the host that decide what the host does: whole, and with all that is below them.
_WHOLE = frozenset({"/", "/home", "/lib", "/run", "/usr", "/var", "/var/lib", "/var/run"})
_BELOW = ("/boot", "/dev", "/etc", "/proc", "/root", "/sys", "/var/lib/docker")
_HARMLESS = frozenset({"/etc/localtime", "/etc/timezone"})
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})
_SECRET = re.compile(
    r"(?:^|_)(?:PASS(?:WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIALS?|APIKEY"
    r"|(?:API|ACCESS|PRIVATE|ENCRYPTION|SIGNING)_KEY)(?:_|$)",
    re.IGNORECASE,
)
# They say how to get a password, and are none.
_NO_SECRET = re.compile(r"_FILE$|_PATH$|ALLOW_EMPTY_PASSWORD|RANDOM_ROOT_PASSWORD", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"://[^/@\s:]*:[^/@\s]+@")


def _host(attrs: Attrs) -> Attrs:
    return dict(attrs["HostConfig"])


def _security(attrs: Attrs) -> list[str]:
    # The engine takes both signs, and gives back the one that it was given.
    return [str(one).replace(":", "=", 1) for one in _host(attrs).get("SecurityOpt") or []]


def _added(attrs: Attrs, key: str) -> set[str]:
    return {str(one).upper().removeprefix("CAP_") for one in _host(attrs).get(key) or []}


def privileged(attrs: Attrs) -> Iterator[str]:
    """All capabilities, all devices, no seccomp: root in it is root of the host."""
    if _host(attrs).get("Privileged"):
        yield "It is privileged: no wall between its root and the host's"


def strong_capabilities(attrs: Attrs) -> Iterator[str]:
    """Capabilities that reach beyond the container (capabilities(7))."""
    for name in sorted(_added(attrs, "CapAdd") & _STRONG):
        yield f"It was given the capability `{name}`"


def engine_socket(attrs: Attrs) -> Iterator[str]:
    """The socket of an engine: who writes to it is root of the host, read-only mount or not."""
    for mount in _mounts(attrs):
        source = str(mount.get("Source", ""))
        if source.endswith(_SOCKETS):
            yield f"The engine's socket `{source}` is mounted in it"


def host_folders(attrs: Attrs) -> Iterator[str]:
    """Folders of the host that decide what the host does."""
    for mount in _binds(attrs):
        if _decides(mount["Source"]):
            way = "written to" if mount.get("RW", True) else "read"
            yield f"`{mount['Source']}` of the host can be {way} at `{mount['Destination']}`"


def writable_binds(attrs: Attrs) -> Iterator[str]:
    """Other folders of the host that it may write to."""
    for mount in _binds(attrs):
        source = str(mount["Source"])
        if mount.get("RW", True) and not _decides(source) and not source.endswith(_SOCKETS):
            yield f"It may write to `{source}` of the host"


def _mounts(attrs: Attrs) -> list[Attrs]:
    # The engine tells them in any order; a report must not change from one look to the next.
    return sorted(attrs.get("Mounts") or [], key=lambda mount: str(mount["Destination"]))


def _binds(attrs: Attrs) -> list[Attrs]:
    return [mount for mount in _mounts(attrs) if mount.get("Type") == "bind"]


def _decides(source: str) -> bool:
    path = posixpath.normpath(source)
    if path in _HARMLESS or path.endswith(_SOCKETS):
        return False
    return path in _WHOLE or any(path == top or path.startswith(f"{top}/") for top in _BELOW)


def host_namespaces(attrs: Attrs) -> Iterator[str]:
    """Namespaces of the host instead of its own (`cgroup` is left out: v1 engines share it)."""
    keys = {"PidMode": "processes", "NetworkMode": "network", "IpcMode": "shared memory",
            "UTSMode": "host name", "UsernsMode": "users"}  # fmt: skip
    for key, what in keys.items():
        if _host(attrs).get(key) == "host":
            yield f"It has the host's {what} (`{key}` is `host`)"


def unconfined(attrs: Attrs) -> Iterator[str]:
    """Protections that are on by default, and were switched off."""
    for option in _security(attrs):
        if option in {"seccomp=unconfined", "apparmor=unconfined", "label=disable"}:
            yield f"A protection is switched off: `{option}`"
    # The client makes empty lists of this one; a privileged container has none at all.
    if _host(attrs).get("MaskedPaths") == [] and not _host(attrs).get("Privileged"):
        yield "A protection is switched off: `systempaths=unconfined`"


def devices(attrs: Attrs) -> Iterator[str]:
    """Devices of the host."""
    for device in _host(attrs).get("Devices") or []:
        yield f"It has the host's device `{device['PathOnHost']}`"


def root(attrs: Attrs) -> Iterator[str]:
    """No user, or root by name or number."""
    user = str(attrs["Config"].get("User") or "").split(":")[0]
    if user in ("", "0", "root"):
        yield "Its process runs as root"


def default_capabilities(attrs: Attrs) -> Iterator[str]:
    """What the engine gives where nobody says otherwise is more than most programs need."""
    if "ALL" not in _added(attrs, "CapDrop") and not _host(attrs).get("Privileged"):
        yield "It keeps capabilities that nobody has asked for"


def new_privileges(attrs: Attrs) -> Iterator[str]:
    """A setuid program can give its process more rights than it was started with."""
    options = [one for one in _security(attrs) if one.startswith("no-new-privileges")]
    if not options or options[-1] == "no-new-privileges=false":
        yield "A setuid program in it can become root"


def writable_root(attrs: Attrs) -> Iterator[str]:
    """Whoever gets in can change the program, and put tools beside it."""
    if not _host(attrs).get("ReadonlyRootfs"):
        yield "Its program and libraries can be changed while it runs"


def memory(attrs: Attrs) -> Iterator[str]:
    """No limit: it can take all that the host has."""
    if not _host(attrs).get("Memory"):
        yield "It may use all of the host's memory"


def processes(attrs: Attrs) -> Iterator[str]:
    """No limit (None, 0 or -1): a fork bomb takes the host along."""
    if (_host(attrs).get("PidsLimit") or 0) <= 0:
        yield "It may start as many processes as the host can hold"


def secrets(attrs: Attrs) -> Iterator[str]:
    """Variables that look like secrets, by their names or as a password in an address."""
    for pair in attrs["Config"].get("Env") or []:
        name, _, value = str(pair).partition("=")
        named = _SECRET.search(name) and not _NO_SECRET.search(name)
        if value and (named or _IN_ADDRESS.search(value)):
            yield f"The variable `{name}` looks like a secret"


def open_ports(attrs: Attrs) -> Iterator[str]:
    """Ports that every address of the host leads to."""
    if _host(attrs).get("PublishAllPorts"):
        yield "All its ports are published at every address of the host"
    for inner, places in sorted((_host(attrs).get("PortBindings") or {}).items()):
        if any(place.get("HostIp", "") in _EVERYWHERE for place in places or []):
            yield f"Its port {inner} is published at every address of the host"


def moving_tag(attrs: Attrs) -> Iterator[str]:
    """No tag, or `latest`; a digest or an id never moves."""
    reference = str(attrs["Config"].get("Image") or "")
    if "@" in reference or reference.startswith("sha256:"):
        return
    name = reference.rsplit("/", 1)[-1]
    if ":" not in name or name.endswith(":latest"):
        yield f"`{reference}` is whatever has that name on the day"


def health(attrs: Attrs) -> Iterator[str]:
    """No health check, from the image neither."""
    test = (attrs["Config"].get("Healthcheck") or {}).get("Test") or ["NONE"]
    if test[0] == "NONE":
        yield "Nobody notices when it hangs"


def restart(attrs: Attrs) -> Iterator[str]:
    """No restart policy."""
    if (_host(attrs).get("RestartPolicy") or {}).get("Name") in (None, "", "no"):
        yield "After a crash it stays down"
