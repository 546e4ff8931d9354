"""A private `dockerd` of ours, for a machine that has the program but no running engine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from docker.errors import DockerException

from course.engine.host import Endpoint, HostEngine, connect, embedded_socket
from course.engine.ownership import instance
from course.engine.platforms import engine_packages, install_advice
from course.errors import CourseError
from course.report import Report, silent

START_SECONDS = 60


def _folder() -> Path:
    return embedded_socket().parent


def _exec_root() -> Path:
    return Path(f"/run/learning-docker-{instance()}")


def _log() -> Path:
    return _folder() / "dockerd.log"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def command(folder: Path) -> list[str]:
    """The command line of an engine whose every file is under `folder`.

    It shares the bridge docker0 with an engine that may be started later: `--bridge=none` would
    delete that one's.
    """
    return [
        "dockerd",
        f"--host=unix://{folder}/docker.sock",
        f"--data-root={folder}/data",
        f"--exec-root={_exec_root()}",
        f"--pidfile={folder}/dockerd.pid",
        "--log-level=warn",
    ]


def process() -> psutil.Process | None:
    """The running engine of ours, if there is one (a stale pid file is not believed)."""
    try:
        pid = int((_folder() / "dockerd.pid").read_text())
        found = psutil.Process(pid)
        mine = f"--pidfile={_folder()}/dockerd.pid" in found.cmdline()
        return found if mine and found.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def install(report: Report = silent) -> None:
    """Installs the distribution's engine package where we know it and may.

    Raises:
        CourseError: It is another system, or we are not root: says what to type.
    """
    commands = engine_packages() if _is_root() else None
    if not commands or not shutil.which(commands[0][0]):
        raise CourseError(
            "Looked for a Docker engine on this machine.",
            "None is running and the program `dockerd` is not installed.",
            install_advice(),
        )
    step = "Install Docker with the system's package manager"
    for number, words in enumerate(commands):
        report(step, number, len(commands))
        _package_manager(words)
    report(step, len(commands), len(commands))


def _package_manager(words: Sequence[str]) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(words, capture_output=True, text=True, env=env, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise CourseError(
            f"Ran `{' '.join(words)}`.", " ".join(lines), "Mend that, or install Docker by hand."
        )


def start(report: Report = silent) -> HostEngine:
    """Starts our engine, or connects to it if it runs already.

    Raises:
        CourseError: It cannot be started here, or did not come up in 60 s.
    """
    endpoint = Endpoint(f"unix://{embedded_socket()}", "the course's own engine")
    if process() is None:
        _spawn()
    step = "Start the course's own Docker engine"
    deadline = time.monotonic() + START_SECONDS
    while True:
        report(step)
        try:
            engine = connect(endpoint)
        except (DockerException, OSError):
            if time.monotonic() > deadline or process_died():
                raise _failure() from None
            time.sleep(0.1)
            continue
        report(step, 1, 1)
        return engine


_child: subprocess.Popen[bytes] | None = None


def process_died() -> bool:
    """Whether the engine that this process started has already ended."""
    return _child is not None and _child.poll() is not None


def _spawn() -> None:
    global _child
    if sys.platform != "linux" or not _is_root() or not shutil.which("dockerd"):
        raise CourseError(
            "Looked for a running Docker engine.",
            "None answers, and only root on Linux can start the course's own.",
            install_advice(),
        )
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    with _log().open("ab") as log:
        _child = subprocess.Popen(
            command(_folder()),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal must not stop the engine
        )


def _failure() -> CourseError:
    lines = _log().read_text(errors="replace").strip().splitlines()[-3:] if _log().exists() else []
    return CourseError(
        "Started the course's own Docker engine.",
        f"It did not come up. Its last words: {' | '.join(lines) or 'none'}",
        f"The whole log is {_log()}.",
    )


def stop() -> bool:
    """Stops our engine and its containers; returns whether it ran."""
    found = process()
    if found is None:
        return False
    found.terminate()
    try:
        found.wait(30)
    except psutil.TimeoutExpired:
        found.kill()
    # An engine mounts its data root on itself, and leaves that when it ends.
    data = str(_folder() / "data")
    subprocess.run(["umount", "--recursive", data], check=False, capture_output=True)
    return True


def erase() -> None:
    """Stops our engine and deletes its folders."""
    stop()
    shutil.rmtree(_exec_root(), ignore_errors=True)
    shutil.rmtree(_folder(), ignore_errors=True)
