"""What live curves of ten containers take from the kernel."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil

from tests.bench.page import FIRST, Notebook, notebook
from tests.bench.row import Row, at_most, told

COUNT, BOUND = 10, 5.0  # containers; percent of one CPU
SECONDS = 20.0  # of each measurement
FILLED = 62.0  # seconds until the curves are as long as they get
PID = "import os\nprint(os.getpid())"
SHOW = "lab.stats()"
# Each uses a little of everything, so that no curve is a straight line.
WORK = (
    "while :; do ping -c1 $(hostname -i) >/dev/null; head -c 200000 /dev/urandom >/x; sleep 1; done"
)


def _containers(shown: Notebook) -> None:
    for number in range(COUNT):
        name = f"w{number}"
        shown.client.containers.run("busybox", ["sh", "-c", WORK], name=name, detach=True)
        shown.wait_for(f"{name} running")


def _share(kernel: psutil.Process, shown: Notebook) -> float:
    """Returns the percent of one CPU that a process takes, of all its threads."""
    before, start = kernel.cpu_times(), time.monotonic()
    shown.page.page.wait_for_timeout(SECONDS * 1000)  # a sleep would not hear the messages
    after, passed = kernel.cpu_times(), time.monotonic() - start
    spent = after.user - before.user + after.system - before.system
    return 100 * spent / passed


def measure() -> Iterator[Row]:
    """Shows the curves of ten containers until they are full, and looks at the kernel's time."""
    with notebook([PID, SHOW]) as shown:
        _containers(shown)
        shown.page.run(FIRST)
        kernel = psutil.Process(int(shown.page.outputs(FIRST)[0]["text"]))
        without = _share(kernel, shown)
        shown.page.run(FIRST + 1)
        assert shown.page.cell_errors() == [], shown.page.cell_errors()
        shown.page.page.wait_for_timeout(FILLED * 1000)
        curves = shown.page.page.locator(".dk-live path.curve").count()
        assert curves >= 4 * COUNT, f"{curves} curves are on the page"
        bytes_before = sum(shown.heard)
        share = _share(kernel, shown)
        rate = (sum(shown.heard) - bytes_before) / SECONDS / 1000
    what = f"Stats of {COUNT} containers at 1 Hz, CPU time of the kernel"
    yield at_most(what, share - without, BOUND, "%", f"of one CPU; {without:.2g} % without")
    yield told("  meanwhile, messages to the page", rate, "kB/s")
