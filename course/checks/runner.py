"""Runs a task's check against a lab, for a bounded time, and turns what comes into a verdict."""

from __future__ import annotations

import queue
import threading
import traceback

import requests
from docker import DockerClient
from docker.errors import DockerException, NotFound

from course.catalogue import Task
from course.checks.answers import has_dots
from course.checks.budget import SECONDS, Budget, OutOfTimeError
from course.checks.expect import At
from course.checks.lab import Lab
from course.checks.readonly import readonly
from course.checks.taskfile import TaskFile, load
from course.checks.verdict import NotAttempted, Outcome, UnmetError, Verdict
from course.errors import CourseError


class _Run:
    """One run of a check on a thread of its own, which may outlive our patience."""

    def __init__(self, lab: Lab, file: TaskFile, answer: object, seconds: float) -> None:
        self._lab, self._file, self._answer, self._seconds = lab, file, answer, seconds
        self._result: queue.Queue[str | BaseException] = queue.Queue()

    def result(self) -> str:
        """Returns what is now right; raises whatever the check raised, or OutOfTimeError."""
        threading.Thread(target=self._work, daemon=True, name="check").start()
        try:
            result = self._result.get(timeout=self._seconds)
        except queue.Empty:
            raise OutOfTimeError from None
        if isinstance(result, BaseException):
            raise result
        return result

    def _work(self) -> None:
        try:
            self._result.put(self._check() or "The engine is in the state that the task asks for.")
        except BaseException as error:
            self._result.put(error)

    def _check(self) -> str | None:
        if self._file.wants_answer and has_dots(self._answer):
            raise NotAttempted("Put your answer in the place of the dots.")
        budget = Budget(self._seconds)
        client = self._connect()
        try:
            at = At(self._lab, readonly(client), budget)
            arguments = (at, self._answer) if self._file.wants_answer else (at,)
            return self._file.check(*arguments)
        finally:
            client.close()

    def _connect(self) -> DockerClient:
        try:
            return self._lab.connect(timeout=max(1, round(self._seconds)))
        except DockerException as error:
            # Whether this or `result` gives up first is chance; it is to be told the same way.
            if isinstance(error.__cause__, requests.Timeout):
                raise OutOfTimeError from error
            raise


def check(lab: Lab, task: Task, answer: object = None, seconds: float = SECONDS) -> Verdict:
    """Holds a task's check against a lab's engine, which it only reads.

    Args:
        lab: Whose engine.
        task: Which one.
        answer: For a task that asks for more than a state; None for none given.
        seconds: After so long it gives up, and the verdict says so.

    Raises:
        CourseError: The engine cannot be reached, or the check itself is at fault.
    """
    file = load(task)
    try:
        return _judge(task, _Run(lab, file, answer, seconds), seconds)
    except CourseError:
        raise
    except (DockerException, requests.ConnectionError, OSError) as error:
        raise _engine_gone(task, error) from error
    except Exception as error:
        raise _at_fault(task, error) from error


def _judge(task: Task, run: _Run, seconds: float) -> Verdict:
    try:
        message, look, outcome = run.result(), "", Outcome.SOLVED
    except UnmetError as unmet:
        message, look, outcome = unmet.message, unmet.look, unmet.outcome
    except (OutOfTimeError, requests.Timeout):
        message = f"The check gave up after {seconds:g} s: the engine was too slow to answer."
        look, outcome = "lab.client.ping()", Outcome.NOT_YET
    except NotFound as error:
        message = f"Something went away while the check looked at it: {error.explanation}."
        look, outcome = "docker ps -a", Outcome.NOT_YET
    return Verdict(task.id, task.title, outcome, message, look)


def _engine_gone(task: Task, error: Exception) -> CourseError:
    return CourseError(
        f"Checked task {task.id}.",
        f"No good answer came from the lab's engine: {error}.",
        "Run the notebook's first cell again: it opens a new lab.",
    )


def _at_fault(task: Task, error: Exception) -> CourseError:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return CourseError(
        f"Checked task {task.id}.",
        f"The check itself failed: {type(error).__name__}: {error} (line {frame.lineno} of "
        f"{frame.filename.rsplit('/', 1)[-1]}).",
        "This is a fault of the course, not of your answer.",
    )
