"""Registries on a live engine, read as the Registry picture reads them."""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psutil
import pytest
from docker import DockerClient

from course.catalogue import catalogue
from course.checks.make_registry import make_registry, name_host, push
from course.engine.attached import AttachedMachine
from course.engine.certificates import make_identity
from course.engine.cluster import Cluster
from course.engine.lab import Lab
from course.engine.sandbox import Sandbox
from course.images.supply import Supply
from course.views.registry import RegistryView
from course.watch.registry import Registry
from course.watch.registry_reader import RegistryReader
from course.watch.sampler import Sampler

PLAIN, SAFE = "localhost:5000", "safe.lab:5443"
# What `htpasswd -nbB learner anchor-7` prints.
USERS = "learner:$2b$05$AiGWMsBozk25rEcsXqwu3eLSWcuZQlMU3KX4pbMHPZ44xoKy7GdxW\n"
AUTH = {"AUTH": "htpasswd", "AUTH_HTPASSWD_REALM": "x", "AUTH_HTPASSWD_PATH": "/users"}
TLS = {"HTTP_TLS_CERTIFICATE": "/certs/server.crt", "HTTP_TLS_KEY": "/certs/server.key"}
LOGIN = "echo anchor-7 | docker login --username learner --password-stdin"
COLLECT = "registry garbage-collect /etc/distribution/config.yml"


@pytest.fixture(scope="module")
def lab(have: Supply, box: Sandbox) -> Iterator[Lab]:
    with closing(Lab(catalogue().chapter("13"), Cluster.of(box), have.source)) as opened:
        for image in ("registry:3", "busybox:latest", "hello-world:latest"):
            opened.client.images.pull(image)
        yield opened


def build(client: DockerClient, reference: str, size: int) -> Any:
    recipe = f"FROM busybox\nRUN head -c {size} /dev/urandom > /data\n".encode()
    return client.images.build(fileobj=io.BytesIO(recipe), tag=reference, rm=True)[0]


def read(lab: Lab, address: str = PLAIN, folder: str = "") -> Registry:
    return RegistryReader(lab.run, address, folder).read()


def test_a_push_is_seen_and_what_two_images_share_is_stored_once(lab: Lab) -> None:
    make_registry(lab, "plain", 5000)
    reader = RegistryReader(lab.run, PLAIN, "/srv/plain/data")
    empty = reader.read()
    assert (empty.scheme, empty.repositories, empty.disk) == ("http", (), ())
    for name, size in (("shop", 200_000), ("team/blog", 100_000)):
        build(lab.client, f"{PLAIN}/{name}:1", size)
        push(lab, f"{PLAIN}/{name}:1")
    registry = reader.read()
    assert [str(tag) for tag in registry.tags] == ["shop:1", "team/blog:1"]
    first, second = registry.manifests
    shared = {blob.digest for blob in first.blobs} & {blob.digest for blob in second.blobs}
    assert len(shared) == 1
    assert registry.disk is not None
    assert {blob.digest: blob.size for blob in registry.disk} == {
        digest: blob.size for digest, blob in registry.tagged.items()
    }
    assert (registry.garbage, registry.untagged) == ((), ())


def test_what_is_deleted_is_garbage_until_it_is_collected(lab: Lab) -> None:
    registry = make_registry(lab, "plain", 5000, STORAGE_DELETE_ENABLED="true")
    build(lab.client, f"{PLAIN}/shop:1", 150_000)
    push(lab, f"{PLAIN}/shop:1")
    old = read(lab).tags[0].digest
    build(lab.client, f"{PLAIN}/shop:1", 160_000)
    push(lab, f"{PLAIN}/shop:1")
    moved = read(lab, folder="/srv/plain/data")
    assert [one.digest for one in moved.untagged] == [old]
    lab.run(f"curl -s -X DELETE {PLAIN}/v2/shop/manifests/{old}")
    deleted = read(lab, folder="/srv/plain/data")
    assert deleted.untagged == ()
    assert old in [blob.digest for blob in deleted.garbage]
    assert len(deleted.garbage) == 3
    assert registry.exec_run(COLLECT).exit_code == 0
    collected = read(lab, folder="/srv/plain/data")
    assert collected.garbage == ()
    assert deleted.unreached - collected.unreached > 150_000


def test_a_full_disk_leaves_an_unfinished_upload(lab: Lab) -> None:
    lab.run(
        "mkdir -p /srv/tiny && mountpoint -q /srv/tiny || mount -t tmpfs -o size=2m x /srv/tiny"
    )
    options = {"volumes": ["/srv/tiny:/var/lib/registry"], "ports": {"5000/tcp": 5003}}
    small = lab.client.containers.run("registry:3", name="tiny", detach=True, **options)
    try:
        lab.run("until curl -so /dev/null localhost:5003/v2/; do sleep 0.1; done")
        lab.client.images.get("registry:3").tag("localhost:5003/big", "1")
        for line in lab.client.api.push("localhost:5003/big", "1", stream=True, decode=True):
            if "Retrying" in line.get("status", ""):
                break
        registry = read(lab, "localhost:5003", "/srv/tiny")
        assert registry.tags == ()
        assert registry.uploads
        assert b"no space left" in small.logs()
    finally:
        small.remove(force=True, v=True)
        lab.run("umount /srv/tiny")


def test_tls_and_a_password_are_met_as_the_engine_meets_them(lab: Lab) -> None:
    identity = make_identity("safe.lab")
    files = {
        "/certs/server.crt": identity.server.certificate.decode(),
        "/certs/server.key": identity.server.key.decode(),
        "/users": USERS,
    }
    make_registry(lab, "safe", 5443, files, **TLS, **AUTH)
    name_host(lab, "safe.lab")
    trusted = f"/etc/docker/certs.d/{SAFE}"
    lab.run(f"rm -rf {trusted}; docker logout {SAFE}")
    with pytest.raises(OSError, match="Nobody answers"):
        read(lab, SAFE)
    authority = identity.authority.decode()
    lab.run(f"mkdir -p {trusted} && printf '%s' '{authority}' > {trusted}/ca.crt")
    with pytest.raises(OSError, match=r"asks who you are \(401\)"):
        read(lab, SAFE)
    assert lab.run(f"{LOGIN} {SAFE}")[0] == 0
    lab.client.images.get("hello-world").tag(f"{SAFE}/hello", "1")
    push(lab, f"{SAFE}/hello:1", username="learner", password="anchor-7")
    registry = read(lab, SAFE)
    assert (registry.scheme, registry.user) == ("https", "learner")
    assert [str(tag) for tag in registry.tags] == ["hello:1"]
    assert lab.run(f"docker logout {SAFE} && {LOGIN} localhost:5443")[0] == 0
    assert read(lab, "localhost:5443").scheme == "https", "on the loopback any certificate will do"


def test_the_picture_follows_a_registry_that_goes_and_comes_back(lab: Lab) -> None:
    registry = make_registry(lab, "plain", 5000)
    reader = RegistryReader(lab.run, PLAIN)
    sampler = Sampler(reader.read, Registry(PLAIN), every=0.3, let_go=reader.close)
    view = RegistryView(PLAIN).attach(sampler)
    try:
        assert view.snapshot().words == f"Registry: {PLAIN} (plain HTTP); it is empty"
        registry.stop(timeout=1)
        assert f"Nobody answers at {PLAIN}" in view.snapshot().words
        registry.start()
        lab.run(f"until curl -so /dev/null {PLAIN}/v2/; do sleep 0.1; done")
        assert view.snapshot().words == f"Registry: {PLAIN} (plain HTTP); it is empty"
    finally:
        view.close()
        sampler.close()


def test_an_attached_lab_reads_the_same(lab: Lab, box: Sandbox) -> None:
    make_registry(lab, "plain", 5000)
    lab.client.images.get("hello-world").tag(f"{PLAIN}/hello", "1")
    push(lab, f"{PLAIN}/hello:1")
    folder = "/srv/plain/data"
    attached = AttachedMachine(box.address.url, box.folder)
    assert RegistryReader(attached.run, PLAIN, folder).read() == read(lab, folder=folder)


def connections(box: Sandbox) -> int:
    """How many this process has to the engine, and has not closed."""
    port = int(box.address.url.rpartition(":")[2])
    found = psutil.Process().net_connections("tcp")
    return sum(bool(one.raddr) and one.raddr.port == port for one in found)


def test_an_attached_lab_closes_what_it_opens(box: Sandbox) -> None:
    """Python closes what nobody holds when it comes to it, and a picture asks again and again."""
    attached, before = AttachedMachine(box.address.url, box.folder), connections(box)
    containers = len(box.client().containers.list(all=True))
    gc.disable()
    try:
        for _ in range(3):
            assert attached.run("hostname") == (0, b"node1\n")
        left = connections(box) - before
    finally:
        gc.enable()
    assert left <= 1, "connections are left open"  # that of this test itself
    assert len(box.client().containers.list(all=True)) == containers
