from __future__ import annotations

from pathlib import Path

import pytest

from course.checks import progress
from course.engine import ownership
from course.errors import CourseError


def test_a_folder_that_cannot_be_made_is_one_paragraph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    with pytest.raises(CourseError, match=r"Not a directory.*COURSE_DATA"):
        ownership.data_dir()
    with pytest.raises(CourseError, match="COURSE_DATA"):
        progress.read()
