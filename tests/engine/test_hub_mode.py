"""A whole course on Docker Hub, which a registry with the kit's images stands for here."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from docker.errors import APIError, ImageNotFound
from waiting import until

from course.catalogue import ROOT
from course.engine import mirror, ownership, profile, reaper
from course.engine.files import tar
from course.images import adopt, supply
from course.images.engine_build import base
from course.images.engine_image import reference
from course.images.inventory import inventory
from course.images.supply import Supply

CONFIG = b"""version: 0.1
storage:
  filesystem: {rootdirectory: /var/lib/registry}
  maintenance: {readonly: {enabled: true}, uploadpurging: {enabled: false}}
http: {addr: ":5000"}
"""
COMMAND = "exec $(command -v registry || command -v docker-registry) serve /hub.yml"
OPEN = """
import course
lab = course.open("03")
print(lab.status())
print(lab.client.images.pull("nginx", "alpine").tags, lab.client.version()["Version"])
print(lab.run("docker compose version && curl --version && htpasswd -nb a b && git --version")[0])
lab.close()
"""


def learn(*words: str) -> str:
    """Runs a command of this learner; returns what it said."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return " ".join(done.stdout.split())


def course(*words: str) -> str:
    return learn(str(Path(sys.executable).with_name("course")), *words)


@pytest.fixture
def images(have: Supply) -> Iterator[None]:
    """Leaves this machine no image of Docker Hub's that it did not have."""
    engine = inventory().engine
    ours = reference(engine.suite, "hub"), adopt.local_name(base(engine, engine.suite))
    before = {tag for image in have.host.client.images.list() for tag in image.tags}
    yield
    for name in set(ours) - before:
        with contextlib.suppress(ImageNotFound, APIError):  # another run has it
            have.host.client.images.remove(name)


@pytest.fixture
def hub(have: Supply) -> Iterator[str]:
    """Name of a container that serves what the kit's mirror holds, over plain HTTP."""
    if have.source != "kit":
        pytest.skip("the images that stand for Docker Hub's are the kit's")
    name = f"{ownership.prefix()}-hub-{os.getpid()}"
    container = have.host.client.containers.create(
        have.image,
        entrypoint=["sh", "-c", COMMAND],
        name=name,
        labels=ownership.labels("test"),
        ports={"5000/tcp": ("127.0.0.1", None)},
        volumes=[f"{mirror.name()}-kit:/var/lib/registry:ro"],
        network=profile.network_name(),
    )
    container.put_archive("/", tar({"hub.yml": CONFIG}))
    container.start()
    yield name
    container.remove(force=True)


def address(have: Supply, name: str) -> str:
    def answering() -> str:
        bound = have.host.client.containers.get(name).ports.get("5000/tcp")
        url = f"http://127.0.0.1:{bound[0]['HostPort']}" if bound else ""
        with contextlib.suppress(requests.RequestException):
            return url if requests.get(f"{url}/v2/", timeout=1).ok else ""
        return ""

    return until(answering)


@contextlib.contextmanager
def learner(have: Supply, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another learner of this machine, of whom nothing stays."""
    with monkeypatch.context() as patch:
        patch.setenv("COURSE_DATA", str(folder))
        patch.setenv("DOCKER_HOST", have.host.endpoint.url)  # else an engine of its own
        patch.delenv("COURSE_ENGINE", raising=False)
        try:
            yield
        finally:
            reaper.stop_all(have.host)
            for volume in have.host.client.volumes.list(filters=ownership.mine()):
                volume.remove(force=True)


def held_by_the_cache() -> list[str]:
    ready = supply.ready()
    assert ready is not None
    return ready.mirror.tags()


@pytest.mark.usefixtures("images")
def test_from_docker_hub_to_a_room_without_network(
    hub: str, have: Supply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "room.tar"
    with learner(have, tmp_path / "hub", monkeypatch):
        monkeypatch.setenv("COURSE_HUB_INSIDE", f"http://{hub}:5000")
        monkeypatch.setenv("COURSE_IMAGES", "hub")
        profile.ensure_network(have.host)
        network = have.host.client.networks.get(profile.network_name())
        network.connect(hub)  # which moves its published port
        try:
            monkeypatch.setenv("COURSE_HUB", address(have, hub))
            assert "images come from the hub." in course("up")
            assert "nginx:alpine" in course("images", "list")
            assert held_by_the_cache() == []  # to list them is no pull
            said = learn(sys.executable, "-c", OPEN)
            assert "Docker Hub, through this machine's cache. ['nginx:alpine'] 26." in said
            assert said.endswith(" 0")
            course("run", "02")
            course("images", "save", str(file))
        finally:
            network.disconnect(hub, force=True)
    monkeypatch.setenv("COURSE_HUB", "http://127.0.0.1:9")  # nobody answers there
    monkeypatch.delenv("COURSE_IMAGES")
    with learner(have, tmp_path / "room", monkeypatch):
        course("images", "load", str(file))
        assert "images come from the room." in course("up")
        said = learn(sys.executable, "-c", OPEN)
        assert "the room's file" in said
        assert "['nginx:alpine'] 26." in said
