from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from docker.errors import ImageNotFound, NotFound
from waiting import until

from course.engine import mirror, ownership, profile
from course.engine.boot import boot
from course.engine.sandbox import Sandbox
from course.errors import CourseError
from course.images import adopt, source
from course.images.supply import Supply


def test_an_unknown_image_is_a_true_404_at_once(box: Sandbox, have: Supply) -> None:
    if have.source != "kit":
        pytest.skip("Docker Hub answers in its own time")
    began = time.monotonic()
    with pytest.raises(NotFound, match="manifest unknown"):
        box.client().images.pull("no-such-image", tag="1")
    assert time.monotonic() - began < 3


def test_a_push_comes_back_with_a_pull(box: Sandbox, have: Supply) -> None:
    if have.source != "kit":
        pytest.skip("nobody pushes to Docker Hub from a test")
    client = box.client()
    image = client.images.pull("hello-world", "latest")
    image.tag("test-of-push/app", "1")
    assert '"error"' not in client.images.push("test-of-push/app", "1")
    client.images.remove("test-of-push/app:1")
    assert client.images.pull("test-of-push/app", "1").id == image.id


def test_starting_again_keeps_the_mirror(have: Supply) -> None:
    again = mirror.start(have.host, have.image, have.source)
    assert again.container.id == have.mirror.container.id


def test_another_mirror_is_trusted_by_who_trusted_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    first = mirror._identity()
    assert mirror._identity() == first
    (mirror.folder() / "server.key").unlink()
    assert mirror._identity() != first


def test_the_mirror_says_what_it_lacks(have: Supply) -> None:
    assert have.mirror.labels("library/no-such-image", "latest") is None


@dataclass
class Hub:
    """A real registry that stands for Docker Hub."""

    url: str
    container: object


@pytest.fixture(scope="module")
def hub(have: Supply, box: Sandbox) -> Iterator[Hub]:
    """Serves `library/busybox` over plain HTTP on 127.0.0.1, and by name inside our network."""
    client, name = have.host.client, f"{ownership.prefix()}-hub-stand-in"
    config = (
        b"version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}}\n"
        b"http:\n  addr: :5000\n"
    )
    command = "exec $(command -v registry || command -v docker-registry) serve /hub.yml"
    container = client.containers.create(
        have.image,
        entrypoint=["sh", "-c", command],
        name=name,
        hostname="hub",
        labels=ownership.labels("test"),
        ports={"5000/tcp": ("127.0.0.1", None)},
        network=profile.network_name(),
    )
    container.put_archive("/", mirror.tar({"hub.yml": config}))
    container.start()
    try:
        yield Hub(f"http://{_address(container)}", container)
    finally:
        container.remove(force=True, v=True)


def _address(container: object) -> str:
    def answering() -> str:
        container.reload()  # type: ignore[attr-defined]
        bound = container.attrs["NetworkSettings"]["Ports"].get("5000/tcp")  # type: ignore[attr-defined]
        address = f"127.0.0.1:{bound[0]['HostPort']}" if bound else ""
        try:
            return address if requests.get(f"http://{address}/v2/", timeout=1).ok else ""
        except requests.RequestException:
            return ""

    return until(answering)


def _fill(hub: Hub, have: Supply, box: Sandbox, as_name: str) -> None:
    """Puts the sandbox's busybox into the stand-in, through the host engine."""
    image = box.client().images.pull("busybox", "latest")
    # Without its name: `busybox` on the host engine may be the learner's.
    (loaded,) = have.host.client.images.load(b"".join(image.save()))
    target = f"{_address(hub.container)}/library/{as_name}"
    loaded.tag(target)
    answer = have.host.client.images.push(target)
    have.host.client.images.remove(target)
    assert '"errorDetail"' not in answer


def test_in_hub_mode_each_image_crosses_the_network_once(
    hub: Hub, have: Supply, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(hub, have, box, "busybox:latest")
    name = f"{ownership.prefix()}-hub-stand-in"
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))  # another learner: another mirror
    monkeypatch.setenv("COURSE_HUB", hub.url)
    monkeypatch.setenv("COURSE_HUB_INSIDE", f"http://{name}:5000")
    assert source.choose(None) == "hub"
    profile.ensure_network(have.host)
    network = have.host.client.networks.get(profile.network_name())
    network.connect(name)
    try:
        cache = mirror.start(have.host, have.image, "hub")
        first = boot(have.host, have.image, cache, "hub1")
        first.client().images.pull("busybox", "latest")
        first.stop()
        hub.container.stop(timeout=1)  # type: ignore[attr-defined]
        second = boot(have.host, have.image, cache, "hub2")
        assert second.client().images.pull("busybox", "latest").tags == ["busybox:latest"]
        second.stop()
    finally:
        hub.container.start()  # type: ignore[attr-defined]
        network.disconnect(name, force=True)
        reaper_erase_instance(have)


def reaper_erase_instance(have: Supply) -> None:
    """Removes the second learner's containers, network and volumes (never images)."""
    from course.engine import reaper

    reaper.stop_all(have.host)
    for volume in have.host.client.volumes.list(filters=ownership.mine()):
        volume.remove(force=True)


def test_hub_images_are_taken_without_touching_the_learners_tags(
    hub: Hub, have: Supply, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(hub, have, box, "debian:trixie-slim")
    client = have.host.client
    monkeypatch.setenv("COURSE_HUB", f"http://{_address(hub.container)}")
    ours = adopt.take(client, "debian:trixie-slim", "test-image", lambda *_: None)
    try:
        assert client.images.get(ours).labels[ownership.LABEL] == "test-image"
        with pytest.raises(ImageNotFound):
            client.images.get("debian:trixie-slim")
        tags = [tag for image in client.images.list() for tag in image.tags]
        assert [tag for tag in tags if "trixie-slim" in tag] == [ours]
    finally:
        client.images.remove(ours)


def test_an_unreachable_hub_is_told_in_one_paragraph(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_HUB", "http://127.0.0.1:9")
    assert source.hub_answers() is False
    with pytest.raises(CourseError, match="COURSE_IMAGES=kit"):
        adopt.take(have.host.client, "debian:trixie-slim", "test-image", lambda *_: None)
