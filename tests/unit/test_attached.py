from __future__ import annotations

from pathlib import Path

import pytest

from course.engine.attached import CERTIFICATES, attach, attached
from course.errors import CourseError


def test_without_the_variable_there_is_no_attached_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_LAB_HOST", raising=False)
    assert attach(1) is None


def test_a_missing_certificate_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSE_LAB_HOST", "https://class.example:2376")
    monkeypatch.delenv("COURSE_LAB_CERTS", raising=False)
    with pytest.raises(CourseError, match="COURSE_LAB_CERTS is not set"):
        attached()
    monkeypatch.setenv("COURSE_LAB_CERTS", str(tmp_path))
    with pytest.raises(CourseError, match="lacks a file"):
        attached()


def test_one_engine_of_the_class_is_not_three(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in CERTIFICATES:
        (tmp_path / name).touch()
    monkeypatch.setenv("COURSE_LAB_HOST", "https://class.example:2376")
    monkeypatch.setenv("COURSE_LAB_CERTS", str(tmp_path))
    with pytest.raises(CourseError, match=r"3 engines.*COURSE_LAB_HOST"):
        attach(3)
