"""`python -m tests.bench [--only NAME,…] [--first] [--course]`: measures what is promised."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module

from rich.console import Console

from course.catalogue import ROOT
from tests.bench import table
from tests.bench.row import Row

# Those that need the machine for themselves most come first.
MEASURES = {
    "draw": "drawing",
    "event": "latency",
    "burst": "burst",
    "open": "opening",
    "nodes": "nodes",
    "up": "serving",
    "nbval": "notebooks",
    "course": "course",
    "stats": "stats",
    "swarm": "swarm",
    "app": "whole_app",
    "first": "first",
}
ON_REQUEST = {"first", "course"}  # they take many minutes
OUTPUT = ROOT / "test-results" / "bench.md"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    names = ", ".join(MEASURES)
    parser.add_argument("--only", default="", metavar="NAME,…", help=f"some of {names}")
    parser.add_argument("--first", action="store_true", help="a first `make lab`, too: minutes")
    parser.add_argument("--course", action="store_true", help="all notebooks, too: many minutes")
    return parser.parse_args()


def _wanted(given: argparse.Namespace) -> list[str]:
    asked = [name for name in given.only.split(",") if name]
    if unknown := [name for name in asked if name not in MEASURES]:
        sys.exit(f"There is no {', '.join(unknown)}; there are {', '.join(MEASURES)}.")
    usual = [name for name in MEASURES if name not in ON_REQUEST]
    more = [name for name in MEASURES if name in ON_REQUEST and getattr(given, name)]
    return (asked or usual) + [name for name in more if name not in asked]


def _rows(name: str) -> list[Row]:
    """Returns what one measurement says; one that fails is a row that says so."""
    measure: Callable[[], Iterator[Row]] = import_module(f"tests.bench.{MEASURES[name]}").measure
    rows: list[Row] = []
    try:
        rows.extend(measure())
    except Exception as problem:  # the other numbers are still worth having
        rows.append(Row(name, f"{type(problem).__name__}: {str(problem)[:300]}", ok=False))
    return rows


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main() -> int:
    """Runs the measurements; returns 1 when a bound is broken."""
    wanted, err = _wanted(_arguments()), Console(stderr=True)
    rows: list[Row] = []
    before = _load()
    for name in wanted:
        err.print(f"… {name}")
        rows += _rows(name)
    caption = (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} CPUs, "
        f"load {before} before and {_load()} after."
    )
    Console().print(table.rich(rows, caption))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(table.markdown(rows, caption), encoding="utf-8")
    return int(any(row.ok is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
