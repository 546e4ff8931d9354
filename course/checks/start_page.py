"""The page JupyterLab opens on: the chapters, how far you are, what comes next."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd

from course.catalogue import ROOT, Chapter, catalogue
from course.checks import progress
from course.checks.files import advice, replace_text
from course.checks.progress import Book
from course.errors import CourseError

LONGEST = 30  # signs, and a line of the page holds them and the words after them
HOW = """\
1. Open a chapter and run its cells from the top (Shift+Enter). The first one opens a lab: a \
Docker engine of your own that you cannot break, and that cannot break your machine.
2. Solve the tasks. `lab.check("3.1")` looks at the live engine and says what is still wrong; \
`lab.hint("3.1")` gives one hint at a time.
3. Come back here: your progress is kept."""


def bar(done: int, total: int) -> str:
    """Draws progress as text, so that it is told by shape and number and not by colour.

    Of more than `LONGEST` tasks a sign stands for several: it is full at the end only, and empty
    at the start only.
    """
    signs = min(total, LONGEST)
    full = done * signs // total
    if done and not full:
        full = 1
    return f"{'▰' * full}{'▱' * (signs - full)} {done} of {total}"


def solved_in(chapter: Chapter, book: Book) -> int:
    """Counts a chapter's solved tasks."""
    return sum(bool(book.of(task.id).solved) for task in chapter.tasks)


def next_step(book: Book) -> str:
    """Names the first task that is not solved, as Markdown."""
    for chapter in catalogue().chapters:
        for task in chapter.tasks:
            if not book.of(task.id).solved:
                return f"Task {task.id}, *{task.title}*, in {_link(chapter)}"
    return "Every task is solved. Open any chapter again to go deeper"


def _link(chapter: Chapter) -> str:
    return f"[{chapter.number} {chapter.title}]({chapter.notebook.name})"


def _row(chapter: Chapter, book: Book) -> str:
    done = bar(solved_in(chapter, book), len(chapter.tasks))
    return f"| {_link(chapter)} | {chapter.minutes} min | {done} |"


def start_page(book: Book) -> str:
    """Returns the page as Markdown."""
    chapters = catalogue().chapters
    minutes = sum(chapter.minutes for chapter in chapters)
    tasks = sum(len(chapter.tasks) for chapter in chapters)
    done = sum(solved_in(chapter, book) for chapter in chapters)
    parts = [
        f"# {catalogue().title}",
        HOW,
        f"**Next:** {next_step(book)}.",
        f"## Chapters\n\n{bar(done, tasks)} tasks solved; about {minutes / 60:.1f} hours in all.",
        "\n".join(
            ["| Chapter | Time | Tasks solved |", "| --- | --: | --- |"]
            + [_row(chapter, book) for chapter in chapters]
        ),
    ]
    if book.notice:
        parts.insert(1, f"> {book.notice}")
    return "\n\n".join(parts) + "\n"


def start_page_file() -> Path:
    """Returns the file: `COURSE_START_PAGE`, else the one that JupyterLab opens on."""
    override = os.environ.get("COURSE_START_PAGE")
    return Path(override) if override else ROOT / "notebooks" / "START.md"


def write_start_page() -> None:
    """Writes the page where JupyterLab opens it, in one step.

    Raises:
        CourseError: Progress cannot be read, or the page cannot be written.
    """
    path = start_page_file()
    # Held until it is written: else an older page could come after that of another notebook.
    with progress.held() as book:
        try:
            replace_text(path, start_page(book))
        except OSError as error:
            raise CourseError(
                f"Wrote the start page {path.name}.",
                f"{error.strerror or error}. {book.notice}",
                advice(error, "Make the course's notebooks folder writable."),
            ) from error


def progress_frame() -> pd.DataFrame:
    """Returns the progress as a table.

    Returns:
        One row a task, columns `task`, `title`, `solved` (when, or empty), `attempts`, `hints`.
    """
    book = progress.read()
    rows = [
        {"task": task.id, "title": task.title, **vars(book.of(task.id))}
        for chapter in catalogue().chapters
        for task in chapter.tasks
    ]
    return pd.DataFrame(rows, columns=["task", "title", "solved", "attempts", "hints"])
