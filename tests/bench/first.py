"""How long the first `make lab` takes on a machine that has nothing of ours yet.

A copy of the tree, an empty data folder, and another name for the engine's image: so environment,
engine image, mirror and kit are all made anew. All of it is removed afterwards. Two things stay as
they are: packages of the operating system, and what pip or uv keep of their downloads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from course.catalogue import ROOT
from course.engine import host, ownership
from course.images.inventory import inventory
from tests.bench.row import Row, at_most
from tests.bench.serving import make_lab

BOUND = 6.0  # minutes
PATIENCE = 20 * 60  # seconds
ELSEWHERE = (".git", ".venv", "test-results", "__pycache__", ".*_cache")


def _copy(folder: Path) -> None:
    """Copies the tree; its engine image gets a name of its own, so that it is built anew."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*ELSEWHERE))
    name = inventory().engine.name
    path = folder / "course" / "images" / "images.toml"
    text = path.read_text(encoding="utf-8")
    assert f'"{name}"' in text, f"{path} does not name {name}"
    path.write_text(text.replace(f'"{name}"', f'"{name}-bench-{int(time.time())}"'), "utf-8")


@contextmanager
def _cleaned(folder: Path, own: dict[str, str]) -> Iterator[None]:
    """Removes with `course clean` what was made below, and leaves everybody else's."""
    with _held():
        try:
            yield
        finally:
            course = folder / ".venv" / "bin" / "course"
            if course.exists():
                subprocess.run([course, "clean"], cwd=folder, env=os.environ | own, check=True)


@contextmanager
def _held() -> Iterator[None]:
    """Keeps the engine images that are there: `course clean` takes those that no container uses."""
    engine = host.find()
    if engine is None:
        yield  # the first `make lab` installs one
        return
    client = engine.client
    found = client.images.list(filters={"label": ownership.LABEL})
    holding = [client.containers.create(image.id) for image in found]
    try:
        yield
    finally:
        for container in holding:
            container.remove()


def measure() -> Iterator[Row]:
    """Runs the first `make lab` of a fresh copy, and removes all that it made."""
    with TemporaryDirectory(prefix="bench-first-") as home:
        folder, own = Path(home) / "tree", {"COURSE_DATA": str(Path(home) / "data")}
        _copy(folder)
        with _cleaned(folder, own), make_lab(folder, PATIENCE, own) as seconds:
            yield at_most("First `make lab`, to the server's URL", seconds / 60, BOUND, "min")
