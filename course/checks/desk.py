"""Where a learner meets tasks: ask, check, hint; and the start page kept up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from course.catalogue import Task, catalogue
from course.checks import progress, runner
from course.checks.hints import Ask, Hints, next_hint
from course.checks.lab import Lab
from course.checks.start_page import write_start_page
from course.checks.taskfile import load
from course.checks.verdict import Outcome, Verdict
from course.errors import CourseError


class Desk:
    """The tasks of the course, on one lab.

    Args:
        lab: Whose engine the tasks are about.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def task(self, task_id: str) -> Ask:
        """Sets a task's stage and shows what it asks for. Call it again to start over.

        Raises:
            CourseError: There is no such task, or the stage cannot be set.
        """
        task = catalogue().task(task_id)
        if setup := load(task).setup:
            self._set(task, setup)
        return Ask(task)

    def _set(self, task: Task, setup: Callable[[Lab], object]) -> None:
        try:
            setup(self._lab)
        except CourseError:
            raise
        except Exception as error:
            raise CourseError(
                f"Set the stage for task {task.id}.",
                f"{type(error).__name__}: {error}.",
                "Run this cell again; if it fails again, open a new lab with the first cell.",
            ) from error

    def check(self, task_id: str, answer: object = None) -> Verdict:
        """Checks a task on the live engine and records the result.

        Args:
            task_id: As "3.2".
            answer: For a task that asks for one.

        Raises:
            CourseError: There is no such task, or no engine to look at.
        """
        task = catalogue().task(task_id)
        return record(runner.check(self._lab, task, answer))

    def hint(self, task_id: str) -> Hints:
        """Gives one more hint."""
        return next_hint(catalogue().task(task_id))


def record(verdict: Verdict) -> Verdict:
    """Keeps a verdict in the progress; a verdict that cannot be kept says so itself."""
    attempted = verdict.outcome is not Outcome.NOT_ATTEMPTED
    try:
        book = progress.record_check(verdict.task, solved=verdict.solved, attempted=attempted)
    except CourseError as error:
        return replace(verdict, note=f"Not recorded. {error}")
    return replace(verdict, note=f"{book.notice} {_put_on_page()}".strip())


def _put_on_page() -> str:
    """Brings the start page up to date; returns why not, for the learner, or ""."""
    try:
        write_start_page()
    except CourseError as error:
        why = f"{error.got.strip()} {error.todo}"
        return f"Recorded. The start page could not be written: {why}"
    return ""
