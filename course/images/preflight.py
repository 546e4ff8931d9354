"""The whole preflight, put together from the engine's and the images' findings."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

import pandas as pd

from course.engine import doctor, host, sandbox
from course.engine.doctor import Finding, Run
from course.engine.host import HostEngine
from course.engine.lab import take_sandbox
from course.errors import CourseError
from course.images import hub, supply
from course.images.source import hub_answers
from course.images.supply import Supply

MARKS = {True: "✓", False: "✗", None: "•"}
Section = tuple[str, tuple[Finding, ...]]


def _run(words: list[str]) -> tuple[int, str]:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def sections(run: Run | None = None) -> Iterator[Section]:
    """Title and findings of each part; a missing engine is a finding, never an error.

    Args:
        run: Runs a script on a lab's Docker host; without it a sandbox is taken for the probes.
    """
    yield "This machine", tuple(doctor.machine_findings())
    engine, found = _engine()
    yield "Docker engine", tuple(found)
    if engine is not None:
        yield from _lab_sections(engine, run)
    ours = _lab_ports(engine)
    network = (*doctor.port_findings(ours), *doctor.network_findings())
    yield "Ports and network", network
    yield "Start on boot", tuple(doctor.systemd_findings(_run))


def _engine() -> tuple[HostEngine | None, list[Finding]]:
    try:
        engine = host.find()
    except CourseError as error:
        return None, [Finding("engine", f"{error.tried} {error.got}", False, error.todo)]
    if engine is None:
        advice = "Run `course up`: it does or says the rest."
        return None, [Finding("engine", "none answers", False, advice)]
    return engine, list(doctor.engine_findings(engine))


def _lab_ports(engine: HostEngine | None) -> set[int]:
    """The ports on 127.0.0.1 that running sandboxes of this learner hold."""
    if engine is None:
        return set()
    boxes = [box for box in sandbox.known(engine) if box.is_running()]
    return {port for box in boxes for port in box.address.ports.values()}


def _lab_sections(engine: HostEngine, run: Run | None) -> Iterator[Section]:
    have = supply.ready()
    if have is None:
        advice = "Run `course up`."
        yield "The course", (Finding("labs", "not set up yet", None, advice),)
        return
    yield "Kernel features", tuple(_probed(engine, have, run))
    left = hub.pulls_left()
    answers = left is not None or (have.source == "hub" and hub_answers())
    yield "Images", tuple(doctor.source_findings(have.source, left, answers=answers))


def _probed(engine: HostEngine, have: Supply, run: Run | None) -> list[Finding]:
    if run is not None:
        return list(_probes(engine, run))
    try:
        box = take_sandbox(have.host, have.image, have.mirror, "00")
    except CourseError as error:
        return [Finding("sandbox", f"{error.tried} {error.got}", False, error.todo)]
    try:
        return list(_probes(engine, box.run))
    finally:
        box.stop()


def _probes(engine: HostEngine, run: Run) -> Iterator[Finding]:
    yield from doctor.kernel_findings(run)
    # The data of an engine in a VM or on another machine is seen only from inside a sandbox.
    if not engine.is_local_linux and (disk := doctor.remote_disk_finding(run)):
        yield disk


def findings() -> Iterator[Finding]:
    """All findings, without their sections."""
    for _, entries in sections():
        yield from entries


@dataclass(frozen=True, repr=False)
class Preflight:
    """The preflight as a notebook shows it.

    Attributes:
        sections: Title and findings of each part.
    """

    sections: tuple[Section, ...]

    def frame(self) -> pd.DataFrame:
        """The findings as a table: columns PART, CHECK, FOUND, OK, ADVICE."""
        rows = [
            (title, entry.check, entry.found, MARKS[entry.ok], entry.shown)
            for title, entries in self.sections
            for entry in entries
        ]
        return pd.DataFrame(rows, columns=["PART", "CHECK", "FOUND", "OK", "ADVICE"])

    def __repr__(self) -> str:
        lines = []
        for title, entries in self.sections:
            lines.append(title)
            lines += [
                f"  {MARKS[e.ok]} {e.check}: {e.found}" + (f"  ({e.shown})" if e.shown else "")
                for e in entries
            ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(_rows(title, entries) for title, entries in self.sections)
        return f'{_STYLE}<table class="dk-preflight">{rows}</table>{_LEGEND}'


# The class is named twice so that these rules outweigh JupyterLab's own for tables.
_STYLE = """<style>
.dk-preflight.dk-preflight { table-layout: auto; margin-left: 0 }
.dk-preflight.dk-preflight td, .dk-preflight.dk-preflight th {
  text-align: left; vertical-align: top }
.dk-preflight.dk-preflight th { padding-top: 1em }
.dk-preflight td:nth-child(2) { white-space: nowrap }
.dk-preflight .yes { color: var(--jp-success-color1, #2e7d32) }
.dk-preflight .no { color: var(--jp-error-color1, #c62828) }
</style>"""
_LEGEND = "<p>✓ fine &ensp; • worth knowing &ensp; ✗ to be mended</p>"
_CLASSES = {True: "yes", False: "no", None: ""}


def _with_code(advice: str) -> str:
    """Escapes, and shows what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(advice))


def _rows(title: str, entries: tuple[Finding, ...]) -> str:
    rows = [f'<tr><th colspan="4" scope="colgroup">{escape(title)}</th></tr>']
    for entry in entries:
        texts = escape(entry.check), escape(entry.found), _with_code(entry.shown)
        cells = "".join(f"<td>{text}</td>" for text in texts)
        mark = f'<td class="{_CLASSES[entry.ok]}">{MARKS[entry.ok]}</td>'
        rows.append(f"<tr>{mark}{cells}</tr>")
    return "".join(rows)


def preflight(run: Run | None = None, only: str | None = None) -> Preflight:
    """The whole preflight, or one part of it.

    Args:
        run: As for `sections`.
        only: A part's title, as "Start on boot".

    Raises:
        CourseError: There is no part of that title.
    """
    found = tuple(sections(run))
    chosen = tuple(part for part in found if only in (None, part[0]))
    if not chosen:
        titles = ", ".join(f"{title!r}" for title, _ in found)
        raise CourseError(f"Looked for the preflight's part {only!r}.", f"Its parts are {titles}.")
    return Preflight(chosen)
