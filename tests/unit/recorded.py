"""Calls and events that were recorded from a live engine (docker.io 26.1.5, API 1.45)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course.trace.call import Call
from course.watch.state import Event

RECORDED = json.loads((Path(__file__).parent / "data" / "trace.json").read_text(encoding="utf-8"))


def calls(name: str) -> tuple[Call, ...]:
    return tuple(_call(entry) for entry in RECORDED[name]["calls"])


def events(name: str) -> tuple[Event, ...]:
    return tuple(_event(entry) for entry in RECORDED[name]["events"])


def _call(entry: dict[str, Any]) -> Call:
    pairs = {key: tuple(tuple(pair) for pair in entry[key]) for key in ("query", "headers")}
    return Call(**{**entry, **pairs})


def _event(entry: dict[str, Any]) -> Event:
    actor, attributes = entry["Actor"], entry["Actor"]["Attributes"]
    action, _, detail = entry["Action"].partition(": ")
    name = attributes.get("name", actor["ID"])
    when = entry["timeNano"] / 1e9
    return Event(when, entry["Type"], action, actor["ID"], name, detail, attributes)
