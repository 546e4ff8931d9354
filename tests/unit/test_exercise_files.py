"""The applications under exercises/: their lock files, and what each must have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from course.catalogue import ROOT

EXERCISES = ROOT / "exercises"
APPS = ("simple-nodejs-web", "visits", "frontend", "complex-app")
LOCKS = [
    path for app in APPS for path in sorted((EXERCISES / app).glob("**/package-lock.json"))
    if "node_modules" not in path.parts
]  # fmt: skip
each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def words(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words(inner)
    elif isinstance(value, str):
        yield value


def test_each_program_has_a_lock_file() -> None:
    programs = [path.parent for app in APPS for path in (EXERCISES / app).glob("**/package.json")]
    ours = {path for path in programs if "node_modules" not in path.parts}
    assert ours == {lock.parent for lock in LOCKS}
    assert len(LOCKS) == 6


@each_lock
def test_a_lock_file_names_no_address(lock: Path) -> None:
    """npm then takes the registry that it is set to: a kit's, a company's, or its own."""
    for name, package in read(lock)["packages"].items():
        assert "resolved" not in package, name
        assert not name or "integrity" in package, name
        told = {key: value for key, value in package.items() if key != "funding"}
        assert not [word for word in words(told) if "://" in word], name


@each_lock
def test_a_lock_file_is_that_of_its_package(lock: Path) -> None:
    package, root = read(lock.with_name("package.json")), read(lock)["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        assert root.get(kind) == package.get(kind)


@each_lock
def test_what_is_installed_here_stays_out_of_the_image(lock: Path) -> None:
    ignored = (lock.parent / ".dockerignore").read_text(encoding="utf-8").split()
    assert "node_modules" in ignored


@pytest.mark.parametrize("app", APPS)
def test_it_tells_how_to_start_it(app: str) -> None:
    told = (EXERCISES / app / "README.md").read_text(encoding="utf-8")
    assert (EXERCISES / app / "compose.yaml").exists()
    assert "docker compose up" in told
    assert "course" not in told.lower(), "it works without the course"
