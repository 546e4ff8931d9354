"""`make test-mesh`: the tests of the routing mesh, on a kernel that has what it needs.

Where this machine's engine has such a kernel they run on ordinary sandboxes. Elsewhere a virtual
machine brings one: its engine takes the host engine's place, and the same course, the same labs and
the same tests run on it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

from course.catalogue import ROOT
from course.console import out, progress, told
from course.dev.mesh_vm import machine, shelf, tools
from course.engine.ipvs import Ipvs, look
from course.engine.lab import take_sandbox
from course.images import supply
from course.images.supply import Supply

TESTS = ["-m", "pytest", "-v", "--durations=0", "--durations-min=0.5", "tests/mesh"]


def main() -> int:
    """Runs the tests; returns pytest's exit code."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was begun is tidied then, too
    with told():
        with progress() as report:
            have = supply.ready() or supply.ensure(report)
        if kernel := _here(have):
            _say(f"{kernel!r} The tests run on this machine's own engine.")
            code = _pytest(os.environ)
        else:
            _say(f"{kernel!r} The tests run in a virtual machine.")
            code = _in_machine(have)
    _say(f"In all {time.monotonic() - began:.0f} s.")
    return code


def _here(have: Supply) -> Ipvs:
    sandbox = take_sandbox(have.host, have.image, have.mirror, "mesh")
    try:
        return look(sandbox.run)
    finally:
        sandbox.stop()


def _in_machine(have: Supply) -> int:
    began = time.monotonic()
    with shelf.alone():
        with progress() as report:
            tools.ensure(report)
            disk = shelf.take(have, report)
        with machine.running(disk, online=have.source == "hub") as running:
            with progress() as report:
                running.wait(report)
            _say(f"The machine is ready after {time.monotonic() - began:.0f} s.")
            return _pytest(running.environment(shelf.data(), have.source))


def _say(words: str) -> None:
    out.print(words, soft_wrap=True, highlight=False)


def _pytest(environment: Mapping[str, str]) -> int:
    words = [sys.executable, *TESTS, *sys.argv[1:]]
    return subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
