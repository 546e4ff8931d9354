"""What a bench's kernel runs: a made-up swarm of 200 tasks that changes, and who follows it."""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psutil

from course.catalogue import ROOT
from course.views.swarm import SwarmView
from course.watch import swarm_parse
from course.watch.feed import Feed
from course.watch.sampler import Sample
from course.watch.swarm import Swarm
from course.watch.swarm_task import Service

# The unit tests' own swarms; as pytest has it, they are no package.
sys.path.insert(0, str(ROOT / "tests" / "unit"))
from swarms import many

COUNT, WARM = 200, 1000
STATES = ("running", "preparing", "running", "failed", "running")


def marked(turn: int) -> Swarm:
    """Returns the swarm of a turn; a service named after it tells the page's words apart."""
    made = many(COUNT, turn=turn)
    return replace(made, services=(*made.services, Service("mark", f"turn-{turn}", wanted=0)))


def feed_and_view() -> tuple[Feed[Sample[Swarm]], SwarmView]:
    """Returns a feed, and a view that follows it."""
    feed = Feed(Sample(marked(0), 0, connected=True))
    return feed, SwarmView().attach(feed)


def publish(feed: Feed[Sample[Swarm]], turns: int, gaps: tuple[float, float]) -> list[float]:
    """Publishes a new swarm now and then; returns when, in seconds since the epoch."""
    times = []
    for turn in range(1, turns + 1):
        made = marked(turn)
        times.append(time.time())
        feed.publish(Sample(made, turn, connected=True))
        time.sleep(random.uniform(*gaps))
    return times


def grown(feed: Feed[Sample[Swarm]], events: int) -> float:
    """Returns the MB by which the kernel has grown over so many changes of tasks.

    Each comes as a manager's answer: bytes, of which what has changed is parsed.
    """
    kernel, before = psutil.Process(), 0.0
    for turn, swarm in enumerate(_answers(WARM + events)):
        if turn == WARM:
            before = _size(kernel)
        feed.publish(Sample(swarm, 10_000 + turn, connected=True))
    return _size(kernel) - before


def _answers(events: int) -> Iterator[Swarm]:
    rows, frame = swarm_parse.Rows(swarm_parse.task), many(COUNT)
    entries = [json.dumps(_entry(at, 0)) for at in range(COUNT)]
    for turn in range(1, events + 1):
        at = turn % COUNT
        entries[at] = json.dumps(_entry(at, turn))
        tasks = rows.take(f"[{','.join(entries)}]".encode())
        yield replace(frame, tasks=tasks)


def _entry(at: int, turn: int) -> dict[str, Any]:
    return {
        "ID": f"{at:012d}{turn:013d}",  # another task each time, in the same slot
        "Version": {"Index": turn},
        "CreatedAt": "2026-11-24T01:45:22.434501234Z",
        "Spec": {"ContainerSpec": {"Image": "busybox", "Env": [f"TURN={turn}"]}, "ForceUpdate": 0},
        "ServiceID": f"s{at % 4}",
        "Slot": at // 4 + 1,
        "NodeID": f"m{(at + turn) % 3}",
        "DesiredState": "running",
        "Status": {
            "Timestamp": "2026-11-24T01:45:23.645961881Z",
            "State": STATES[turn % len(STATES)],
            "Err": f"task: non-zero exit ({turn})" if turn % 5 == 3 else "",
        },
    }


def _size(kernel: psutil.Process) -> float:
    gc.collect()
    return float(kernel.memory_info().rss) / 1e6
