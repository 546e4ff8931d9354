"""A task's Python file: its check, its solution, its wrong answers, its stage."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from course.catalogue import Task
from course.errors import CourseError


@dataclass(frozen=True)
class TaskFile:
    """What a task's file holds.

    Attributes:
        check: `check(at)` or `check(at, answer)`; raises UnmetError, or returns what is now right.
        solve: `solve(lab)` brings the task about as a learner would; returns the answer, if any.
        wrong: Each a way to get it wrong, called like `solve`, and words its verdict must have.
        setup: `setup(lab)` sets the stage, from whatever is there.
        right: Other ways to get it right, called like `solve`.
    """

    check: Callable[..., str | None]
    solve: Callable[[Any], object]
    wrong: tuple[tuple[Callable[[Any], object], str], ...]
    setup: Callable[[Any], object] | None
    right: tuple[Callable[[Any], object], ...]

    @property
    def wants_answer(self) -> bool:
        """Whether the task asks for something that is not a state of the engine."""
        return len(inspect.signature(self.check).parameters) > 1


def load(task: Task) -> TaskFile:
    """Loads a task's file, afresh each time: an author sees a change at once.

    Raises:
        CourseError: The file is missing or does not run.
    """
    try:
        module = _module(task.file)
        setup, right = getattr(module, "setup", None), getattr(module, "RIGHT", ())
        return TaskFile(module.check, module.solve, module.WRONG, setup, right)
    except Exception as error:
        raise CourseError(
            f"Loaded task {task.id} from {task.file.name}.",
            f"{type(error).__name__}: {error}.",
            "This is a fault of the course, not of your answer: get the file back with git.",
        ) from error


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"course_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
