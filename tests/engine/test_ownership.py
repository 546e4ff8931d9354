from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from course.engine import mirror, ownership, reaper
from course.engine.boot import boot
from course.images.supply import Supply


def listing(client: docker.DockerClient) -> dict[str, set[Any]]:
    """All that is on an engine and not ours, by kind, with the state it is in."""
    api = client.api
    containers = {
        (c["Id"], c["Names"][0], c["State"])
        for c in api.containers(all=True)
        if ownership.LABEL not in c["Labels"]
    }
    images = {
        (i["Id"], tuple(i["RepoTags"] or ()))
        for i in api.images()
        if ownership.LABEL not in (i["Labels"] or {})
    }
    volumes = {
        v["Name"]
        for v in api.volumes()["Volumes"] or []
        if ownership.LABEL not in (v["Labels"] or {}) and len(v["Name"]) < 64
    }
    networks = {n["Id"] for n in api.networks() if ownership.LABEL not in (n["Labels"] or {})}
    return {"containers": containers, "images": images, "volumes": volumes, "networks": networks}


def ours(client: docker.DockerClient) -> list[str]:
    filters = ownership.mine()
    containers = [c["Id"] for c in client.api.containers(all=True, filters=filters)]
    volumes = [v["Name"] for v in client.api.volumes(filters=filters)["Volumes"] or []]
    return containers + volumes + [n["Id"] for n in client.api.networks(filters=filters)]


@pytest.fixture
def somebody_elses(have: Supply) -> Iterator[str]:
    """A container, an image, a volume and a network with no label of ours."""
    client, name = have.host.client, f"theirs-{secrets.token_hex(3)}"
    dockerfile = f"FROM {have.image}\nLABEL {ownership.LABEL}= theirs={name}\n"
    # An image of theirs that happens to build on ours inherits the label: only its value tells.
    client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=name, rm=True)
    volume = client.volumes.create(name)
    network = client.networks.create(name, internal=True)
    mounts = {name: {"bind": "/data", "mode": "rw"}}
    container = client.containers.create(
        name, ["true"], name=name, volumes=mounts, network=name, labels={ownership.LABEL: ""}
    )
    yield name
    container.remove()
    network.remove()
    volume.remove()
    client.images.remove(name)


def test_what_is_not_ours_stays_as_it_is(
    have: Supply, somebody_elses: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = have.host.client
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))  # a learner of our own, to erase whole
    before = listing(client)
    registry = mirror.start(have.host, have.image, "kit")
    boot(have.host, have.image, registry)
    boot(have.host, have.image, registry, "lab99").run("docker system prune -af --volumes")
    assert len(ours(client)) >= 5
    reaper.reap(have.host)
    reaper.stop_all(have.host)
    assert client.volumes.list(filters=ownership.mine("mirror-data"))
    reaper.erase(have.host)
    assert ours(client) == []
    assert listing(client) == before
    assert client.images.get(somebody_elses).tags == [f"{somebody_elses}:latest"]


def test_two_learners_on_one_engine_do_not_see_each_other(
    have: Supply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = ours(have.host.client)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    assert ours(have.host.client) == []
    reaper.stop_all(have.host)
    monkeypatch.undo()
    assert set(mine) <= set(ours(have.host.client))
