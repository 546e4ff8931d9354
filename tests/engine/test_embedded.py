from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.errors import DockerException

from course.engine import embedded
from course.engine.host import connect
from course.errors import CourseError

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("dockerd"), reason="needs root and dockerd"
)


@pytest.fixture
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A second engine beside the one in use: in a network of its own, to disturb nothing."""
    plain = embedded.command
    monkeypatch.setattr(embedded, "command", lambda folder: ["unshare", "--net", *plain(folder)])
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    yield tmp_path
    embedded.erase()


def test_it_starts_once_and_stops(own_data: Path) -> None:
    first = embedded.start()
    running = embedded.process()
    assert running is not None
    again = embedded.start()
    assert embedded.process() == running
    assert again.client.info()["ID"] == first.client.info()["ID"]
    assert first.client.info()["DockerRootDir"] == str(own_data / "engine" / "data")
    assert embedded.stop() is True
    assert embedded.process() is None
    with pytest.raises((DockerException, OSError)):
        connect(again.endpoint)


def test_a_stale_pid_file_is_not_believed(own_data: Path) -> None:
    folder = own_data / "engine"
    folder.mkdir()
    (folder / "dockerd.pid").write_text(str(os.getpid()))
    assert embedded.process() is None
    assert embedded.stop() is False


def test_a_failure_tells_the_logs_last_words(
    own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_bad_flag(folder: Path) -> list[str]:
        return ["dockerd", "--no-such-flag"]

    monkeypatch.setattr(embedded, "command", with_a_bad_flag)
    with pytest.raises(CourseError, match="no-such-flag"):
        embedded.start()


def test_without_root_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(CourseError, match="then try again"):
        embedded.install()
