from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.types import Mount
from spares import mine_only

from course.engine import folder
from course.engine.boot import boot
from course.engine.lab import _running
from course.engine.sandbox import Sandbox
from course.images.supply import Supply


@pytest.fixture
def note() -> Iterator[Path]:
    path = folder.here() / f"test-{uuid.uuid4().hex}.txt"
    path.write_text("one\n")
    yield path
    path.unlink()


@pytest.fixture
def found(box: Sandbox) -> folder.Folder:
    found = folder.find(box.run)
    if not found.shared:
        pytest.skip("the host engine cannot see this machine's files")
    return found


def test_a_container_sees_a_file_of_this_machine_and_its_edit(
    box: Sandbox, found: folder.Folder, note: Path
) -> None:
    volumes = {f"{found.host}/{note.name}": {"bind": "/note", "mode": "ro"}}
    reader = box.client().containers.run(
        "busybox", ["sleep", "60"], volumes=volumes, detach=True, auto_remove=True
    )
    assert reader.exec_run("cat /note").output == b"one\n"
    note.write_text("two\n")
    assert reader.exec_run("cat /note").output == b"two\n"
    reader.kill()


def test_what_the_docker_host_writes_is_here(
    box: Sandbox, found: folder.Folder, note: Path
) -> None:
    code, _ = box.run(f"echo three >> {found.host}/{note.name}")
    assert code == 0
    assert note.read_text() == "one\nthree\n"


def test_looking_leaves_nothing_behind(found: folder.Folder) -> None:
    assert not list(found.path.glob(".shared-*"))
    assert "/lab" in repr(found)
    assert str(found.path) not in repr(found)


def test_a_learners_file_outlives_its_sandbox(have: Supply, note: Path) -> None:
    box = boot(have.host, have.image, have.mirror, "test")
    box.stop()
    assert note.read_text() == "one\n"


def test_a_spare_of_another_clone_is_left_to_it(
    have: Supply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = boot(have.host, have.image, mine_only(have))
    try:
        assert spare.address.container in _running(have.host, have.image, mine_only(have))
        monkeypatch.setattr(folder, "place", lambda: tmp_path)
        assert spare.address.container not in _running(have.host, have.image, mine_only(have))
    finally:
        spare.stop()


def test_an_engine_that_refuses_the_folder_still_gives_a_lab(
    have: Supply, note: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = Mount("/lab", "/no/such/folder", type="bind")
    monkeypatch.setattr(folder, "mounts", lambda host: [missing])
    box = boot(have.host, have.image, have.mirror, "test")
    try:
        lone = folder.find(box.run)
    finally:
        box.stop()
    assert not lone.shared
    assert "another machine" in repr(lone)


def test_a_remote_engine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    remote: Any = SimpleNamespace(endpoint=SimpleNamespace(url="ssh://somewhere"))
    assert folder.mounts(remote) == []
