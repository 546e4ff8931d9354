"""The whole preflight table, put together from the engine's and the images' findings."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pandas as pd

from course.engine import doctor, host
from course.engine.doctor import Finding
from course.engine.lab import take_sandbox
from course.errors import CourseError
from course.images import hub, supply


def _run(words: list[str]) -> tuple[int, str]:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def findings() -> Iterator[Finding]:
    """All findings; a missing engine is one of them, never an error."""
    yield from doctor.machine_findings()
    yield from _engine_findings()
    yield from doctor.port_findings()
    yield from doctor.network_findings()
    yield from doctor.systemd_findings(_run)


def _engine_findings() -> Iterator[Finding]:
    try:
        engine = host.find()
    except CourseError as error:
        yield Finding("engine", f"{error.tried} {error.got}", False, error.todo)
        return
    if engine is None:
        yield Finding("engine", "none answers", False, "Run `course up`: it says or does the rest.")
        return
    yield from doctor.engine_findings(engine)
    have = supply.ready()
    if have is None:
        yield Finding("the course", "not set up yet", None, "Run `course up`.")
        return
    left = hub.pulls_left() if have.source == "hub" else None
    yield from doctor.source_findings(have.source, left)
    sandbox = take_sandbox(have.host, have.image, have.mirror, "00")
    try:
        yield from doctor.kernel_findings(sandbox)
    finally:
        sandbox.stop()


def frame() -> pd.DataFrame:
    """The findings as a table: columns CHECK, FOUND, OK, ADVICE."""
    marks = {True: "yes", False: "no", None: "see advice"}
    rows = [
        (entry.check, entry.found, marks[entry.ok], entry.shown_advice) for entry in findings()
    ]
    return pd.DataFrame(rows, columns=["CHECK", "FOUND", "OK", "ADVICE"])
