from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from course.errors import CourseError
from course.images import debian
from course.images.debian import Bootstrap
from course.report import silent

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(sys.platform == "win32", reason="mmdebstrap is a program of Debian"),
]


def test_a_failure_is_told_in_its_own_last_words() -> None:
    script = "echo 'I: running apt-get update...' >&2; echo 'E: no space left' >&2; exit 3"
    with pytest.raises(CourseError, match=r"E: no space left.*course images load") as caught:
        list(Bootstrap(["sh", "-c", script], "a base", silent))
    assert "\n" not in str(caught.value)
    assert "I: running" not in str(caught.value)


def test_its_steps_are_reported() -> None:
    seen: list[tuple[str, float, float | None]] = []
    said = "".join(f"echo 'I: {step}...' >&2;" for step in debian.STEPS)
    chunks = Bootstrap(["sh", "-c", f"{said} printf tar"], "a base", lambda *a: seen.append(a))
    assert b"".join(chunks) == b"tar"
    total = len(debian.STEPS)
    assert seen == [("a base", number, total) for number in range(total)]


def test_it_ends_when_nobody_reads_on() -> None:
    began = time.monotonic()
    chunks = iter(Bootstrap(["sh", "-c", "cat /dev/zero"], "a base", silent))
    next(chunks)
    chunks.close()
    assert time.monotonic() - began < 5


def test_without_mmdebstrap_it_says_the_ways_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match=r"Docker Hub.*course images load FILE"):
        debian.ensure_mmdebstrap(silent)


def test_an_ordinary_user_is_not_asked_to_wait_for_apt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _program(tmp_path / "apt-get", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CourseError, match="It is not installed"):
        debian.ensure_mmdebstrap(silent)


def test_what_apt_says_is_passed_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _program(tmp_path / "apt-get", "echo 'E: Unable to locate package' >&2; exit 100")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CourseError, match="Unable to locate package"):
        debian.ensure_mmdebstrap(silent)


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
