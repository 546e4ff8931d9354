"""The one error a learner sees: what was tried, what came back, what to do."""

from __future__ import annotations


class CourseError(Exception):
    """A fault told in one paragraph instead of a traceback.

    Args:
        tried: What the course was doing, as a sentence.
        got: What came back, in the words of whoever said it.
        todo: What to do next, as a sentence.
    """

    def __init__(self, tried: str, got: str = "", todo: str = "") -> None:
        super().__init__(tried, got, todo)
        self.tried, self.got, self.todo = tried, got, todo

    def __str__(self) -> str:
        return " ".join(part.strip() for part in (self.tried, self.got, self.todo) if part.strip())

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]
