"""Networks and mounts, live: State follows what others connect, unplug and remove."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from docker import DockerClient
from docker.types import Mount
from waiting import until

from course.engine.sandbox import Sandbox
from course.views.mounts import Mounts
from course.views.network import NetworkMap
from course.watch import watcher as watching
from course.watch.state import State
from course.watch.watcher import Watcher


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[DockerClient]:
    with closing(box.client()) as client:
        client.images.pull("busybox", "latest")
        yield client


@pytest.fixture
def watcher(box: Sandbox, client: DockerClient) -> Iterator[Watcher]:
    watcher = Watcher(box.client)
    watcher.start()
    assert watcher.settle().connected
    yield watcher
    watcher.stop()
    for container in client.containers.list(all=True):
        container.remove(force=True, v=True)
    client.networks.prune()
    client.volumes.prune({"all": True})


def make(client: DockerClient, name: str, **more: Any) -> Any:
    more = {"stop_signal": "SIGKILL", **more}
    return client.containers.create("busybox", ["sleep", "300"], name=name, **more)


def hangs(state: State, name: str) -> dict[str, bool]:
    """The networks of a container, and whether it has an address there."""
    one = state.container(name)
    return {end.network: bool(end.ip) for end in one.networks} if one else {}


def test_a_running_container_is_connected_and_disconnected(
    watcher: Watcher, client: DockerClient
) -> None:
    web, net = make(client, "web"), client.networks.create("front")
    web.start()
    until(lambda: hangs(watcher.state, "web") == {"bridge": True})
    net.connect(web, aliases=["site"])
    until(lambda: hangs(watcher.state, "web") == {"bridge": True, "front": True})
    assert "front: web, names: site, web" in NetworkMap().tell(watcher.state).replace(
        "; bridge", ""
    )
    client.networks.get("bridge").disconnect(web)
    until(lambda: hangs(watcher.state, "web") == {"front": True})
    web.stop()
    until(lambda: hangs(watcher.state, "web") == {"front": False})
    assert "names" not in NetworkMap().tell(watcher.state)


def test_a_stopped_container_is_connected_without_an_event(
    watcher: Watcher, client: DockerClient
) -> None:
    idle, net = make(client, "idle"), client.networks.create("front")
    watcher.settle()
    before = len(watcher.state.events)
    net.connect(idle)
    start = time.monotonic()
    until(lambda: hangs(watcher.state, "idle") == {"bridge": False, "front": False})
    assert time.monotonic() - start < watching.LOOK + 2
    assert len(watcher.state.events) == before, "engines tell of it now: no need to look"
    net.disconnect(idle)
    until(lambda: hangs(watcher.state, "idle") == {"bridge": False})
    net.connect(idle)
    assert hangs(watcher.settle(), "idle") == {"bridge": False, "front": False}


def test_it_looks_only_while_something_is_stopped(watcher: Watcher, client: DockerClient) -> None:
    make(client, "web").start()
    until(lambda: hangs(watcher.state, "web") == {"bridge": True})
    watcher.settle()
    seq = watcher.state.seq
    time.sleep(watching.LOOK * 2.5)
    assert watcher.state.seq == seq


def test_names_and_addresses_are_those_of_the_engine(
    watcher: Watcher, client: DockerClient
) -> None:
    net = client.networks.create("back", internal=True)
    for name in ("one", "two"):
        container = make(client, name)
        client.networks.get("bridge").disconnect(container)
        net.connect(container, aliases=["pair"])
        container.start()
    state = watcher.settle()
    told = NetworkMap().tell(state)
    assert "back (internal): one, two, names: one, pair ×2, two" in told  # noqa: RUF001
    found = client.containers.get("one").exec_run(["nslookup", "pair"]).output.decode()
    for name in ("one", "two"):
        container = state.container(name)
        assert container is not None
        assert container.networks[0].ip in found


def test_modes_other_than_bridges(watcher: Watcher, client: DockerClient) -> None:
    make(client, "agent", network_mode="host").start()
    make(client, "alone", network_mode="none").start()
    make(client, "web").start()
    make(client, "probe", network_mode="container:web").start()
    told = NetworkMap().tell(watcher.settle())
    assert told == "bridge: web; host: agent; none: alone; probe in the network of web"


def test_volumes_come_and_go(watcher: Watcher, client: DockerClient) -> None:
    def told() -> str:
        return Mounts().tell(watcher.state)

    volume = client.volumes.create("data")
    until(lambda: "orphaned: data" in told())
    mounts = [Mount("/data", "data", "volume"), Mount("/run/x", None, "tmpfs")]
    db = make(client, "db", mounts=mounts, volumes=["/own"], tmpfs={"/run/y": "size=8m"})
    until(lambda: "db (created) mounts volume data at /data (rw)" in told())
    assert "an anonymous volume at /own (rw), a tmpfs at /run/x (rw) and a tmpfs at" in told()
    assert "orphaned" not in told()
    other = make(client, "backup", mounts=[Mount("/from", "data", "volume", read_only=True)])
    until(lambda: "data is shared by db and backup" in told())
    other.remove()
    db.remove()
    until(lambda: told() == "nothing is mounted; orphaned: data and 1 anonymous volume")
    volume.remove()
    until(lambda: told() == "nothing is mounted; orphaned: 1 anonymous volume")
    client.volumes.prune({"all": True})
    until(lambda: told() == "nothing is mounted")


def test_volumes_go_with_their_container(watcher: Watcher, client: DockerClient) -> None:
    db = make(client, "db", volumes=["/own"])
    until(lambda: "db (created) mounts an anonymous volume" in Mounts().tell(watcher.state))
    db.remove(v=True)
    until(lambda: watcher.state.volumes == ())


def test_a_network_that_is_removed(watcher: Watcher, client: DockerClient) -> None:
    net = client.networks.create("short")
    until(lambda: "short: nobody" in NetworkMap().tell(watcher.state))
    net.remove()
    until(lambda: "short" not in NetworkMap().tell(watcher.state))
