"""How long the first cell of a notebook takes: `import course; lab = course.open("03")`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from course.catalogue import ROOT
from course.engine import sandbox
from course.engine.boot import boot
from course.engine.lab import _running, keep_spare
from course.images import supply
from course.images.supply import Supply
from tests.bench.row import Row, at_most, told

TIMES, BOUND = 7, 3.0  # seconds
SPARE_SECONDS = 30
# A process each: a learner's kernel has imported nothing yet.
SCRIPT = """
import time
start = time.perf_counter()
import course
lab = course.open("03")
print(time.perf_counter() - start, flush=True)
from tests.bench.opening import wait_for_spare
wait_for_spare()  # a process that ends now would cut its boot short
lab.close()
"""


def is_spare_waiting(have: Supply) -> bool:
    """Whether the next open finds a warm sandbox."""
    running = _running(have.host, have.image, have.mirror)
    return any(
        known.address.container in running and known.owned_since() is None
        for known in sandbox.known(have.host)
    )


def wait_for_spare() -> None:
    """Waits until a spare sandbox is warm; boots one when nobody else does."""
    have = supply.ensure()
    until = time.monotonic() + SPARE_SECONDS
    while not is_spare_waiting(have):
        if time.monotonic() > until:
            raise RuntimeError(f"No spare sandbox came up in {SPARE_SECONDS} s.")
        keep_spare(have.host, have.image, have.mirror)
        time.sleep(0.2)


def _open() -> float:
    wait_for_spare()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[0])


def _boot() -> float:
    have = supply.ensure()
    start = time.perf_counter()
    box = boot(have.host, have.image, have.mirror, "bench")
    took = time.perf_counter() - start
    box.stop()
    return took


def measure() -> Iterator[Row]:
    """Opens a lab seven times with a spare warm, and boots a sandbox three times."""
    warm = [_open() for _ in range(TIMES)]
    note = f"most of {TIMES}; median {median(warm):.2g} s"
    yield at_most("First cell of a notebook, a spare sandbox waits", max(warm), BOUND, "s", note)
    cold = [_boot() for _ in range(3)]
    yield told("Boot of a sandbox, none waits", median(cold), "s", f"most {max(cold):.2g} s")
