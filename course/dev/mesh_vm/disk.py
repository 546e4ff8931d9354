"""Disk: the virtual machine's root file system, kernel and initial RAM disk, made of Debian."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course.dev.mesh_vm.unpack import unpack
from course.errors import CourseError
from course.images import debian, engine_image
from course.report import Report, silent

SUITE = "trixie"
KERNEL = ("linux-image-cloud-amd64", "kmod", "zstd")
# The first program: what the machine is to do comes with each boot, on a second disk (a tar).
FIRST, PROGRAM = (
    "usr/sbin/mesh-vm",
    """#!/bin/sh
mkdir -p /run/course
mount -t tmpfs tmpfs /run/course
tar -xf /dev/vdb -C /run/course
exec sh /run/course/boot.sh
""",
)
BYTES = 16 << 30  # most it can grow to; the file is sparse
FORMAT = 1


@dataclass(frozen=True)
class Disk:
    """The files that a virtual machine boots from, all in one folder."""

    folder: Path

    @property
    def image(self) -> Path:
        """The root file system, ext4."""
        return self.folder / "root.img"

    @property
    def kernel(self) -> Path:
        """Debian's kernel."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """Its initial RAM disk, which can mount that file system."""
        return self.folder / "initrd.img"


def command() -> list[str]:
    """The mmdebstrap command: the engine image's own recipe, with a kernel."""
    return engine_image.command(SUITE, KERNEL)


def digest(*contents: object) -> str:
    """Names what a disk is made of: another recipe or content is another disk."""
    made_of = json.dumps([FORMAT, command(), PROGRAM, *map(str, contents)])
    return hashlib.sha256(made_of.encode()).hexdigest()[:12]


def make(folder: Path, fill: Callable[[Path], None], report: Report = silent) -> Disk:
    """Makes the files of a machine in `folder` (about a minute; needs root and 5 GB).

    Args:
        folder: Made if it is not there.
        fill: Puts more into the root file system, whose folder it is given.
        report: Told how far it is.

    Raises:
        CourseError: mmdebstrap or mkfs.ext4 failed.
    """
    disk = Disk(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        root = Path(place)
        _bootstrap(root, report)
        shutil.copy(next(root.glob("boot/vmlinuz-*")), disk.kernel)
        shutil.copy(next(root.glob("boot/initrd.img-*")), disk.initrd)
        fill(root)
        _format(disk.image, root, report)
    return disk


def _bootstrap(root: Path, report: Report) -> None:
    root.chmod(0o755)
    debian.ensure_mmdebstrap(report)
    tar = debian.Bootstrap(command(), "file system of the virtual machine", report)
    unpack(tar, root)
    (root / FIRST).write_text(PROGRAM)
    (root / FIRST).chmod(0o755)
    report(tar.step, len(debian.STEPS), len(debian.STEPS))


def _format(image: Path, root: Path, report: Report) -> None:
    report(step := "disk of the virtual machine")
    with image.open("wb") as file:
        file.truncate(BYTES)
    # No journal: each run throws away what it wrote.
    words = ["mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", str(root), str(image)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CourseError(f"Ran `{' '.join(words)}`.", f"It failed: {done.stderr.strip()}")
    report(step, 1, 1)
