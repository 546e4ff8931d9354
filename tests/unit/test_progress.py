from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from course.catalogue import ROOT
from course.checks import progress
from course.checks.desk import record
from course.checks.verdict import Outcome, Verdict
from course.errors import CourseError


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "data" / "progress.json"
    monkeypatch.setenv("COURSE_PROGRESS", str(path))
    return path


def test_nothing_is_there_at_first_and_reading_makes_nothing(file: Path) -> None:
    assert progress.read().records == {}
    assert not file.exists()


def test_attempts_are_counted_and_the_first_solution_keeps_its_time(file: Path) -> None:
    progress.record_check("3.1", solved=False)
    first = progress.record_check("3.1", solved=True).of("3.1")
    assert first.solved.endswith("+00:00")
    later = progress.record_check("3.1", solved=False).of("3.1")
    assert (later.solved, later.attempts) == (first.solved, 3)
    assert progress.read().of("3.1") == later


def test_looking_before_trying_is_no_attempt(file: Path) -> None:
    assert progress.record_check("3.1", solved=False, attempted=False).of("3.1").attempts == 0


def test_hints_stop_at_as_many_as_there_are(file: Path) -> None:
    for _ in range(4):
        book = progress.record_hint("3.1", most=3)
    assert book.of("3.1").hints == 3


def test_the_folder_is_the_one_of_course_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mine"))
    progress.record_hint("3.1", most=3)
    assert (tmp_path / "mine" / "progress.json").exists()


BAD = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"tasks": []}',
    b'{"tasks": {"3.1": 1}}',
    b'{"tasks": {"3.1": {"stolen": 1}}}',
    b'{"tasks": {"3.1": {"attempts": "many"}}}',
    b'{"tasks": {"3.1": {"solved": true}}}',
]


@pytest.mark.parametrize("content", BAD)
def test_a_damaged_file_is_put_aside_and_said_so(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    book = progress.record_hint("3.1", most=3)
    (kept,) = file.parent.glob("progress-damaged-*.json")
    assert kept.read_bytes() == content
    assert str(kept) in book.notice
    assert progress.read() == progress.Book(book.records)


def test_two_damaged_files_are_both_kept(file: Path) -> None:
    file.parent.mkdir()
    for content in ("one", "two"):
        file.write_text(content)
        progress.read()
    kept = {path.read_text() for path in file.parent.glob("progress-damaged-*.json")}
    assert kept == {"one", "two"}


def test_tasks_that_this_version_does_not_know_are_kept(file: Path) -> None:
    progress.record_check("99.9", solved=True)
    progress.record_check("3.1", solved=True)
    assert set(json.loads(file.read_text())["tasks"]) == {"99.9", "3.1"}


def test_two_notebooks_at_once_lose_nothing(file: Path) -> None:
    script = (
        "from course.checks import progress\n"
        "for _ in range(15): progress.record_check('3.1', solved=False)"
    )
    command = [sys.executable, "-c", script]
    writers = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert progress.read().of("3.1").attempts == 30


def test_a_write_that_fails_leaves_the_old_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress.record_check("3.1", solved=True)
    before = file.read_text()

    monkeypatch.setattr("course.checks.files.os.fsync", disk_full)
    with pytest.raises(CourseError, match="No space left"):
        progress.record_check("3.2", solved=True)
    assert file.read_text() == before
    assert sorted(path.name for path in file.parent.iterdir() if path.suffix != ".lock") == [
        "progress.json"
    ]


def disk_full(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_wants_space_and_tells_where_a_damaged_file_is_kept(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir()
    file.write_text("{")
    monkeypatch.setattr("course.checks.files.os.fsync", disk_full)
    with pytest.raises(CourseError, match="Free some space") as caught:
        progress.record_check("3.1", solved=True)
    (kept,) = file.parent.glob("progress-damaged-*.json")
    assert f"it is kept as {kept}." in str(caught.value)
    assert "writable" not in str(caught.value)


def test_nobody_changes_the_progress_while_it_is_held(file: Path) -> None:
    lock = FileLock(file.with_suffix(".lock"), timeout=0)
    with progress.held() as book, pytest.raises(Timeout):
        lock.acquire()
    assert book.records == {}
    progress.record_check("3.1", solved=True)


def test_a_lock_that_is_held_is_not_waited_for_forever(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.parent.mkdir()
    monkeypatch.setattr(progress, "LOCK_SECONDS", 0.1)
    with FileLock(file.with_suffix(".lock")), pytest.raises(CourseError, match="Another notebook"):
        progress.read()


def test_a_folder_that_cannot_be_made_is_one_paragraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    with pytest.raises(CourseError, match=r"Opened your progress.*file in COURSE_PROGRESS"):
        progress.read()
    monkeypatch.delenv("COURSE_PROGRESS")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    (tmp_path / "progress.lock").mkdir()
    with pytest.raises(CourseError, match=r"Opened your progress.*one in COURSE_DATA"):
        progress.read()


def test_a_verdict_is_shown_even_when_it_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "file" / "progress.json"))
    verdict = record(Verdict("3.1", "Try", Outcome.SOLVED, "So."))
    assert verdict.solved
    assert verdict.note.startswith("Not recorded. Opened your progress")


def test_a_reset_keeps_the_old_file_aside(file: Path) -> None:
    assert progress.reset() is None
    progress.record_check("3.1", solved=True)
    kept = progress.reset()
    assert kept is not None
    assert "3.1" in kept.read_text()
    assert progress.read().records == {}
