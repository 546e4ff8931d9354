"""How Docker is installed on each operating system: data for the doctor, errors and chapter 1.

Commands as Docker's manual (https://docs.docker.com/engine/install/) and the distributions'
package lists have them.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

APT = "apt-get"


@dataclass(frozen=True)
class Platform:
    """An operating system and the commands that give it a running engine.

    Attributes:
        key: `ID` of os-release, or darwin, windows, linux for any other Linux.
        title: As people call it.
        commands: To be typed in a terminal, in order: the way that we advise.
        manual: Page of Docker's present documentation.
        newest: The same from Docker's own packages, where `commands` take the distribution's.
    """

    key: str
    title: str
    commands: tuple[str, ...]
    manual: str
    newest: tuple[str, ...] = ()

    def _repr_markdown_(self) -> str:
        shown = [f"**This machine: {self.title}**"]
        shown += [_fenced(self.commands)] if self.commands else []
        shown += ["Or, newer, from Docker itself:", _fenced(self.newest)] if self.newest else []
        return "\n\n".join([*shown, f"The manual's page for it: <{self.manual}>"])


def _fenced(commands: tuple[str, ...]) -> str:
    return "\n".join(["```shell", *commands, "```"])


_DOCS = "https://docs.docker.com/"
_DOWNLOAD = "https://download.docker.com/linux"
_PACKAGES = "docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin"


def _apt_repository(key: str, codename: str) -> tuple[str, ...]:
    """Adds Docker's own package repository to Debian or Ubuntu and installs from it."""
    return (
        "sudo apt-get update && sudo apt-get install ca-certificates curl",
        "sudo install -m 0755 -d /etc/apt/keyrings",
        f"sudo curl -fsSL {_DOWNLOAD}/{key}/gpg -o /etc/apt/keyrings/docker.asc",
        "sudo tee /etc/apt/sources.list.d/docker.sources <<EOF\n"
        "Types: deb\n"
        f"URIs: {_DOWNLOAD}/{key}\n"
        f'Suites: $(. /etc/os-release && echo "{codename}")\n'
        "Components: stable\n"
        "Signed-By: /etc/apt/keyrings/docker.asc\n"
        "EOF",
        f"sudo apt-get update && sudo apt-get install {_PACKAGES}",
    )


FEDORA = Platform(
    "fedora",
    "Fedora",
    (
        f"sudo dnf config-manager addrepo --from-repofile {_DOWNLOAD}/fedora/docker-ce.repo",
        f"sudo dnf install {_PACKAGES}",
        "sudo systemctl enable --now docker",
    ),
    _DOCS + "engine/install/fedora/",
)
DEBIAN = Platform(
    "debian",
    "Debian",
    (
        "sudo apt-get update",
        "sudo apt-get install docker.io docker-cli docker-buildx docker-compose",
    ),
    _DOCS + "engine/install/debian/",
    _apt_repository("debian", "$VERSION_CODENAME"),
)
# Up to Debian 12 the client is inside docker.io, and Compose 2 and buildx are not packaged.
OLD_DEBIAN = replace(DEBIAN, commands=("sudo apt-get update", "sudo apt-get install docker.io"))
UBUNTU = Platform(
    "ubuntu",
    "Ubuntu",
    ("sudo apt-get update", "sudo apt-get install docker.io docker-buildx docker-compose-v2"),
    _DOCS + "engine/install/ubuntu/",
    _apt_repository("ubuntu", "${UBUNTU_CODENAME:-$VERSION_CODENAME}"),
)
MACOS = Platform(
    "darwin",
    "macOS",
    ("brew install --cask docker-desktop", "open -a Docker"),
    _DOCS + "desktop/setup/install/mac-install/",
)
WINDOWS = Platform(
    "windows",
    "Windows (WSL 2)",
    ("wsl --install", "winget install Docker.DockerDesktop"),
    _DOCS + "desktop/setup/install/windows-install/",
)
PLATFORMS = (FEDORA, DEBIAN, UBUNTU, MACOS, WINDOWS)
_OLD_DEBIANS = frozenset({"buster", "bullseye", "bookworm"})


def this_platform() -> Platform:
    """The platform of this machine; a derived distribution counts as its parent."""
    if sys.platform == "darwin":
        return MACOS
    if sys.platform == "win32":
        return WINDOWS
    return linux(_os_release())


def linux(release: Mapping[str, str]) -> Platform:
    """The platform that an os-release file describes; one without commands where none fit.

    Args:
        release: The file's variables.
    """
    found = _family(release)
    return replace(found, title=release.get("PRETTY_NAME") or found.title)


def _family(release: Mapping[str, str]) -> Platform:
    known = {entry.key: entry for entry in (FEDORA, DEBIAN, UBUNTU)}
    # Enterprise Linux calls itself like Fedora, but has neither its packages nor its dnf.
    if release.get("PLATFORM_ID", "").startswith("platform:el"):
        known.pop("fedora")
    for key in (release.get("ID", ""), *release.get("ID_LIKE", "").split()):
        if key == "debian" and _codename(release) in _OLD_DEBIANS:
            return OLD_DEBIAN
        if key in known:
            return known[key]
    return Platform("linux", "Linux", (), _DOCS + "engine/install/")


def _codename(release: Mapping[str, str]) -> str:
    """Debian's name of the release, which some derived distributions give apart."""
    return release.get("DEBIAN_CODENAME") or release.get("VERSION_CODENAME", "")


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
        case "debian" | "ubuntu":
            # iptables and ca-certificates are only recommended by docker.io, yet it needs both
            wanted = ["docker.io", "iptables", "ca-certificates"]
        case "fedora":
            return [["dnf", "install", "-y", "moby-engine"]]
        case _:
            return None
    return [[APT, "update", "-q"], [APT, "install", "-y", "-q", "--no-install-recommends", *wanted]]
