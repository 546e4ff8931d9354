"""What the regression test of the notebooks costs, and what a second worker saves."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from course.catalogue import ROOT
from course.dev.normalise import notebooks
from tests.bench.opening import wait_for_spare
from tests.bench.row import Row, at_least, at_most, told

COUNT = 3  # the first three
COST, GAIN = 1.3, 1.5
NBVAL = ("-m", "pytest", "-q", "-p", "course.testing.plugin", "-p", "no:cacheprovider", "--nbval")
TWO = ("-n", "2", "--dist", "loadfile")


def run(arguments: Sequence[str], paths: Sequence[Path]) -> float:
    """Runs pytest or another module on notebooks; returns its seconds."""
    wait_for_spare()
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments, *map(str, paths)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.monotonic() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {(done.stdout + done.stderr)[-600:]}")
    return took


def measure() -> Iterator[Row]:
    """Runs the first three notebooks with nbclient alone, with nbval, and on two workers."""
    paths = notebooks()[:COUNT]
    names = f"Notebooks {paths[0].name[:2]}-{paths[-1].name[:2]}"
    merely = run(("-m", "tests.bench.execute"), paths)
    yield told(f"{names} merely executed", merely, "s", "nbclient, one after the other")
    one = run(NBVAL, paths)
    yield at_most(
        f"{names} under nbval, against merely executed", one / merely, COST, "times", f"{one:.0f} s"
    )
    two = run((*NBVAL, *TWO), paths)
    yield at_least(f"{names} on two workers, against one", one / two, GAIN, "times", f"{two:.0f} s")
