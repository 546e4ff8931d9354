"""The list of chapters and tasks, read from course.toml; everything else derives from it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from course.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Task:
    """One thing the learner is asked to bring about on the engine.

    Attributes:
        id: Chapter and position, as "3.2".
        title: A few words.
        ask: The whole request, Markdown.
        hints: Shown one at a time, the last one nearly the answer.
        file: The Python file with its check, solution and wrong answers.
    """

    id: str
    title: str
    ask: str
    hints: tuple[str, ...]
    file: Path


@dataclass(frozen=True)
class Chapter:
    """One notebook of the course.

    Attributes:
        number: Two digits, as "03"; a chapter of several notebooks adds a letter, as "12a".
        slug: As in the file name, "containers".
        minutes: How long a learner needs, measured in minutes.
        images: References the notebook pulls, each listed in images.toml.
        tasks: In the order they are asked.
        nodes: How many engines its lab has.
    """

    number: str
    slug: str
    title: str
    minutes: int
    images: tuple[str, ...]
    tasks: tuple[Task, ...]
    nodes: int = 1

    @property
    def notebook(self) -> Path:
        """Path of the notebook file."""
        return ROOT / "notebooks" / f"{self.number}-{self.slug}.ipynb"


@dataclass(frozen=True)
class Catalogue:
    """All chapters, and the ports that a sandbox publishes on 127.0.0.1."""

    title: str
    ports: tuple[int, ...]
    chapters: tuple[Chapter, ...]

    def chapter(self, number: str) -> Chapter:
        """Returns the chapter with this number; "3" is "03", and "12" the first part of 12."""
        digits = str(number).rstrip(ascii_lowercase)
        wanted = digits.zfill(2) + str(number)[len(digits) :]  # a beginner writes 3
        for chapter in self.chapters:
            if wanted in (chapter.number, chapter.number.rstrip(ascii_lowercase)):
                return chapter
        known = ", ".join(c.number for c in self.chapters)
        raise CourseError(f"Looked for chapter {number!r}.", f"The course has {known}.")

    def task(self, task_id: str) -> Task:
        """Returns the task with this id, as "3.2"."""
        tasks = {task.id: task for chapter in self.chapters for task in chapter.tasks}
        if task_id not in tasks:
            raise CourseError(
                f"Looked for task {task_id!r}.", f"The course has {', '.join(tasks)}."
            )
        return tasks[task_id]


def _task(chapter: dict[str, Any], entry: dict[str, Any]) -> Task:
    name = entry["id"].replace(".", "_")
    folder = ROOT / "exercises" / f"{chapter['number']}-{chapter['slug']}"
    hints = tuple(hint.strip() for hint in entry["hints"])
    return Task(
        entry["id"], entry["title"], entry["ask"].strip(), hints, folder / f"task_{name}.py"
    )


def _chapter(entry: dict[str, Any]) -> Chapter:
    tasks = tuple(_task(entry, task) for task in entry.get("task", []))
    images = tuple(entry.get("images", []))
    number, slug, title, minutes = (entry[key] for key in ("number", "slug", "title", "minutes"))
    return Chapter(number, slug, title, minutes, images, tasks, entry.get("nodes", 1))


@cache
def catalogue() -> Catalogue:
    """Reads course.toml once."""
    data = tomllib.loads((ROOT / "course.toml").read_text(encoding="utf-8"))
    chapters = tuple(_chapter(entry) for entry in data["chapter"])
    return Catalogue(data["title"], tuple(data["ports"]), chapters)
