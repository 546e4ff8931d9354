"""Three nodes with 200 tasks: how soon they are drawn and seen, and what memory they leave."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from course.catalogue import ROOT
from course.views.swarm import draw_swarm
from tests.bench.latency import OBSERVE
from tests.bench.page import PICTURE, _chromium
from tests.bench.row import Row, at_most, quantile
from tests.bench.swarm_feed import marked

sys.path.insert(0, str(ROOT / "tests" / "browser"))
from conftest import SIZE
from lab_page import JupyterLab
from lab_server import Server

DRAWN, SEEN, GROWN = 10.0, 50.0, 10.0  # milliseconds, milliseconds, MB
TIMES, TURNS, EVENTS = 50, 60, 10_000
CELLS = [
    "from tests.bench.swarm_feed import feed_and_view, grown, publish\n"
    "feed, view = feed_and_view()\nview",
    f"import json\nprint(json.dumps(publish(feed, {TURNS}, (0.3, 0.6))))",
    f"print(grown(feed, {EVENTS}))",
]
SHOW, PUBLISH, GROW = range(3)
LEEWAY = 2000  # milliseconds for the page to show the last one


@contextmanager
def _notebook() -> Iterator[JupyterLab]:
    with (
        TemporaryDirectory(prefix="bench-") as home,
        Server(Path(home)) as server,
        sync_playwright() as play,
        closing(_chromium(play).new_page(viewport=SIZE)) as tab,
    ):
        page = JupyterLab(server, tab, ROOT / "test-results")
        page.open(page.write("swarm.ipynb", CELLS))
        yield page
        page.close()


def _drawn() -> Row:
    took = []
    for swarm in [marked(turn) for turn in range(TIMES)]:
        start = time.perf_counter()
        picture = draw_swarm(swarm)
        took.append((time.perf_counter() - start) * 1000)
    note = f"median of {TIMES}; best {min(took):.2g} ms, {len(picture) / 1000:.0f} kB"
    return at_most("Swarm of 200 tasks on 3 nodes drawn", median(took), DRAWN, "ms", note)


def _late(page: JupyterLab) -> list[float]:
    """Returns the milliseconds from each State to the page that shows it."""
    page.page.wait_for_timeout(1000)
    page.page.evaluate(OBSERVE, PICTURE)
    page.run(PUBLISH, timeout=120)
    page.page.wait_for_timeout(LEEWAY)
    seen: list[tuple[float, Any]] = page.page.evaluate("() => window.seen")
    found = []
    for turn, at in enumerate(json.loads(_said(page, PUBLISH)), start=1):
        shown = next(when for when, words in seen if f"turn-{turn} " in str(words))
        found.append(shown - at * 1000)
    return found


def _said(page: JupyterLab, cell: int) -> str:
    assert page.cell_errors() == [], page.cell_errors()
    return "".join(page.outputs(cell)[0]["text"])


def measure() -> Iterator[Row]:
    """Draws, then shows in JupyterLab while the kernel runs a cell, then looks at its memory."""
    yield _drawn()
    with _notebook() as page:
        page.run(SHOW)
        late = _late(page)
        note = f"{len(late)} States; median {median(late):.0f} ms, most {max(late):.0f} ms"
        what = "Swarm of 200 tasks on 3 nodes: State → page, a cell running, p95"
        yield at_most(what, quantile(late, 0.95), SEEN, "ms", note)
        page.run(GROW, timeout=600)
        grown = float(_said(page, GROW))
        assert page.errors == [], page.errors
    what = f"Swarm: memory of the kernel after {EVENTS} changes of tasks"
    yield at_most(what, abs(grown), GROWN, "MB", f"{grown:+.1f} MB")
