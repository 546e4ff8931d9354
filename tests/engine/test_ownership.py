"""What is not the course's stays as it is, whatever the course starts, stops and removes."""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import ImageNotFound
from docker.models.containers import Container
from waiting import until

from course.catalogue import ROOT
from course.engine import mirror, ownership, reaper
from course.engine.boot import boot
from course.images.supply import Supply


def foreign(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that are not the course's: without its label, or with one that was only inherited."""
    return [entry for entry in entries if not (entry["Labels"] or {}).get(ownership.LABEL)]


def listing(client: docker.DockerClient) -> dict[str, set[Any]]:
    """All that is on an engine and not ours, by kind, with the state it is in."""
    api = client.api
    containers = foreign(api.containers(all=True))
    return {
        "containers": {(c["Id"], c["Names"][0], c["State"]) for c in containers},
        "images": {(i["Id"], tuple(i["RepoTags"] or ())) for i in foreign(api.images())},
        "volumes": {v["Name"] for v in foreign(api.volumes()["Volumes"] or [])},
        "networks": {entry["Id"] for entry in foreign(api.networks())},
    }


def lost(before: dict[str, set[Any]], after: dict[str, set[Any]]) -> dict[str, set[Any]]:
    """What was there before and is not there as it was."""
    return {kind: gone for kind, had in before.items() if (gone := had - after[kind])}


def ours(client: docker.DockerClient) -> list[str]:
    filters = ownership.mine()
    containers = [c["Id"] for c in client.api.containers(all=True, filters=filters)]
    volumes = [v["Name"] for v in client.api.volumes(filters=filters)["Volumes"] or []]
    return containers + volumes + [n["Id"] for n in client.api.networks(filters=filters)]


def tiny(client: docker.DockerClient, *changes: str) -> str:
    """An image of one small file that nobody else has, without a name; gives its ID."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(secrets.token_hex(8)))
    answer = client.api.import_image_from_data(data.getvalue(), changes=[*changes, "CMD true"])
    return str(json.loads(answer.splitlines()[-1])["status"])


@dataclass(frozen=True)
class Theirs:
    """What somebody else has on the engine.

    Attributes:
        container: It runs, with a named volume on /named and an anonymous one on /anonymous.
        tagged: Name of the image that it was started from.
        dangling: ID of an image without a name, which no container uses.
    """

    container: Container
    tagged: str
    dangling: str

    def sight(self) -> dict[str, Any]:
        """What its owner would miss; the file in the named volume is read through the engine."""
        self.container.reload()
        state, mounts = self.container.attrs["State"], self.container.attrs["Mounts"]
        client = self.container.client
        chunks, _ = self.container.get_archive("/named/marker")
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            file = archive.extractfile("marker")
            marker = file.read() if file else None
        return {
            "runs": (state["Running"], state["Pid"], state["StartedAt"]),
            "marker": marker,
            "volumes": sorted(client.volumes.get(mount["Name"]).name for mount in mounts),
            "images": (client.images.get(self.tagged).id, client.images.get(self.dangling).id),
        }


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(have: Supply) -> Iterator[None]:
    """These tests play somebody else, whose things nobody would ever remove."""
    before = listing(have.host.client)["volumes"]
    yield
    # Those of another worker's tests go by themselves.
    until(lambda: listing(have.host.client)["volumes"] <= before)


@pytest.fixture
def theirs(have: Supply) -> Iterator[Theirs]:
    """A running container, images, volumes and a network that are not the course's."""
    client, name = have.host.client, f"theirs-{secrets.token_hex(3)}"
    # An image of theirs that happens to build on ours inherits the label: only its value tells.
    lines = f"FROM {have.image}\nLABEL {ownership.LABEL}= theirs={name}\nVOLUME /anonymous\n"
    client.images.build(fileobj=io.BytesIO(lines.encode()), tag=name, rm=True)
    volume = client.volumes.create(name)
    network = client.networks.create(name, internal=True)
    script = f"echo {name} > /named/marker; echo written; exec sleep 3600"
    container = client.containers.run(
        name, ["-c", script], entrypoint="sh", name=name, volumes=[f"{name}:/named"], detach=True
    )
    until(lambda: b"written" in container.logs())
    network.connect(container)
    dangling = tiny(client)
    yield Theirs(container, name, dangling)
    container.remove(v=True, force=True)
    network.remove()
    volume.remove()
    client.images.remove(name)
    client.images.remove(dangling)


@pytest.fixture
def ours_to_lose(have: Supply) -> Iterator[str]:
    """An image that only the label makes ours; other images of ours are held, to be kept."""
    client = have.host.client
    labelled = client.images.list(filters={"label": ownership.LABEL})
    held = [client.containers.create(i.id, "true", labels={ownership.LABEL: ""}) for i in labelled]
    image = tiny(client, f"LABEL {ownership.LABEL}=engine-image")
    yield image
    for container in held:
        container.remove(v=True)  # an image of somebody else's may make it a volume
    with contextlib.suppress(ImageNotFound):
        client.images.remove(image)


@pytest.fixture
def another_learner(have: Supply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner of our own, to erase whole, on the same engine."""
    monkeypatch.setenv("DOCKER_HOST", have.host.endpoint.url)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))


def settle(have: Supply) -> None:
    """Boots what a learner has: a mirror, a spare sandbox, and one in which much is done."""
    registry = mirror.start(have.host, have.image, "kit")
    boot(have.host, have.image, registry)
    boot(have.host, have.image, registry, "lab99").run("docker system prune -af --volumes")
    assert len(ours(have.host.client)) >= 5


@pytest.mark.usefixtures("another_learner", "ours_to_lose")
def test_what_is_not_ours_stays_as_it_is(have: Supply, theirs: Theirs) -> None:
    client = have.host.client
    before, seen = listing(client), theirs.sight()
    assert len(seen["volumes"]) == 2
    settle(have)
    reaper.reap(have.host)
    reaper.stop_all(have.host)
    assert client.volumes.list(filters=ownership.mine("mirror-data"))
    reaper.erase(have.host)
    assert ours(client) == []
    assert lost(before, listing(client)) == {}
    assert theirs.sight() == seen


CLEAN = [sys.executable, "-c", "from course.cli import main; main()", "clean"]


@pytest.mark.usefixtures("another_learner")
def test_course_clean_takes_all_of_ours_and_nothing_else(
    have: Supply, theirs: Theirs, ours_to_lose: str, tmp_path: Path
) -> None:
    client = have.host.client
    before, seen = listing(client), theirs.sight()
    settle(have)
    done = subprocess.run(CLEAN, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert ours(client) == []
    with pytest.raises(ImageNotFound):
        client.images.get(ours_to_lose)
    assert list((tmp_path / "data").iterdir()) == []
    assert lost(before, listing(client)) == {}
    assert theirs.sight() == seen


@pytest.mark.usefixtures("ours_to_lose")
def test_a_loss_would_be_seen(have: Supply, theirs: Theirs) -> None:
    client, before = have.host.client, listing(have.host.client)
    anonymous = client.volumes.create()
    image = client.images.get(tiny(client))
    richer = listing(client)
    assert lost(before, richer) == {}
    anonymous.remove()
    client.images.remove(image.id)
    theirs.container.stop(timeout=0)
    gone = lost(richer, listing(client))
    assert gone["volumes"] == {anonymous.name}
    assert {entry[0] for entry in gone["images"]} == {image.id}
    assert {entry[0] for entry in gone["containers"]} == {theirs.container.id}


def test_two_learners_on_one_engine_do_not_see_each_other(
    have: Supply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = ours(have.host.client)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert ours(have.host.client) == []
    reaper.stop_all(have.host)
    monkeypatch.undo()
    assert set(mine) <= set(ours(have.host.client))
