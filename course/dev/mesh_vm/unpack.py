"""Unpack a tar as root does it: owners, modes and extended attributes as they are."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from course.errors import CourseError


def unpack(tar: Iterable[bytes], folder: Path) -> None:
    """Unpacks a tar that comes in chunks.

    Raises:
        CourseError: It is damaged, or there is no room.
    """
    command = ["tar", "-x", "-p", "--numeric-owner", "--xattrs", "--xattrs-include=*"]
    command += ["-f", "-", "-C", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            for chunk in tar:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says why
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise CourseError(f"Unpacked files into {folder}.", f"tar said: {said[-500:]}")
