"""Preflight: what this machine and its engine have, what is missing, what to type."""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from course.catalogue import catalogue
from course.engine import ipvs
from course.engine.host import HostEngine

NEEDED_MEMORY = 2 << 30
NEEDED_DISK = 3 << 30

Run = Callable[[str], tuple[int, bytes]]
"""Runs a shell script on the lab's Docker host; returns exit code and output."""


@dataclass(frozen=True)
class Finding:
    """One line of the preflight table.

    Attributes:
        check: What was looked at.
        found: What is there.
        ok: Whether the course can work with it; None where it does not matter yet.
        advice: What to do, or what follows from it, when it is not ok.
        note: What is worth knowing when it is.
    """

    check: str
    found: str
    ok: bool | None
    advice: str = ""
    note: str = ""

    @property
    def shown(self) -> str:
        """The note of what is fine, else the advice."""
        return self.note if self.ok else self.advice


def machine_findings() -> Iterator[Finding]:
    """This machine: system, processors, memory, Python."""
    yield Finding("system", f"{platform.system()}, {platform.machine()}", True)
    yield Finding("processors", str(psutil.cpu_count()), True)
    yield Finding("Python", platform.python_version(), sys.version_info >= (3, 11), "Use 3.11+.")


def engine_findings(host: HostEngine) -> Iterator[Finding]:
    """The host engine: version, place, storage, control groups, memory, disk."""
    info = host.client.info()
    yield Finding("engine", f"Docker {host.version['Version']}", True)
    yield Finding("API", host.version["ApiVersion"], True)
    socket_url = host.endpoint.url.replace(f"unix://{Path.home()}/", "unix://~/")
    yield Finding("socket", socket_url, True, note=f"Why this one: {host.endpoint.why}.")
    system = f"{info['OperatingSystem']}, {info['Architecture']}"
    yield Finding("system", system, info["OSType"] == "linux", "Switch to Linux containers.")
    yield Finding("kernel", info["KernelVersion"], True)
    yield Finding("storage driver", info["Driver"], info["Driver"] != "vfs", _VFS)
    yield Finding("control groups", f"version {info.get('CgroupVersion', '1')}", True)
    yield memory_finding(int(info["MemTotal"]))
    if host.is_local_linux:
        yield local_disk_finding(Path(info["DockerRootDir"]))


_VFS = "vfs copies every layer: move the engine's data to a file system that overlay2 works on."


def memory_finding(total: int) -> Finding:
    """Whether the engine's machine has memory enough.

    Args:
        total: Bytes.
    """
    advice = "Give the engine's machine 2 GiB or more."
    return Finding("memory", f"{total / 2**30:.1f} GiB", total >= NEEDED_MEMORY, advice)


def local_disk_finding(root: Path) -> Finding:
    """Whether the disk under the engine's data has room (the folder itself may be secret)."""
    folder = next(path for path in (root, *root.parents) if path.exists())
    return disk_finding(shutil.disk_usage(folder).free)


def disk_finding(free: int) -> Finding:
    """Whether the engine's data has room to grow.

    Args:
        free: Bytes.
    """
    advice = "Free some: `docker system df` shows what Docker holds."
    return Finding("disk", f"{free / 2**30:.1f} GiB free", free >= NEEDED_DISK, advice)


def remote_disk_finding(run: Run) -> Finding | None:
    """The same as a script on the lab's Docker host sees it; None where it cannot tell."""
    code, said = run("df -Pk /var/lib/docker")
    if code:
        return None
    return disk_finding(int(said.split(b"\n")[1].split()[3]) << 10)


def _exits_well(run: Run, script: str) -> bool:
    return run(f"{{ {script}; }} >/dev/null 2>&1")[0] == 0


# What a later chapter needs of the kernel, and how to look on the lab's host. An engine that starts
# tries overlay, and `ip` asks for VXLAN, so the kernel has loaded what it has as a module by then.
KERNEL: dict[str, tuple[str, Callable[[Run], object]]] = {
    "overlay": (
        "layers (chapters 2, 4, 7)",
        lambda run: _exits_well(run, "grep -qw overlay /proc/filesystems"),
    ),
    "VXLAN": (
        "networks across machines (chapter 12)",
        lambda run: _exits_well(
            run, "ip link add vxprobe type vxlan id 9 dstport 4789 && ip link del vxprobe"
        ),
    ),
    "IPVS": ("virtual addresses and the routing mesh (chapter 12)", ipvs.look),
}


def kernel_findings(run: Run) -> Iterator[Finding]:
    """Features of the engine's kernel, probed on the lab's Docker host."""
    for name, (need, is_there) in KERNEL.items():
        found, ok = ("there", True) if is_there(run) else ("missing", None)
        advice = f"Needed for {need}; the chapter shows the other way."
        yield Finding(name, found, ok, advice, f"For {need}.")


def port_findings(ours: Collection[int] = ()) -> Iterator[Finding]:
    """The course's ports on this machine.

    Args:
        ours: Ports that labs of this learner hold.
    """
    for port in catalogue().ports:
        if port in ours:
            yield Finding(f"port {port}", "in use by a lab of yours", True)
        elif _is_free(port):
            yield Finding(f"port {port}", "free", True)
        else:
            advice = "A lab then takes another number: `lab.url(…)` tells it."
            yield Finding(f"port {port}", "taken by another program", None, advice)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def network_findings() -> Iterator[Finding]:
    """Proxies and extra certificate authorities that this process inherits."""
    proxies = sorted({_no_secret(os.environ[key]) for key in _PROXIES if os.environ.get(key)})
    yield Finding("proxy", ", ".join(proxies) or "none", True)
    if ours := os.environ.get("COURSE_EXTRA_CA"):
        known = Path(ours).is_file()
        yield Finding("extra CA", ours, known, "COURSE_EXTRA_CA names no file: mend or unset it.")
        return
    bundle = next((os.environ[key] for key in _BUNDLES if os.environ.get(key)), None)
    note = "If a proxy rewrites your HTTPS, name its certificate in COURSE_EXTRA_CA too."
    yield Finding("extra CA", bundle or "none", True, note=note if bundle else "")


def _no_secret(url: str) -> str:
    """A proxy's address without user and password: the table may be shown to a room."""
    return re.sub(r"//[^/@]*@", "//…@", url)


def systemd_findings(
    run: Callable[[list[str]], tuple[int, str]], booted: bool | None = None
) -> Iterator[Finding]:
    """Whether `docker` and `containerd` start on boot, where systemd runs.

    Args:
        run: Runs a command; returns exit code and output.
        booted: Whether systemd runs this machine; looked up by default, as sd_booted(3) does.
    """
    if not (Path("/run/systemd/system").is_dir() if booted is None else booted):
        yield Finding("systemd", "does not run here", None, "Docker starts in another way here.")
        return
    for unit in ("docker", "containerd"):
        _, said = run(["systemctl", "is-enabled", unit])
        state = said.strip() or "unknown"
        advice = f"To start it on boot: `sudo systemctl enable --now {unit}`"
        yield Finding(unit, state, True if state == "enabled" else None, advice)


def source_findings(source: str, pulls_left: int | None, *, answers: bool) -> Iterator[Finding]:
    """Where images come from, and what Docker Hub still gives.

    Args:
        source: "kit", "hub" or "room".
        pulls_left: What Docker Hub answered; None where it did not, or sets no limit.
        answers: Whether it answers at all; asked only where images come from it.
    """
    names = {
        "kit": "the offline kit",
        "hub": "Docker Hub, through a cache on this machine",
        "room": "the room's file, with Docker Hub's images",
    }
    yield Finding("image source", names.get(source, source), True)
    if pulls_left is not None:
        note = "In 6 hours, without login, for all who share your public address."
        yield Finding("Docker Hub", f"{pulls_left} pulls left", pulls_left > 0 or None, note, note)
    elif source == "hub" and answers:
        yield Finding("Docker Hub", "tells of no limit", True)
    elif source == "hub":
        advice = "What the cache holds can be pulled. For all: `COURSE_IMAGES=kit course up`."
        yield Finding("Docker Hub", "out of reach", False, advice)
    else:
        yield Finding("Docker Hub", "out of reach", None, "The course does not need it.")
