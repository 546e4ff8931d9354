"""How long the second `make lab` takes until its server answers."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from course.catalogue import ROOT
from tests.bench.row import Row, at_most

BOUND = 10.0  # seconds
ENDING = 20.0  # seconds that the server gets to end


def free_port() -> int:
    """Returns a port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def make_lab(
    folder: Path, patience: float, environment: Mapping[str, str] | None = None, *variables: str
) -> Iterator[float]:
    """Runs `make lab` and yields the seconds until its server answered; then ends it.

    Args:
        folder: Of the Makefile.
        patience: Seconds to wait at most.
        environment: Variables besides those of this process.
        variables: More arguments for make, as "VENV=.venv".

    Raises:
        RuntimeError: It ended by itself or did not answer in time; says what make printed.
    """
    if not shutil.which("make"):
        raise RuntimeError("There is no `make` on PATH.")
    port = free_port()
    options = f"ARGS=--no-browser --port={port} --ServerApp.port_retries=0"
    with tempfile.TemporaryFile() as log:
        start = time.monotonic()
        process = subprocess.Popen(
            ["make", "lab", options, *variables],
            cwd=folder,
            env=_clean() | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while not _answers(port):
                if process.poll() is not None or time.monotonic() - start > patience:
                    log.seek(0)
                    said = log.read().decode(errors="replace")[-1500:]
                    raise RuntimeError(f"`make lab` did not come up in {patience:.0f} s: {said}")
                time.sleep(0.05)
            yield time.monotonic() - start
        finally:
            _end(process)


def _clean() -> dict[str, str]:
    """Our environment without what an outer `make` left in it."""
    return {key: value for key, value in os.environ.items() if not key.startswith("MAKE")} | {
        "MAKEFLAGS": ""
    }


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2).close()
    except urllib.error.HTTPError:
        return True  # it wants a token, but it is there
    except OSError:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends make, the server and all that they started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(ENDING)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    process.wait()


def _environment_of_make() -> str:
    """The virtual environment that this process runs in, as make is told of it."""
    if not (Path(sys.prefix) / ".ready").exists():
        raise RuntimeError(f"{sys.prefix} was not made by `make`: run `make bench`.")
    return f"VENV={os.path.relpath(sys.prefix, ROOT)}"


def measure() -> Iterator[Row]:
    """Runs `make lab` once to have everything ready, and then for the clock."""
    variable = _environment_of_make()
    with make_lab(ROOT, 600, None, variable):
        pass
    with make_lab(ROOT, 120, None, variable) as seconds:
        yield at_most("Second `make lab`, to the server's URL", seconds, BOUND, "s")
