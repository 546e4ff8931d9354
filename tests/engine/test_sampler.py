"""Processes and stats of a live engine, read again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from docker import DockerClient
from waiting import until

from course.engine.attached import AttachedMachine
from course.engine.sandbox import Sandbox
from course.notebook.samplers import Samplers
from course.views.processes import ProcessesView
from course.views.stats import StatsView
from course.watch.processes import Process, Processes, read_processes
from course.watch.stats import Series
from course.watch.usage import Usage
from course.watch.watcher import Watcher

# It adopts the child of a shell that ends at once, and as no init it never asks how it ended.
ZOMBIE = "(sleep 0.2 & exec sleep 600) & exec sleep 700"
BUSY = "while :; do :; done"


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[DockerClient]:
    with closing(box.client()) as client:
        client.images.pull("busybox", "latest")
        yield client


@pytest.fixture(scope="module")
def watcher(box: Sandbox, client: DockerClient) -> Iterator[Watcher]:
    watcher = Watcher(box.client)
    watcher.start()
    yield watcher
    watcher.stop()


@pytest.fixture
def samplers(box: Sandbox, client: DockerClient, watcher: Watcher) -> Iterator[Samplers]:
    samplers = Samplers(box.client, box.run, watcher)
    yield samplers
    samplers.close()
    for container in client.containers.list(all=True):
        container.remove(force=True, v=True)


def run(client: DockerClient, name: str, command: str = "sleep 600", **more: Any) -> Any:
    return client.containers.run("busybox", ["sh", "-c", command], name=name, detach=True, **more)


def read(samplers: Samplers) -> Processes:
    sample = samplers.processes.settle()
    assert sample.connected, sample.problem
    return sample.value


def first(found: Processes, name: str) -> Process:
    (one,) = [process for process in found.of(name) if process.inner_pid == 1]
    return one


def series(samplers: Samplers, name: str) -> Series:
    sample = samplers.stats.settle()
    assert sample.connected, sample.problem
    found = sample.value.of(name)
    assert found is not None
    return found


def last(samplers: Samplers, name: str) -> Usage:
    return series(samplers, name).points[-1]


def test_both_pids_are_those_of_docker_top_and_inspect(
    client: DockerClient, samplers: Samplers
) -> None:
    web = run(client, "web", "sleep 601 & sleep 602 & wait")
    until(lambda: len(read(samplers).of("web")) == 3)
    found = read(samplers)
    top = web.top(ps_args="-eo pid,ppid,args")
    told = {(int(pid), int(ppid)) for pid, ppid, _ in top["Processes"]}
    assert {(one.pid, one.ppid) for one in found.of("web")} == told
    web.reload()
    assert first(found, "web").pid == web.attrs["State"]["Pid"]
    inside = web.exec_run(["sh", "-c", "cd /proc; grep -l '^sleep.60[12]' [0-9]*/cmdline"])
    mine = {one.inner_pid for one in found.of("web") if one.name == "sleep"}
    assert {int(path.split("/")[0]) for path in inside.output.decode().split()} == mine


def test_who_is_whose_parent(client: DockerClient, samplers: Samplers) -> None:
    run(client, "web", ports={"80/tcp": 8080})
    found = read(samplers)
    by_pid = {one.pid: one for one in found.shown}
    above = by_pid[first(found, "web").ppid]
    assert (above.name, above.container, above.is_host) == ("containerd-shim", "", True)
    (engine,) = [one for one in found.shown if one.name == "dockerd"]
    assert {one.name for one in found.shown if one.ppid == engine.pid} >= {
        "containerd", "docker-proxy",
    }  # fmt: skip
    assert by_pid[1].name in ("docker-init", "tini")
    assert not [one for one in found.shown if one.name in ("grep", "stat")]


def test_a_zombie_is_told_and_an_init_has_none(client: DockerClient, samplers: Samplers) -> None:
    run(client, "careless", ZOMBIE)
    run(client, "careful", ZOMBIE, init=True)
    until(lambda: [one for one in read(samplers).of("careless") if one.is_zombie])
    found = read(samplers)
    (dead,) = [one for one in found.of("careless") if one.is_zombie]
    assert (dead.name, dead.inner_pid > 1) == ("sleep", True)
    view = ProcessesView("careless").attach(samplers.processes)
    assert "1 zombie (sleep)" in view.snapshot().words
    assert "PID 1 sleep" in view.snapshot().words
    view.close()
    assert first(found, "careful").name in ("docker-init", "tini")


def test_shared_pid_namespaces_do_not_confuse(client: DockerClient, samplers: Samplers) -> None:
    run(client, "web")
    side = run(client, "side", pid_mode="container:web")
    run(client, "seer", pid_mode="host")
    found = read(samplers)
    assert {len(found.of(name)) for name in ("web", "side", "seer")} == {1}
    (guest,), (web,) = found.of("side"), found.of("web")
    assert guest.namespace == web.namespace
    side.reload()
    assert guest.pid == side.attrs["State"]["Pid"]
    assert guest.inner_pid > 1
    (seer,) = found.of("seer")
    assert (seer.is_host, seer.inner_pid) == (True, seer.pid)


def test_a_process_that_exec_made(client: DockerClient, samplers: Samplers) -> None:
    web = run(client, "web")
    web.exec_run(["sleep", "55"], detach=True)
    until(lambda: [one for one in read(samplers).of("web") if one.command == "sleep 55"])


def test_a_namespace_by_hand_is_not_dockers(box: Sandbox, samplers: Samplers) -> None:
    code, output = box.run("unshare --pid --fork sleep 77 >/dev/null 2>&1 & echo begun")
    assert (code, output) == (0, b"begun\n")
    until(lambda: [one for one in read(samplers).shown if one.command == "sleep 77"])
    (made,) = [one for one in read(samplers).shown if one.command == "sleep 77"]
    assert (made.inner_pid, made.container, made.is_host) == (1, "", False)
    box.run(f"kill -9 {made.pid}")


def test_one_reading_is_cheap(box: Sandbox, client: DockerClient, samplers: Samplers) -> None:
    for name in ("one", "two", "three"):
        run(client, name)
    took = []
    for _ in range(5):
        start = time.monotonic()
        read_processes(box.run, [])
        took.append(time.monotonic() - start)
    print(f"a reading: best {min(took) * 1000:.0f} ms, most {max(took) * 1000:.0f} ms")
    assert min(took) < 0.5


def test_an_engine_of_the_class_is_read_through_a_helper_that_is_not_told(
    box: Sandbox, client: DockerClient, watcher: Watcher, samplers: Samplers
) -> None:
    run(client, "web")
    node = AttachedMachine(box.address.url, box.folder)
    there = [*watcher.settle().containers]

    def seen(script: str) -> tuple[int, bytes]:
        result = node.run(script)
        there.extend(watcher.settle().containers)
        return result

    found = read_processes(seen, there)
    assert {one.container for one in found.shown} <= {"", "web"}
    assert first(found, "web").inner_pid == 1


def test_a_load_is_in_the_cpu_curve(client: DockerClient, samplers: Samplers) -> None:
    run(client, "half", BUSY, nano_cpus=500_000_000)
    run(client, "idle")
    assert last(samplers, "half").cpu == pytest.approx(50, abs=20)
    assert last(samplers, "idle").cpu < 10
    assert series(samplers, "half").cpus == 0.5


def test_a_limit_that_is_updated_is_told(client: DockerClient, samplers: Samplers) -> None:
    web = run(client, "web", BUSY, mem_limit="32m", memswap_limit="64m")
    assert series(samplers, "web").memory_limit == 32 * 2**20
    web.update(mem_limit="48m", memswap_limit="96m", cpu_period=100_000, cpu_quota=20_000)
    now = series(samplers, "web")
    assert (now.memory_limit, now.cpus) == (48 * 2**20, 0.2)
    until(lambda: last(samplers, "web").cpu < 35)


def test_memory_that_is_taken_is_in_the_curve(client: DockerClient, samplers: Samplers) -> None:
    # A tmpfs is memory, and no cache that the kernel could give back.
    web = run(client, "web", tmpfs={"/fast": "size=40m"}, mem_limit="64m")
    before = last(samplers, "web").memory
    web.exec_run(["dd", "if=/dev/zero", "of=/fast/x", "bs=1M", "count=30"])
    time.sleep(0.3)
    grown = last(samplers, "web").memory - before
    assert 25 * 2**20 < grown < 40 * 2**20


def test_bytes_on_the_network(client: DockerClient, samplers: Samplers) -> None:
    web = run(client, "web")
    web.reload()
    ip = web.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
    run(client, "talker", f"while :; do ping -c1 -s 1000 {ip} >/dev/null; sleep 0.05; done")
    run(client, "hermit", network_mode="none")
    run(client, "local", network_mode="host")
    talker = last(samplers, "talker")
    assert (talker.sent or 0) > 2000
    assert (last(samplers, "web").received or 0) > 2000
    assert not last(samplers, "hermit").sent
    assert last(samplers, "local").sent is None


def test_curves_begin_end_and_go(client: DockerClient, samplers: Samplers) -> None:
    view = StatsView().attach(samplers.stats)
    run(client, "early")
    until(lambda: view.state.value.of("early"))
    late = run(client, "late", stop_signal="SIGKILL")
    until(lambda: (found := view.state.value.of("late")) and len(found.points) >= 2)
    late.stop()
    until(lambda: "late exited" in view.tell(view.state))
    ended = view.state.value.of("late")
    assert ended is not None
    assert ended.points
    late.remove()
    until(lambda: "late removed" in view.tell(view.state))
    early = view.state.value.of("early")
    assert early is not None
    assert len(early.points) > len(ended.points)
    gaps = [b.time - a.time for a, b in zip(early.points[1:], early.points[2:], strict=False)]
    assert all(0.5 < gap < 4 for gap in gaps)
    view.close()
    until(lambda: not samplers.stats.is_reading)


def test_an_engine_that_restarts_is_read_again(
    box: Sandbox, client: DockerClient, samplers: Samplers, capfd: pytest.CaptureFixture[str]
) -> None:
    run(client, "web", restart_policy={"Name": "always"})
    samplers.stats.subscribe(lambda _: None)
    until(lambda: samplers.stats.state.value.of("web"))
    # Whoever would start it again at once is held for a while.
    keeper = box.run("ps -o ppid= -C dockerd")[1].decode().strip()
    assert box.run(f"kill -STOP {keeper} && pkill -KILL -x dockerd") == (0, b"")
    until(lambda: not samplers.stats.state.connected, 10)
    assert samplers.stats.state.problem
    assert samplers.stats.state.value.of("web") is not None  # the last known stays
    box.run(f"kill -CONT {keeper}")
    until(lambda: samplers.stats.state.connected, 30)
    seen = samplers.stats.state.value.time
    until(
        lambda: (now := samplers.stats.state.value.of("web"))
        and now.points and now.points[-1].time > seen, 30,
    )  # fmt: skip
    assert capfd.readouterr() == ("", "")
