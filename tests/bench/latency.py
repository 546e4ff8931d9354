"""How long after the engine's event the page shows it, while the kernel is busy."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from statistics import median
from typing import Any

from docker.models.containers import Container

from tests.bench.noise import Noise
from tests.bench.page import FIRST, PICTURE, Notebook, notebook
from tests.bench.row import Row, at_most, quantile, told
from tests.bench.steps import Step, late

TURNS, BOUND = 16, 50.0  # turns of five events each; milliseconds
GAPS = (0.15, 0.45)  # seconds between two events, at random: no step with the 50 ms of the watcher
LEEWAY = 5.0  # seconds for the page to show the last event

# A call of docker-py that blocks the kernel until the bench ends it.
BUSY = 'lab.client.containers.get("stubborn").stop(timeout=600)'
# `Date.now()` is the clock of the engine's events: one machine. It is cut to whole milliseconds,
# so one is added.
OBSERVE = """
at => {
  const picture = document.querySelector(at);
  window.seen = [];
  const note = () => window.seen.push([Date.now() + 1, picture.ariaLabel]);
  const all = { attributes: true, childList: true, characterData: true, subtree: true };
  new MutationObserver(note).observe(picture, all);
}
"""


def _steps(container: Container, notebook: Notebook) -> list[Step]:
    """Changes a container from outside, event by event."""
    name, done = str(container.name), []
    for turn in range(TURNS):
        renamed = f"small-{turn}"
        for event, call, words in (
            ("pause", container.pause, f"{name} paused"),
            ("unpause", container.unpause, f"{name} running"),
            ("rename", lambda to=renamed: container.rename(to), f"{renamed} running"),
            ("die", container.stop, f"{renamed} exited"),
            ("start", container.start, f"{renamed} running"),
        ):
            done.append(Step(time.time(), event, words))
            call()
            notebook.page.page.wait_for_timeout(random.uniform(*GAPS) * 1000)
        name = renamed
    return done


def _event_times(notebook: Notebook, ident: str, since: float) -> list[tuple[float, str]]:
    api: Any = notebook.client.api
    span = {"since": f"{since:.6f}", "until": f"{time.time():.6f}"}
    found = api.events(decode=True, filters={"container": ident}, **span)
    return [(entry["timeNano"] / 1e9, entry["Action"]) for entry in found]


def _measure(noise: Noise) -> list[tuple[str, float]]:
    with notebook([BUSY]) as shown:
        stubborn: Any = shown.client.containers.run(
            "busybox", ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"],
            name="stubborn", detach=True,
        )  # fmt: skip
        small = shown.run("small")
        shown.wait_for("small running")
        shown.page.start(FIRST)
        shown.page.page.wait_for_timeout(1000)
        shown.page.page.evaluate(OBSERVE, PICTURE)
        since = time.time()
        with noise:
            steps = _steps(small, shown)
        assert shown.is_busy(), "the kernel's call ended before the measurement"
        shown.wait_for(steps[-1].words)
        events = _event_times(shown, str(small.id), since)
        seen = shown.page.page.evaluate("() => window.seen")
        stubborn.kill()
        return late(steps, events, seen)


def measure() -> Iterator[Row]:
    """Displays a Lifecycle, blocks the kernel, and changes a container from outside."""
    noise = Noise()
    found = _measure(noise)
    times = [ms for _, ms in found]
    note = f"{len(times)} events; median {median(times):.0f} ms, most {max(times):.0f} ms"
    what = "Engine's event → page, kernel busy in a blocking call, p95"
    yield at_most(what, quantile(times, 0.95), BOUND, "ms", note)
    for action in dict.fromkeys(action for action, _ in found):
        own = [ms for one, ms in found if one == action]
        yield told(f"  of these, {action}", median(own), "ms", f"median; most {max(own):.0f} ms")
    note = f"p95; most {noise.most():.0f} ms"
    yield told("  meanwhile, a sleep of 5 ms was late by", noise.p95(), "ms", note)
