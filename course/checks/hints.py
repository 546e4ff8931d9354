"""What a notebook shows of a task: its ask, and its hints, one more each time."""

from __future__ import annotations

from dataclasses import dataclass

from course.catalogue import Task
from course.checks import progress


@dataclass(frozen=True, repr=False)
class Ask:
    """A task's request, shown as Markdown."""

    task: Task

    def _repr_markdown_(self) -> str:
        return f"**Task {self.task.id} · {self.task.title}**\n\n{self.task.ask}"

    def __repr__(self) -> str:
        return f"Task {self.task.id} · {self.task.title}\n\n{self.task.ask}"


@dataclass(frozen=True, repr=False)
class Hints:
    """The hints asked for so far, the newest last.

    Attributes:
        shown: How many.
    """

    task: Task
    shown: int

    def _lines(self) -> list[str]:
        total = len(self.task.hints)
        lines = [f"Hint {n} of {total}: {self.task.hints[n - 1]}" for n in range(1, self.shown + 1)]
        if self.shown == total:
            lines.append("There are no more hints.")
        return lines

    def _repr_markdown_(self) -> str:
        return "\n\n".join(f"> {line}" for line in self._lines())

    def __repr__(self) -> str:
        return "\n".join(self._lines())


def next_hint(task: Task) -> Hints:
    """Gives one hint more than last time, and keeps the count.

    Raises:
        CourseError: The count cannot be kept.
    """
    book = progress.record_hint(task.id, len(task.hints))
    return Hints(task, book.of(task.id).hints)
