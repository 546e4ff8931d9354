from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import pytest
from waiting import until

import course
from course.engine import ownership, reaper, sandbox
from course.engine.boot import boot
from course.errors import CourseError
from course.images import kit, supply
from course.images.supply import Supply
from course.notebook.lab import Lab


@pytest.fixture(scope="module")
def lab(have: Supply) -> Iterator[Lab]:
    opened = course.open("03")
    yield opened
    opened.close()


def names(lab: Lab) -> set[str]:
    return {container.name for container in lab.watcher.state.containers}


def test_the_client_is_docker_pys_own(lab: Lab) -> None:
    assert type(lab.client) is docker.DockerClient
    assert lab.client.containers.list(all=True) == []


def test_tables_follow_the_engine(lab: Lab) -> None:
    lab.client.containers.run("busybox", ["sleep", "60"], name="shown", detach=True)
    row = lab.ps().set_index("NAMES").loc["shown"]
    assert row["IMAGE"] == "busybox"
    assert row["STATUS"].startswith("Up")
    lab.fresh("shown", "never-there")
    assert lab.ps(all=True).empty


def test_views_survive_the_death_of_the_engine(lab: Lab) -> None:
    view = lab.lifecycle()
    lab.client.images.pull("busybox", "latest")
    lab.run("pkill -9 dockerd")
    until(lambda: not lab.watcher.state.connected)
    until(lambda: lab.watcher.state.connected, seconds=30)
    lab.client.containers.create("busybox", ["true"], name="after")
    assert "after created" in repr(view.snapshot())


def test_a_lab_that_lost_its_engine_is_opened_again(have: Supply) -> None:
    first = course.open("02")
    sandbox.remove(have.host, first.nodes[0].machine.address.container)  # type: ignore[attr-defined]
    second = course.open("02")
    try:
        assert second.client.ping()
        assert first.is_closed
    finally:
        second.close()


def test_opening_again_gives_a_clean_engine_and_closes_the_other() -> None:
    first = course.open("02")
    first.client.volumes.create("left-over")
    second = course.open("02")
    try:
        assert first.is_closed
        assert second.client.volumes.list() == []
    finally:
        second.close()
        second.close()


def test_an_unknown_chapter_lists_those_there_are() -> None:
    with pytest.raises(CourseError, match=r"01, 02, 03"):
        course.open("99")


def test_an_attached_lab_needs_no_host_engine(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, have: Supply
) -> None:
    """An engine and certificates from whoever runs the class are enough."""
    room = boot(have.host, have.image, have.mirror, "class")
    monkeypatch.setenv("COURSE_LAB_HOST", room.address.url)
    monkeypatch.setenv("COURSE_LAB_CERTS", str(room.folder))
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")  # no host engine to be had
    try:
        attached = course.open("03")
        assert attached.source == "attached"
        assert attached.run("hostname") == (0, b"node1\n")
        assert attached.run("exit 7")[0] == 7
        attached.client.volumes.create("left-over")
        attached.close()
        assert room.client().volumes.list() == []
        # Opened again at once: what the lab before leaves is gone, and nothing of the new one.
        before = course.open("03")
        for number in range(8):
            before.client.networks.create(f"net{number}")
            options = {"network": f"net{number}", "detach": True}
            before.client.containers.run("busybox", ["sleep", "60"], **options)
        again = course.open("03")
        assert again.client.containers.list(all=True) == []
        again.client.volumes.create("new")
        assert not [one for one in threading.enumerate() if one.name == "lab-close"]
        assert [volume.name for volume in again.client.volumes.list()] == ["new"]
        again.close()
    finally:
        room.stop()


def test_too_little_disk_is_told_before_it_is_filled(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supply, "NEEDED_BYTES", 1 << 60)
    with pytest.raises(CourseError, match="GB free"):
        supply._check_disk(have.host)


def test_a_second_call_of_up_changes_nothing_and_is_quick(have: Supply) -> None:
    before = {entry["Id"] for entry in have.host.client.api.containers(all=True)}
    began = time.monotonic()
    again = supply.ensure()
    assert time.monotonic() - began < 3
    assert again.image == have.image
    assert again.mirror.container.id == have.mirror.container.id
    assert again.mirror.container.id in before


def test_certificates_named_but_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_LAB_HOST", "https://127.0.0.1:2376")
    monkeypatch.delenv("COURSE_LAB_CERTS", raising=False)
    with pytest.raises(CourseError, match="COURSE_LAB_CERTS"):
        course.open("03")
    monkeypatch.setenv("COURSE_LAB_CERTS", str(Path("/nowhere")))
    with pytest.raises(CourseError, match=r"/nowhere"):
        course.open("03")


def no_work(step: str, done: float = 0, total: float = 0) -> None:
    raise AssertionError(f"began to {step}")


def test_a_room_without_network_starts_from_one_file(
    have: Supply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if have.source != "kit":
        pytest.skip("the file holds the kit")
    supply.save(tmp_path / "room.tar")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))  # another learner
    monkeypatch.setenv("COURSE_HUB", "http://127.0.0.1:9")
    monkeypatch.setenv("DOCKER_HOST", have.host.endpoint.url)  # and not an engine of their own
    try:
        supply.load(tmp_path / "room.tar")
        ready = supply.ready()
        assert ready is not None
        assert supply._lacking(ready) == []
        # A learner's own proxy makes other recipes of them: they need not, and cannot, be built.
        (tmp_path / "proxy.pem").write_text("another certificate")
        monkeypatch.setenv("COURSE_EXTRA_CA", str(tmp_path / "proxy.pem"))
        assert kit.missing(ready.mirror.labels)
        assert supply.ensure(no_work).source == "kit"
        with closing(course.open("02")) as lab:
            assert b"Hello from Docker!" in lab.client.containers.run("hello-world")
    finally:
        reaper.stop_all(have.host)
        for volume in have.host.client.volumes.list(filters=ownership.mine()):
            volume.remove(force=True)
