"""A Debian file system as a stream of tar, made by mmdebstrap from Debian's own packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Generator, Sequence
from typing import IO

from course.errors import CourseError
from course.report import Report

# What mmdebstrap says when it begins each of its steps, in this order.
STEPS = (
    "running apt-get update",
    "downloading packages",
    "extracting archives",
    "installing essential",
    "installing remaining",
    "cleaning package lists",
    "creating tarball",
)
EXCLUDED = (
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/man/*",
    "/usr/lib/*/gconv/*",  # character sets of other centuries: 8 MB
)
# mmdebstrap copies these two from the machine that it runs on.
HOOKS = ('rm -f "$1"/etc/resolv.conf "$1"/etc/hostname',)
CHUNK = 1 << 20
_WAYS_OUT = (
    "Three ways out: install mmdebstrap (Debian, Ubuntu: `apt-get install mmdebstrap "
    "debian-archive-keyring`), use a network that reaches Docker Hub, or get the file of a machine "
    "that has the images (`course images save FILE` there) and run `course images load FILE`."
)


def ensure_mmdebstrap(report: Report) -> None:
    """Sees to it that mmdebstrap is installed: as root on Debian and Ubuntu it installs it.

    Raises:
        CourseError: It is missing and cannot be installed.
    """
    if shutil.which("mmdebstrap"):
        return
    tried = "Looked for mmdebstrap, which makes images without Docker Hub."
    # os.geteuid is missing on Windows, where there is no apt-get either.
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise CourseError(tried, "It is not installed.", _WAYS_OUT)
    report("install mmdebstrap")
    install = ["install", "-y", "--no-install-recommends", "mmdebstrap", "debian-archive-keyring"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    for arguments in (["update"], install):
        done = subprocess.run(
            ["apt-get", "-q", *arguments], env=environment, capture_output=True, text=True
        )
    if done.returncode != 0:
        raise CourseError(tried, f"apt-get could not install it: {_tail(done.stderr)}", _WAYS_OUT)
    report("install mmdebstrap", 1, 1)


def _tail(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-3:])


def arguments(
    suite: str,
    packages: Sequence[str] = (),
    without: Sequence[str] = (),
    aptopt: Sequence[str] = (),
    hooks: Sequence[str] = (),
) -> list[str]:
    """The command line; it names the suite and leaves it to mmdebstrap to know the mirror."""
    command = ["mmdebstrap", "--variant=minbase", "--format=tar"]
    # What breaks off half-way is thrown away: no need to wait for the disk after each file.
    command.append("--dpkgopt=force-unsafe-io")
    if packages:
        command.append(f"--include={','.join(packages)}")
    command += [f"--aptopt={option}" for option in aptopt]
    command += [f"--dpkgopt=path-exclude={path}" for path in (*EXCLUDED, *without)]
    command += [f"--customize-hook={hook}" for hook in (*HOOKS, *hooks)]
    return [*command, suite, "-"]


def borrow(suite: str, package: str, other: str) -> str:
    """A hook that unpacks one package of another suite, and nothing that it depends on."""
    lists = '"$1"/etc/apt/sources.list'
    steps = (
        'export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"',
        f"sed 's/{suite}/{other}/' {lists} >{lists}.d/borrow.list",
        "apt-get -q update",
        'cd "$1"/tmp',
        f"apt-get -q download {package}/{other}",
        f'dpkg-deb -x {package}_*.deb "$1"',
        f"rm {package}_*.deb {lists}.d/borrow.list",
    )
    return f"({' && '.join(steps)}) >&2"  # the tar goes to stdout


class Bootstrap:
    """One run of mmdebstrap; iterate over it to get its tar in chunks.

    Args:
        command: From `arguments`.
        step: Name under which the progress is reported.
        report: Told about each step of mmdebstrap.

    Attributes:
        said: The last lines that mmdebstrap (and the hooks) wrote.
    """

    def __init__(self, command: list[str], step: str, report: Report) -> None:
        self.command, self.step, self.report = command, step, report
        self.said: deque[str] = deque(maxlen=40)

    def __iter__(self) -> Generator[bytes, None, None]:
        """Yields the tar.

        Raises:
            CourseError: mmdebstrap failed; its own last lines say why.
        """
        environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        with subprocess.Popen(
            self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            listener = threading.Thread(target=self._listen, args=(process.stderr,), daemon=True)
            listener.start()
            try:
                while chunk := process.stdout.read(CHUNK):
                    yield chunk
            except GeneratorExit:  # nobody reads on: let it remove its temporary folder
                process.stdout.close()
                process.terminate()
                raise
            finally:
                listener.join()
        if process.returncode != 0:
            raise self._failure()

    def _listen(self, stderr: IO[bytes]) -> None:
        for raw in stderr:
            line = raw.decode(errors="replace").strip()
            self.said.append(line)
            for number, step in enumerate(STEPS):
                if line.startswith(f"I: {step}"):
                    self.report(self.step, number, len(STEPS))

    def _failure(self) -> CourseError:
        wrong = [line for line in self.said if not line.startswith("I:")][-4:]
        return CourseError(
            f"Made {self.step} with mmdebstrap.",
            f"It failed: {' | '.join(wrong) or 'it said nothing'}.",
            "It needs Debian's package mirror and about 2 GB in its temporary folder (TMPDIR). "
            "Where there is no mirror: `course images load FILE`.",
        )
