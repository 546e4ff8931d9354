"""The right install commands for each system, and the notebook that shows them."""

from __future__ import annotations

import json
import sys

import pytest

from course.catalogue import catalogue
from course.engine import platforms
from course.engine.platforms import OLD_DEBIAN, PLATFORMS, UBUNTU, linux, this_platform

RELEASES = {
    "Fedora Linux 43": {"ID": "fedora", "PLATFORM_ID": "platform:f43"},
    "Debian GNU/Linux 13 (trixie)": {"ID": "debian", "VERSION_CODENAME": "trixie"},
    "Debian GNU/Linux 12 (bookworm)": {"ID": "debian", "VERSION_CODENAME": "bookworm"},
    "LMDE 6 (faye)": {
        "ID": "linuxmint",
        "ID_LIKE": "debian",
        "VERSION_CODENAME": "faye",
        "DEBIAN_CODENAME": "bookworm",
    },
    "Linux Mint 22": {"ID": "linuxmint", "ID_LIKE": "ubuntu debian", "VERSION_CODENAME": "wilma"},
    "Rocky Linux 9": {
        "ID": "rocky",
        "ID_LIKE": "rhel centos fedora",
        "PLATFORM_ID": "platform:el9",
    },
    "Arch Linux": {"ID": "arch"},
}


def of(name: str) -> platforms.Platform:
    return linux(RELEASES[name] | {"PRETTY_NAME": name})


def test_fedora_gets_dockers_repository_and_a_start_on_boot() -> None:
    found = of("Fedora Linux 43")
    assert found.title == "Fedora Linux 43"
    assert "addrepo --from-repofile" in found.commands[0]
    assert "enable --now docker" in found.commands[-1]


@pytest.mark.parametrize(
    ("name", "has_client"),
    [
        ("Debian GNU/Linux 13 (trixie)", True),
        ("Debian GNU/Linux 12 (bookworm)", False),
        ("LMDE 6 (faye)", False),
    ],
)
def test_debian_has_a_package_for_the_client_only_since_13(name: str, has_client: bool) -> None:
    assert ("docker-cli" in " ".join(of(name).commands)) is has_client


def test_a_derived_distribution_counts_as_its_parent() -> None:
    assert of("Linux Mint 22").commands == UBUNTU.commands


@pytest.mark.parametrize("name", ["Rocky Linux 9", "Arch Linux"])
def test_where_no_commands_are_known_the_manual_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platforms, "_os_release", lambda: RELEASES[name])
    assert this_platform().commands == ()
    assert platforms.install_advice().startswith("Install Docker as https://docs.docker.com/")
    assert platforms.engine_packages() is None


@pytest.mark.parametrize(("system", "key"), [("darwin", "darwin"), ("win32", "windows")])
def test_desktop_systems(system: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert this_platform().key == key
    assert platforms.engine_packages() is None
    assert this_platform().commands[-1] in platforms.install_advice()


def test_root_on_debian_installs_what_the_engine_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(
        platforms, "_os_release", lambda: RELEASES["Debian GNU/Linux 12 (bookworm)"]
    )
    commands = platforms.engine_packages()
    assert commands is not None
    assert {"docker.io", "iptables"} <= set(commands[-1])
    assert "docker-cli" not in commands[-1]


@pytest.mark.parametrize("entry", [*PLATFORMS, OLD_DEBIAN], ids=lambda entry: entry.title)
def test_the_manual_is_of_the_present_tree(entry: platforms.Platform) -> None:
    # The notes link to docs.docker.com/install/linux/…, which has been moved.
    pages = "https://docs.docker.com/engine/install/", "https://docs.docker.com/desktop/setup/"
    assert entry.manual.startswith(pages)


@pytest.mark.parametrize("entry", [*PLATFORMS, OLD_DEBIAN], ids=lambda entry: entry.title)
def test_chapter_1_shows_every_command(entry: platforms.Platform) -> None:
    cells = json.loads(catalogue().chapter("01").notebook.read_text(encoding="utf-8"))["cells"]
    prose = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    lacking = [line for line in (*entry.commands, *entry.newest) if line not in prose]
    assert not lacking


def test_a_platform_shows_its_commands_as_markdown() -> None:
    shown = UBUNTU._repr_markdown_()
    assert "```shell\nsudo apt-get update\n" in shown
    assert UBUNTU.newest[0] in shown
    assert UBUNTU.manual in shown
