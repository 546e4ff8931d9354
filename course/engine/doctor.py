"""Preflight: what this machine and its engine have, what is missing, what to type."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from course.catalogue import catalogue
from course.engine.host import HostEngine
from course.engine.sandbox import Sandbox

NEEDED_MEMORY = 2 << 30
NEEDED_DISK = 3 << 30


@dataclass(frozen=True)
class Finding:
    """One line of the preflight table.

    Attributes:
        check: What was looked at.
        found: What is there.
        ok: Whether the course can work with it; None where it does not matter yet.
        advice: What to do when it is not ok, or what follows from it.
    """

    check: str
    found: str
    ok: bool | None
    advice: str = ""

    @property
    def shown_advice(self) -> str:
        """The advice, where it applies: what is fine needs none."""
        return "" if self.ok is True and self.check != "endpoint" else self.advice


def engine_findings(host: HostEngine) -> Iterator[Finding]:
    """The host engine: version, place, storage, control groups, memory, disk."""
    info = host.client.info()
    yield Finding("engine", f"Docker {host.version['Version']}", True)
    yield Finding("API", host.version["ApiVersion"], True)
    yield Finding("endpoint", host.endpoint.url, True, host.endpoint.why)
    system = f"{info['OperatingSystem']}, {info['Architecture']}"
    yield Finding("engine's system", system, info["OSType"] == "linux", "Switch to Linux containers.")
    yield Finding("kernel", info["KernelVersion"], True)
    yield Finding("storage driver", info["Driver"], info["Driver"] != "vfs", _VFS)
    yield Finding("control groups", f"v{info.get('CgroupVersion', '1')}", True)
    yield _memory(int(info["MemTotal"]))
    if host.is_local_linux:
        yield _disk(Path(info["DockerRootDir"]))


_VFS = "vfs copies every layer: move the engine's data to a file system that overlay2 works on."


def _memory(total: int) -> Finding:
    advice = "Give the engine's machine 2 GB or more."
    return Finding("memory", f"{total / 2**30:.1f} GiB", total >= NEEDED_MEMORY, advice)


def _disk(root: Path) -> Finding:
    folder = next(path for path in (root, *root.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    advice = "Free some: `docker system df` shows what Docker holds."
    return Finding("disk", f"{free / 2**30:.1f} GiB free in {folder}", free >= NEEDED_DISK, advice)


# What a later chapter needs of the kernel, and how a shell on the lab's host can tell.
KERNEL = {
    "overlay": ("layers (chapters 2, 4, 7)", "grep -qw overlay /proc/filesystems"),
    "VXLAN": (
        "overlay networks (chapter 12)",
        "ip link add vxprobe type vxlan id 9 dstport 4789 && ip link del vxprobe",
    ),
    "IPVS": (
        "virtual IPs and the routing mesh (chapter 12)",
        "test -e /proc/net/ip_vs || modprobe ip_vs",
    ),
}


def kernel_findings(sandbox: Sandbox) -> Iterator[Finding]:
    """Features of the engine's kernel, probed in a sandbox."""
    for name, (need, probe) in KERNEL.items():
        code, _ = sandbox.run(f"{{ {probe}; }} >/dev/null 2>&1")
        advice = "" if code == 0 else f"Needed for {need}; the chapter shows the other way."
        yield Finding(f"kernel: {name}", "there" if code == 0 else "missing", code == 0 or None, advice)


def port_findings() -> Iterator[Finding]:
    """The course's ports on this machine."""
    for port in catalogue().ports:
        free = _is_free(port)
        found = "free" if free else "taken (by a lab of ours or by another program)"
        advice = "" if free else "A lab then uses another number: `lab.url(port)` tells it."
        yield Finding(f"port {port}", found, True if free else None, advice)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def network_findings() -> Iterator[Finding]:
    """Proxies and extra certificate authorities that this process inherits."""
    proxies = {key: os.environ[key] for key in ("HTTP_PROXY", "HTTPS_PROXY") if key in os.environ}
    yield Finding("proxy", ", ".join(proxies.values()) or "none", True)
    ours = os.environ.get("COURSE_EXTRA_CA")
    there = ours is None or Path(ours).is_file()
    yield Finding("extra CA", ours or "none", there, "COURSE_EXTRA_CA names no file.")


def machine_findings() -> Iterator[Finding]:
    """This machine: system, processors, memory, Python."""
    yield Finding("this machine", f"{platform.system()} {platform.machine()}", True)
    yield Finding("processors", str(psutil.cpu_count()), True)
    yield Finding("Python", platform.python_version(), sys.version_info >= (3, 11), "Use 3.11+.")


def systemd_findings(run: Callable[[list[str]], tuple[int, str]]) -> Iterator[Finding]:
    """Whether `docker` and `containerd` start on boot, where systemd runs.

    Args:
        run: Runs a command; returns exit code and output.
    """
    if not Path("/run/systemd/system").is_dir():
        yield Finding("start on boot", "systemd does not run here", None)
        return
    for unit in ("docker", "containerd"):
        _, state = run(["systemctl", "is-enabled", unit])
        enabled = state.strip() == "enabled"
        advice = f"sudo systemctl enable --now {unit}"
        yield Finding(f"start on boot: {unit}", state.strip() or "unknown", enabled or None, advice)


def source_findings(source: str, pulls_left: Any) -> Iterator[Finding]:
    """Where images come from, and what Docker Hub still gives."""
    yield Finding("image source", {"kit": "offline kit", "hub": "Docker Hub"}.get(source, source), True)
    if pulls_left is not None:
        yield Finding("Docker Hub pulls left", str(pulls_left), None)
