"""What the learner has done, kept on disk between notebooks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from course.checks.files import advice, replace_text
from course.engine.ownership import data_dir
from course.errors import CourseError

LOCK_SECONDS = 5


@dataclass(frozen=True)
class Record:
    """What happened with one task.

    Attributes:
        solved: When it was first solved (ISO 8601, UTC); empty if it is not.
        attempts: Checks that found an attempt, the solving one included.
        hints: How many hints were asked for.
    """

    solved: str = ""
    attempts: int = 0
    hints: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.solved, str) or {type(self.attempts), type(self.hints)} != {int}:
            raise TypeError("a record is solved (text), attempts and hints (numbers)")


@dataclass(frozen=True)
class Book:
    """All records, and what there is to say about the file they came from.

    Attributes:
        records: Task id → record.
        notice: For the learner, when a damaged file was put aside; else empty.
    """

    records: dict[str, Record] = field(default_factory=dict)
    notice: str = ""

    def of(self, task_id: str) -> Record:
        """Returns the record of a task, an empty one if nothing happened yet."""
        return self.records.get(task_id, Record())


def progress_file() -> Path:
    """Returns the file: `COURSE_PROGRESS`, else progress.json in the folder of our data."""
    override = os.environ.get("COURSE_PROGRESS")
    return Path(override) if override else data_dir() / "progress.json"


def read() -> Book:
    """Reads the progress. A damaged file is put aside beside it, never lost."""
    with held() as book:
        return book


@contextmanager
def held() -> Iterator[Book]:
    """Reads the progress as `read` does, and lets nobody change it before the block ends."""
    with _locked() as path:
        yield _load(path)


def record_check(task_id: str, *, solved: bool, attempted: bool = True) -> Book:
    """Counts an attempt, and keeps the moment a task is first solved."""

    def change(record: Record) -> Record:
        if solved and not record.solved:
            record = replace(record, solved=datetime.now(UTC).isoformat(timespec="seconds"))
        return replace(record, attempts=record.attempts + attempted)

    return _update(task_id, change)


def record_hint(task_id: str, most: int) -> Book:
    """Counts a hint, up to as many as the task has."""
    return _update(task_id, lambda record: replace(record, hints=min(record.hints + 1, most)))


def reset() -> Path | None:
    """Begins anew. Returns where the old progress is kept, None if there was none."""
    with _locked() as path:
        return _aside(path, "before-reset") if path.exists() else None


def _update(task_id: str, change: Callable[[Record], Record]) -> Book:
    with _locked() as path:
        book = _load(path)
        book.records[task_id] = change(book.of(task_id))
        try:
            _save(path, book)
        except OSError as error:
            raise _refused(path, error, book.notice) from error
        return book


@contextmanager
def _locked() -> Iterator[Path]:
    path = progress_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock"), timeout=LOCK_SECONDS):
            yield path
    except Timeout as error:
        raise CourseError(
            f"Opened your progress in {path}.",
            f"Another notebook has held it for {LOCK_SECONDS} s.",
            "Close notebooks that hang, then try again.",
        ) from error
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError, notice: str = "") -> CourseError:
    place = "file in COURSE_PROGRESS" if os.environ.get("COURSE_PROGRESS") else "one in COURSE_DATA"
    return CourseError(
        f"Opened your progress in {path}.",
        f"{error.strerror or error}. {notice}",
        advice(error, f"Make the folder writable, or name another {place}."),
    )


def _load(path: Path) -> Book:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Book()
    except UnicodeDecodeError:
        return _damaged(path)
    try:
        tasks = json.loads(text)["tasks"]
        return Book({task_id: Record(**values) for task_id, values in tasks.items()})
    except (ValueError, TypeError, KeyError, AttributeError):
        return _damaged(path)


def _damaged(path: Path) -> Book:
    kept = _aside(path, "damaged")
    return Book(
        notice=f"Your progress file was damaged; it is kept as {kept}. Progress begins anew."
    )


def _aside(path: Path, why: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return path.replace(path.with_name(f"{path.stem}-{why}-{stamp}{path.suffix}"))


def _save(path: Path, book: Book) -> None:
    tasks = {task_id: asdict(record) for task_id, record in sorted(book.records.items())}
    replace_text(path, json.dumps({"tasks": tasks}, indent=2) + "\n")
