from __future__ import annotations

import re
import tomllib

import pytest

from course.catalogue import ROOT

NAME = re.compile(r"^([A-Za-z0-9._-]+)(.*)$")


def requirements(lines: list[str]) -> dict[str, str]:
    found = {}
    for line in lines:
        name, bound = NAME.match(line.strip()).groups()  # type: ignore[union-attr]
        found[name.lower().replace("_", "-")] = bound.replace(" ", "")
    return found


def conda() -> dict[str, str]:
    lines = (ROOT / "environment.yml").read_text().splitlines()
    entries = [line.split("#")[0].strip()[2:] for line in lines if line.strip().startswith("- ")]
    wanted = [entry for entry in entries if entry not in ("conda-forge", "pip:", "-e .")]
    return requirements(wanted)


def pyproject() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return requirements(project["dependencies"] + project["optional-dependencies"]["dev"])


def test_conda_installs_what_pip_installs() -> None:
    found = conda()
    python = found.pop("python")
    found.pop("pip")
    assert python.startswith(">=3.11")
    assert found == pyproject()


def test_every_requirement_is_pinned() -> None:
    pinned = {}
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        name, _, version = line.split(";")[0].strip().partition("==")
        pinned[name.lower()] = version
    assert all(pinned.values())
    assert set(pyproject()) <= set(pinned)


@pytest.mark.parametrize("name", ["requirements.txt", "environment.yml", "pyproject.toml"])
def test_lock_files_name_no_host(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()
