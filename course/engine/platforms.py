"""How Docker is installed on each operating system: data for the doctor, errors and chapter 1."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

APT = "apt-get"


@dataclass(frozen=True)
class Platform:
    """An operating system and the commands that give it a running engine.

    Attributes:
        key: `ID` of os-release, or darwin, windows.
        title: As people call it.
        commands: To be typed in a terminal, in order.
        manual: Page of Docker's present documentation.
    """

    key: str
    title: str
    commands: tuple[str, ...]
    manual: str


_DOCS = "https://docs.docker.com/"

PLATFORMS = (
    Platform(
        "fedora",
        "Fedora",
        (
            "sudo dnf config-manager addrepo "
            "--from-repofile https://download.docker.com/linux/fedora/docker-ce.repo",
            "sudo dnf install docker-ce docker-ce-cli containerd.io "
            "docker-buildx-plugin docker-compose-plugin",
            "sudo systemctl enable --now docker",
        ),
        _DOCS + "engine/install/fedora/",
    ),
    Platform(
        "debian",
        "Debian",
        ("sudo apt-get update", "sudo apt-get install docker.io docker-cli docker-compose"),
        _DOCS + "engine/install/debian/",
    ),
    Platform(
        "ubuntu",
        "Ubuntu",
        ("sudo apt-get update", "sudo apt-get install docker.io docker-compose-v2 docker-buildx"),
        _DOCS + "engine/install/ubuntu/",
    ),
    Platform(
        "darwin",
        "macOS",
        ("brew install --cask docker-desktop", "open -a Docker"),
        _DOCS + "desktop/setup/install/mac-install/",
    ),
    Platform(
        "windows",
        "Windows (WSL 2)",
        ("wsl --install", "winget install Docker.DockerDesktop"),
        _DOCS + "desktop/setup/install/windows-install/",
    ),
)


def this_platform() -> Platform:
    """The platform of this machine; a derived distribution counts as its parent."""
    known = {entry.key: entry for entry in PLATFORMS}
    if sys.platform == "darwin":
        return known["darwin"]
    if sys.platform == "win32":
        return known["windows"]
    release = _os_release()
    for key in (release.get("ID", ""), *release.get("ID_LIKE", "").split()):
        if key in known:
            return known[key]
    return Platform("linux", platform.system(), (), _DOCS + "engine/install/")


def _os_release() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def install_advice() -> str:
    """One sentence: what to type on this machine to get an engine."""
    here = this_platform()
    if not here.commands:
        return f"Install Docker as {here.manual} says, then try again."
    typed = " && ".join(here.commands)
    return f"On {here.title}, type: {typed} (more at {here.manual}), then try again."


def engine_packages() -> list[list[str]] | None:
    """The commands with which root installs the distribution's engine; None elsewhere."""
    match this_platform().key:
        case "debian":
            # iptables and ca-certificates are only recommended by docker.io, yet it needs both
            wanted = ["docker.io", "iptables", "ca-certificates"]
        case "ubuntu":
            wanted = ["docker.io", "iptables", "ca-certificates"]
        case "fedora":
            return [["dnf", "install", "-y", "moby-engine"]]
        case _:
            return None
    return [[APT, "update", "-q"], [APT, "install", "-y", "-q", "--no-install-recommends", *wanted]]
