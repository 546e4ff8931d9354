"""Tools: the programs that make and run the machine, installed where we may."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

from course.errors import CourseError
from course.report import Report, silent

PACKAGES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mkfs.ext4": "e2fsprogs",
    "setpriv": "util-linux",
    "tar": "tar",
}
TRIED = "Looked for what a virtual machine needs, for this kernel has no IPVS."
_ELSEWHERE = (
    "Run `make test-mesh` as root on Debian or Ubuntu on x86-64 (it installs "
    f"{', '.join(PACKAGES.values())} itself), or with an engine whose kernel has IPVS: most "
    "distributions' kernels and Docker Desktop's do, and then no virtual machine is needed."
)


def ensure(report: Report = silent) -> None:
    """Sees to it that all programs are here.

    Raises:
        CourseError: This machine cannot have them: says what is needed.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64" or os.geteuid() != 0:
        raise CourseError(TRIED, "One is made by root on x86-64 Linux only.", _ELSEWHERE)
    missing = [package for program, package in PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise CourseError(TRIED, f"There is no {', '.join(missing)}, and no apt-get.", _ELSEWHERE)
    report(step := f"install {', '.join(missing)}")
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", *missing, "debian-archive-keyring")
    report(step, 1, 1)


def _apt(*words: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    done = subprocess.run(
        ["apt-get", "-q", *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = " | ".join(done.stderr.strip().splitlines()[-3:])
        raise CourseError(TRIED, f"`apt-get {words[0]}` failed: {last}", _ELSEWHERE)
