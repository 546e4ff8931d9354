from __future__ import annotations

import pytest

from course.catalogue import ROOT, Chapter, Task, catalogue
from course.checks.taskfile import load
from course.errors import CourseError

CHAPTERS = catalogue().chapters
TASKS = [task for chapter in CHAPTERS for task in chapter.tasks]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.number)

LEAST_TASKS = {"01": 3, "02": 2, "03": 5}


@each_chapter
def test_tasks_are_numbered_from_one_without_a_gap(chapter: Chapter) -> None:
    ids = [task.id for task in chapter.tasks]
    assert ids == [f"{chapter.number.lstrip('0')}.{n}" for n in range(1, len(ids) + 1)]


@each_chapter
def test_a_chapter_has_its_tasks_and_a_time(chapter: Chapter) -> None:
    assert len(chapter.tasks) >= LEAST_TASKS.get(chapter.number, 1)
    assert 10 <= chapter.minutes <= 120


@each_task
def test_a_task_asks_and_hints(task: Task) -> None:
    assert task.title
    assert len(task.ask) > 40
    assert len(task.hints) >= 2
    assert all(len(hint) > 20 for hint in task.hints)
    assert len(set(task.hints)) == len(task.hints)


@each_task
def test_an_ask_that_wants_an_answer_shows_how_to_give_it(task: Task) -> None:
    shown = f'lab.check("{task.id}", answer=' in task.ask
    assert shown == load(task).wants_answer


def test_titles_are_told_apart() -> None:
    titles = [task.title for task in TASKS]
    assert len(set(titles)) == len(titles)


def test_no_task_file_is_left_over() -> None:
    there = set((ROOT / "exercises").glob("*/task_*.py"))
    assert there == {task.file for task in TASKS}


def test_a_chapter_is_found_with_and_without_its_zero() -> None:
    assert catalogue().chapter("3") is catalogue().chapter("03")
    assert catalogue().task("3.2").title == "Who failed?"


def test_a_chapter_in_parts_is_found_without_its_letter() -> None:
    assert catalogue().chapter("12") is catalogue().chapter("12a")
    assert catalogue().chapter("12b").number == "12b"
    with pytest.raises(CourseError, match="12c"):
        catalogue().chapter("12c")


def test_what_does_not_exist_is_told_with_what_does() -> None:
    with pytest.raises(CourseError, match=r"chapter '77'.*01, 02, 03"):
        catalogue().chapter("77")
    with pytest.raises(CourseError, match=r"task '3\.99'.*3\.1, 3\.2"):
        catalogue().task("3.99")


@each_task
def test_wrong_answers_differ_in_their_feedback(task: Task) -> None:
    words = [words for _, words in load(task).wrong]
    assert len(words) >= 2
    assert all(words)
    for one in words:
        assert [other for other in words if one in other] == [one]
