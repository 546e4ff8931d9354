"""4000 events as fast as the engine makes them: what the page shows then, and what it was sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from docker.models.containers import Container

from course.engine import sandbox
from course.images import supply
from tests.bench.page import Notebook, notebook
from tests.bench.row import Row, at_most, told

WORKERS, EACH = 4, 1000
BOUND = 1000.0  # kB
QUIET = 1.0  # seconds without a message: the page has all
SECONDS = 120
# One curl for each container, on the engine's own machine: nothing else is as fast.
SCRIPT = """
burst() {
  curl -sS --unix-socket /var/run/docker.sock -X POST -o /dev/null -w '%{http_code}\\n' \\
    "http://engine/containers/$1/rename?name=burst-$2-[1-EACH]"
}
IDS_IN_BACKGROUND
wait
""".replace("EACH", str(EACH))


def _script(idents: Sequence[str]) -> str:
    calls = "\n".join(f"burst {ident} {worker} &" for worker, ident in enumerate(idents))
    return SCRIPT.replace("IDS_IN_BACKGROUND", calls)


class _Burst(threading.Thread):
    """Renames each container a thousand times; `made` counts what the engine did."""

    def __init__(self, box: sandbox.Sandbox, containers: Sequence[Container]) -> None:
        super().__init__(name="burst", daemon=True)
        self._box, self._script = box, _script([str(one.id) for one in containers])
        self.made, self.seconds = 0, 0.0

    def run(self) -> None:
        start = time.monotonic()
        _, output = self._box.run(self._script)
        self.seconds = time.monotonic() - start
        self.made = output.split().count(b"204")


def _box(shown: Notebook) -> sandbox.Sandbox:
    """The notebook's sandbox, as another process of this learner finds it."""
    url = str(shown.client.api.base_url)
    found = sandbox.known(supply.ensure().host)
    return next(one for one in found if one.address.url == url)


def _wait_quiet(shown: Notebook, burst: _Burst) -> float:
    """Waits for the burst's end and the page's; returns seconds from the one to the other."""
    until, ended = time.monotonic() + SECONDS, 0.0
    count, since = len(shown.heard), time.monotonic()
    while burst.is_alive() or time.monotonic() - since < QUIET:
        if time.monotonic() > until:
            raise TimeoutError(f"The page was still being sent messages after {SECONDS} s.")
        shown.page.page.wait_for_timeout(20)
        if not burst.is_alive():
            ended = ended or time.monotonic()
        if len(shown.heard) != count:
            count, since = len(shown.heard), time.monotonic()
    return max(since - ended, 0)


def _measure() -> tuple[_Burst, list[int], float]:
    with notebook() as shown:
        containers = [shown.run(f"burst-{worker}") for worker in range(WORKERS)]
        for one in containers:
            shown.wait_for(f"{one.name} running")
        shown.page.page.wait_for_timeout(1000)
        before = len(shown.heard)
        burst = _Burst(_box(shown), containers)
        burst.start()
        after = _wait_quiet(shown, burst)
        wanted = [f"burst-{worker}-{EACH} running" for worker in range(WORKERS)]
        words = shown.words()
        assert all(each in words for each in wanted), f"The page shows: {words}"
        assert shown.page.errors == [], shown.page.errors
        assert burst.made == WORKERS * EACH, f"{burst.made} renames were done"
        return burst, shown.heard[before:], after


def measure() -> Iterator[Row]:
    """Displays a Lifecycle and renames four containers a thousand times each."""
    burst, heard, after = _measure()
    took = f"{len(heard)} messages in {burst.seconds:.1f} s"
    note = f"{took}; the right picture {after * 1000:.0f} ms after"
    what = f"{burst.made} events in a burst: sent to the page"
    yield at_most(what, sum(heard) / 1000, BOUND, "kB", note)
    yield told("  of these, the largest message", max(heard) / 1000, "kB")
