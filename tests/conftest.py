"""What every test shares: a marker from its folder, its worker, and no learner's data touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import scheduling

FOLDERS = ("unit", "engine", "notebooks", "browser", "mesh")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> scheduling.ByLab | None:
    """Takes the place of xdist's own scheduler of whole files."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # each worker has ordered them
    return scheduling.ByLab(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        folder = Path(item.path).parent.name
        if folder in FOLDERS:
            item.add_marker(getattr(pytest.mark, folder))
    if hasattr(config, "workerinput"):
        key = scheduling.order(item.nodeid for item in items)
        items.sort(key=lambda item: key(item.nodeid))


@pytest.fixture(autouse=True)
def own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solving a task in a test must not solve it for the learner of this machine."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("COURSE_START_PAGE", str(tmp_path / "START.md"))
