"""The Watcher against live engines: it sees what others do, soon, once, and after a restart."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import docker
import pytest
from docker import DockerClient
from waiting import until

from course.engine.sandbox import Sandbox
from course.watch.state import Container, State
from course.watch.watcher import Watcher


class Log:
    """Each State that a watcher told, and when."""

    def __init__(self, watcher: Watcher) -> None:
        self.told: list[tuple[float, State]] = []
        self.end = watcher.subscribe(lambda state: self.told.append((time.monotonic(), state)))

    def when(self, probe: Callable[[State], Any]) -> float | None:
        return next((at for at, state in self.told if probe(state)), None)


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[DockerClient]:
    with closing(box.client()) as client:
        if not client.images.list("busybox"):
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


def run(client: DockerClient, name: str, command: str = "sleep 300", **more: Any) -> Any:
    return client.containers.run("busybox", ["sh", "-c", command], name=name, detach=True, **more)


def is_in(name: str, state: str) -> Callable[[State], bool]:
    def probe(seen: State) -> bool:
        container = seen.container(name)
        return container is not None and container.state == state

    return probe


def test_what_is_there_already_is_listed(box: Sandbox, client: DockerClient) -> None:
    made = run(client, "early", mem_limit="32m")
    watcher = Watcher(box.client)
    watcher.start()
    try:
        early = watcher.settle().container("early")
        assert early is not None
        assert (early.state, early.memory_limit, early.id) == ("running", 32 * 2**20, made.id)
        assert {network.name for network in watcher.state.networks} >= {"bridge", "host", "none"}
        assert any("busybox:latest" in image.tags for image in watcher.state.images)
    finally:
        watcher.stop()
        made.remove(force=True)


def test_what_others_do_is_seen_soon(watcher: Watcher, client: DockerClient) -> None:
    container = run(client, "seen")
    late = []
    for action, state in [("pause", "paused"), ("unpause", "running")] * 10:
        until(lambda: watcher.settle().seq)
        time.sleep(0.06)
        log = Log(watcher)
        start = time.monotonic()
        getattr(container, action)()
        late.append(until(partial(log.when, is_in("seen", state)), 5, 0.005) - start)
        log.end()
    print(f"call to State: median {median(late) * 1000:.0f} ms, most {max(late) * 1000:.0f} ms")
    assert median(late) < 0.25


def test_the_end_of_a_container(watcher: Watcher, client: DockerClient) -> None:
    log = Log(watcher)
    run(client, "short", "exit 3")
    until(lambda: log.when(is_in("short", "exited")))
    short = watcher.state.container("short")
    assert short is not None
    assert short.exit_code == 3
    client.containers.get("short").remove()
    until(lambda: watcher.state.container("short") is None)
    actions = [event.action for event in watcher.state.events if event.name == "short"]
    assert actions == ["create", "start", "die", "destroy"]


def test_settle_holds_all_that_was_done_before(watcher: Watcher, client: DockerClient) -> None:
    for turn in range(5):
        container = run(client, f"turn-{turn}", "exit 1")
        container.wait()
        state = watcher.settle()
        assert is_in(f"turn-{turn}", "exited")(state)
        actions = [event.action for event in state.events if event.name == f"turn-{turn}"]
        assert actions == ["create", "start", "die"]
        container.remove()
        assert watcher.settle().container(f"turn-{turn}") is None


def test_out_of_memory(watcher: Watcher, client: DockerClient) -> None:
    run(client, "hungry", "sleep 0.3; tail /dev/zero", mem_limit="16m").wait()
    hungry = watcher.settle().container("hungry")
    assert hungry is not None
    assert (hungry.exit_code, hungry.oom_killed) == (137, True)


def test_images_networks_and_volumes(watcher: Watcher, client: DockerClient) -> None:
    client.networks.create("watched")
    client.volumes.create("watched")
    client.images.get("busybox").tag("watched", "1")
    until(lambda: any(network.name == "watched" for network in watcher.state.networks))
    until(lambda: any(volume.name == "watched" for volume in watcher.state.volumes))
    until(lambda: any("watched:1" in image.tags for image in watcher.state.images))
    container = run(client, "guest")
    client.networks.get("watched").connect(container)
    until(lambda: "watched" in {end.network for end in _of(watcher, "guest").networks})
    container.remove(force=True)
    client.networks.get("watched").remove()
    client.volumes.get("watched").remove()
    client.images.remove("watched:1")
    state = watcher.settle()
    assert not any(network.name == "watched" for network in state.networks)
    assert not any(volume.name == "watched" for volume in state.volumes)
    assert not any("watched:1" in image.tags for image in state.images)


def _of(watcher: Watcher, name: str) -> Container:
    container = watcher.state.container(name)
    assert container is not None
    return container


def test_a_burst_is_few_updates_and_ends_right(
    box: Sandbox, watcher: Watcher, client: DockerClient
) -> None:
    container = run(client, "burst")
    watcher.settle()
    log = Log(watcher)
    start = time.monotonic()

    def rename(worker: int, times: int = 100) -> None:
        with closing(box.client()) as own:
            for turn in range(times):
                own.api.rename(container.id, f"burst-{worker}-{turn}")

    threads = [threading.Thread(target=rename, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - start
    container.reload()
    state = watcher.settle()
    print(f"400 events in {took:.1f} s: {len(log.told)} updates")
    assert [c.name for c in state.containers] == [container.name]
    assert len(log.told) <= took / 0.05 + 3
    gaps = [later[0] - one[0] for one, later in zip(log.told, log.told[1:-1], strict=False)]
    assert min(gaps) > 0.045


def test_many_containers_at_once(watcher: Watcher, client: DockerClient) -> None:
    ids = [
        client.api.create_container("busybox", "true", name=f"many-{i}")["Id"] for i in range(40)
    ]
    assert sum(c.name.startswith("many-") for c in watcher.settle().containers) == 40
    for ident in ids:
        client.api.remove_container(ident)
    assert watcher.settle().containers == ()


def test_a_subscriber_that_fails_ends_nothing(
    watcher: Watcher, client: DockerClient, capfd: pytest.CaptureFixture[str]
) -> None:
    end = watcher.subscribe(lambda state: 1 / 0)
    run(client, "still")
    until(lambda: is_in("still", "running")(watcher.state))
    end()
    assert isinstance(watcher.problem, ZeroDivisionError)
    assert capfd.readouterr().out == ""


def test_stop_ends_its_threads_soon(box: Sandbox) -> None:
    before = set(threading.enumerate())
    watcher = Watcher(box.client)
    watcher.start()
    watcher.settle()
    start = time.monotonic()
    watcher.stop()
    assert time.monotonic() - start < 2
    assert not set(threading.enumerate()) - before
    assert watcher.settle() is watcher.state  # bounded, with nobody to ask


class Daemon:
    """An engine of this test alone, that may be killed."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/docker.sock"
        paths = {"data-root": "data", "exec-root": "run", "pidfile": "pid"}
        own = [f"--{option}={folder}/{name}" for option, name in paths.items()]
        # In a network of its own: without a bridge it would delete the docker0 of another engine.
        here = ["unshare", "--net", "dockerd", f"--host={self.url}"]
        self._command = [*here, *own, "--bridge=none", "--iptables=false"]
        self._log, self._data = folder / "dockerd.log", folder / "data"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until(self._answers, 60)

    def _answers(self) -> bool:
        try:
            with closing(self.connect()) as client:
                return bool(client.ping())
        except (docker.errors.DockerException, OSError):
            return False

    def connect(self) -> DockerClient:
        return DockerClient(base_url=self.url, version="1.41", timeout=10)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
            # Engines mount their data root on itself, and leave that when they end.
            subprocess.run(["umount", "--recursive", self._data], check=False, capture_output=True)


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("needs root and dockerd: an engine to kill")
    with TemporaryDirectory(prefix="dockerd-") as folder:  # short: a socket's path has 107 bytes
        daemon = Daemon(Path(folder))
        try:
            daemon.start()
            yield daemon
        finally:
            daemon.stop()


def test_an_engine_that_restarts_is_found_again(daemon: Daemon) -> None:
    watcher = Watcher(daemon.connect)
    watcher.start()
    try:
        assert watcher.settle().connected
        with closing(daemon.connect()) as client:
            client.volumes.create("before")
        until(lambda: [volume.name for volume in watcher.state.volumes] == ["before"])
        daemon.stop()
        until(lambda: not watcher.state.connected)
        assert watcher.state.problem
        assert [volume.name for volume in watcher.state.volumes] == ["before"]  # the last known
        start = time.monotonic()
        assert not watcher.settle(1).connected
        assert time.monotonic() - start < 1.5
        daemon.start()
        until(lambda: watcher.state.connected, 10)
        with closing(daemon.connect()) as client:
            client.volumes.create("after")
        until(lambda: [volume.name for volume in watcher.state.volumes] == ["after", "before"])
        assert watcher.state.problem == ""
    finally:
        watcher.stop()


def test_an_engine_that_comes_late_is_found(daemon: Daemon) -> None:
    daemon.stop()
    watcher = Watcher(daemon.connect)
    watcher.start()
    try:
        until(lambda: watcher.state.problem)
        assert not watcher.state.connected
        daemon.start()
        until(lambda: watcher.state.connected, 10)
    finally:
        watcher.stop()
