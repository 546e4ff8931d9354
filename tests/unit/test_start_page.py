from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
from filelock import FileLock

from course.catalogue import catalogue
from course.checks import desk, progress, start_page
from course.checks.progress import Book, Record
from course.checks.start_page import progress_frame, write_start_page
from course.checks.verdict import Outcome, Verdict
from course.errors import CourseError

TASKS = [task for chapter in catalogue().chapters for task in chapter.tasks]
SOLVED = Record(solved="2026-11-23T19:00:00+00:00", attempts=1)


def test_a_fresh_page_lists_each_chapter_and_sends_you_to_the_first_task() -> None:
    page = start_page.start_page(Book())
    for chapter in catalogue().chapters:
        assert f"[{chapter.number} {chapter.title}]({chapter.notebook.name})" in page
        assert f"| {chapter.minutes} min | {'▱' * len(chapter.tasks)} 0 of " in page
    assert "**Next:** Task 1.1, *Reach the engine*, in [01 Installation]" in page
    assert f"0 of {len(TASKS)} tasks solved" in page


def test_what_is_solved_shows_as_bar_and_number_and_moves_the_next_step() -> None:
    page = start_page.start_page(Book({"1.1": SOLVED, "1.2": Record(attempts=4)}))
    assert "| ▰▱▱ 1 of 3 |" in page
    assert "**Next:** Task 1.2" in page


def test_the_end_has_words_of_its_own() -> None:
    page = start_page.start_page(Book({task.id: SOLVED for task in TASKS}))
    assert "**Next:** Every task is solved." in page
    assert "▱" not in page


@pytest.mark.parametrize(("done", "full"), [(0, 0), (1, 1), (35, 14), (70, 29), (71, 30)], ids=str)
def test_the_bar_over_all_tasks_fits_a_line_and_is_full_at_the_end_only(
    done: int, full: int
) -> None:
    assert start_page.bar(done, 71) == f"{'▰' * full}{'▱' * (30 - full)} {done} of 71"


def test_a_damaged_progress_file_is_said_on_the_page() -> None:
    assert "> It was damaged." in start_page.start_page(Book(notice="It was damaged."))


def test_every_row_of_the_table_has_as_many_cells() -> None:
    rows = [row for row in start_page.start_page(Book()).splitlines() if row.startswith("|")]
    assert len(rows) == 2 + len(catalogue().chapters)
    assert {len(re.findall(r"\|", row)) for row in rows} == {4}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "notebooks" / "START.md"
    monkeypatch.setenv("COURSE_START_PAGE", str(path))
    return path


def test_the_page_is_written_whole_and_leaves_nothing_beside_it(page: Path) -> None:
    write_start_page()
    assert page.read_text(encoding="utf-8") == start_page.start_page(Book())
    assert list(page.parent.iterdir()) == [page]


def test_a_page_that_cannot_be_written_is_one_paragraph(page: Path) -> None:
    page.parent.touch()  # a file where the folder should be
    with pytest.raises(CourseError, match=r"Wrote the start page START.md.*writable"):
        write_start_page()


def test_a_solved_task_is_on_the_page_at_once(page: Path) -> None:
    desk.record(Verdict("1.1", "Try", Outcome.SOLVED, "So."))
    assert "| ▰▱▱ 1 of 3 |" in page.read_text(encoding="utf-8")


def test_a_verdict_is_recorded_though_its_page_cannot_be_written(page: Path) -> None:
    page.parent.touch()
    note = desk.record(Verdict("1.1", "Try", Outcome.SOLVED, "So.")).note
    assert note.startswith("Recorded. The start page could not be written: ")
    assert note.endswith("Make the course's notebooks folder writable.")
    assert progress.read().of("1.1").solved


def test_a_damaged_file_is_told_of_beside_a_page_that_cannot_be_written(page: Path) -> None:
    page.parent.touch()
    progress.progress_file().write_text("{")
    assert "it is kept as" in desk.record(Verdict("1.1", "Try", Outcome.SOLVED, "So.")).note
    progress.progress_file().write_text("{")
    assert "it is kept as" in failure()


def failure() -> str:
    with pytest.raises(CourseError) as caught:
        write_start_page()
    return str(caught.value)


def test_a_full_disk_wants_space(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("course.checks.files.os.fsync", full)
    assert failure().endswith("on device. Free some space on the disk, then try again.")


def test_nobody_records_between_the_reading_of_the_progress_and_the_writing_of_the_page(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(progress.progress_file().with_suffix(".lock"), timeout=0)
    monkeypatch.setattr(start_page, "replace_text", lambda *_: lock.acquire())
    with pytest.raises(CourseError, match="could not be acquired"):
        write_start_page()


def test_the_frame_has_a_row_for_each_task() -> None:
    progress.record_check("1.1", solved=True)
    progress.record_hint("1.2", most=3)
    frame = progress_frame()
    assert list(frame.columns) == ["task", "title", "solved", "attempts", "hints"]
    assert list(frame["task"]) == [task.id for task in TASKS]
    assert frame.loc[0, "attempts"] == 1
    assert frame.loc[0, "solved"]
    assert (frame.loc[1, "solved"], frame.loc[1, "hints"]) == ("", 1)
