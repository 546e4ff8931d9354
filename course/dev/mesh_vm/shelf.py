"""Shelf: the machine's disk, kept in the data folder for as long as it would be made the same."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from course.dev.mesh_vm import disk, fill
from course.dev.mesh_vm.disk import Disk
from course.engine import ownership
from course.errors import CourseError
from course.images.supply import Supply
from course.report import Report, silent

NEEDED_BYTES = 6 << 30


def place() -> Path:
    """The folder of all that is kept."""
    return ownership.data_dir() / "mesh-vm"


def data() -> Path:
    """The data folder of the course that drives the machine's engine; its names come from it."""
    return place() / "course"


@contextmanager
def alone() -> Iterator[None]:
    """Holds the shelf: a second run waits for the first one's end."""
    place().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(data(), ignore_errors=True)  # what a run before left of its own engines
        yield


def take(have: Supply, report: Report = silent) -> Disk:
    """Gives the disk for these images; makes it if it is not there (about 2 minutes).

    Args:
        have: What this machine's labs are made of.
        report: Told how far it is.

    Raises:
        CourseError: There is no room, or a part failed.
    """
    folder = place() / disk.digest(*fill.contents(have))
    if not folder.exists():
        _forget_all()
        _make(folder, have, report)
    return Disk(folder)


def _make(folder: Path, have: Supply, report: Report) -> None:
    free = shutil.disk_usage(place()).free
    if free < NEEDED_BYTES:
        raise CourseError(
            "Looked for room for a virtual machine.",
            f"{place()} has {free / 1e9:.1f} GB free; {NEEDED_BYTES / 1e9:.1f} GB are needed.",
        )
    part = folder.with_name("part")
    more = partial(fill.fill, suite=disk.SUITE, have=have, data=data(), report=report)
    disk.make(part, more, report)
    part.rename(folder)  # only a whole one has its name


def _forget_all() -> None:
    """Older disks, and what an interrupted run left."""
    for folder in place().glob("*/"):
        shutil.rmtree(folder)


def forget() -> None:
    """Removes all that is kept; `make clean` does it."""
    shutil.rmtree(place(), ignore_errors=True)


if __name__ == "__main__":
    forget()
