"""What every test shares: a marker from its folder, and no learner's data touched."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDERS = ("unit", "engine", "notebooks", "browser", "mesh")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = Path(item.path).parent.name
        if folder in FOLDERS:
            item.add_marker(getattr(pytest.mark, folder))


@pytest.fixture(autouse=True)
def own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solving a task in a test must not solve it for the learner of this machine."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("COURSE_START_PAGE", str(tmp_path / "START.md"))
