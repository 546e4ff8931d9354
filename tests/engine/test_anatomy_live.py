from __future__ import annotations

import time
from collections.abc import Iterator

import docker
import pytest

from course.engine.sandbox import Sandbox
from course.errors import CourseError
from course.views.anatomy import AnatomyView
from course.watch.anatomy import Anatomy, anatomy_of

BUSY = "echo 12345 > /file; while true; do :; done"


class Bench:
    """A sandbox that looks like a lab."""

    def __init__(self, box: Sandbox) -> None:
        self.run, self.client = box.run, box.client()


@pytest.fixture(scope="module")
def bench(box: Sandbox) -> Bench:
    bench = Bench(box)
    bench.client.images.pull("busybox:latest")
    return bench


@pytest.fixture(scope="module")
def pair(bench: Bench) -> Iterator[docker.DockerClient]:
    run = bench.client.containers.run
    run(
        "busybox", ["sh", "-c", BUSY], name="web", detach=True,
        mem_limit="64m", nano_cpus=200_000_000, pids_limit=50,
    )  # fmt: skip
    run(
        "busybox", ["sleep", "300"], name="side", detach=True,
        network_mode="container:web", ipc_mode="host",
    )  # fmt: skip
    yield bench.client
    for name in ("side", "web"):
        bench.client.containers.get(name).remove(force=True)


def owner(anatomy: Anatomy, name: str) -> tuple[bool, tuple[str, ...]]:
    (space,) = [space for space in anatomy.namespaces if space.name == name]
    return space.host, space.shared


def test_limits_and_use(bench: Bench, pair: docker.DockerClient) -> None:
    web = anatomy_of(bench, "web")
    assert web.memory is not None
    assert web.memory.limit == 64 * 1024**2
    assert 0 < web.memory.used < web.memory.limit
    assert web.cpu is not None
    assert web.cpu.limit == 0.2
    assert 0.1 < web.cpu.used < 0.3  # it is throttled: its loop would take a whole CPU
    assert web.pids is not None
    assert (web.pids.used, web.pids.limit) == (1, 50)


def test_no_limits(bench: Bench, pair: docker.DockerClient) -> None:
    side = anatomy_of(bench, "side")
    assert [gauge.limit for gauge in (side.memory, side.cpu, side.pids) if gauge] == [None] * 3


def test_its_files(bench: Bench, pair: docker.DockerClient) -> None:
    web = anatomy_of(bench, "web")
    history = bench.client.images.get("busybox").history()
    assert [layer.size for layer in web.layers] == [step["Size"] for step in history]
    assert web.writable == 6  # bytes that it wrote to /file


def test_its_process_has_two_numbers(bench: Bench, pair: docker.DockerClient) -> None:
    web = anatomy_of(bench, "web")
    code, output = bench.run(f"tr '\\0' ' ' < /proc/{web.pid}/cmdline")
    assert code == 0
    assert output.decode().startswith("sh -c echo 12345")
    assert web.inner_pid == 1


def test_whose_namespaces(bench: Bench, pair: docker.DockerClient) -> None:
    web, side = anatomy_of(bench, "web"), anatomy_of(bench, "side")
    assert owner(web, "net") == (False, ("side",))
    assert owner(side, "net") == (False, ("web",))
    assert owner(web, "ipc") == (False, ())
    assert owner(side, "ipc")[0] is True
    assert owner(web, "user")[0] is True
    assert owner(web, "pid") == (False, ())
    inside = pair.containers.get("web").exec_run("readlink /proc/self/ns/net").output.decode()
    (net,) = [space.inode for space in web.namespaces if space.name == "net"]
    assert inside.strip() == f"net:[{net}]"


def test_the_view_reads_on_while_it_is_shown(bench: Bench, pair: docker.DockerClient) -> None:
    view = AnatomyView(lambda: anatomy_of(bench, "web"), every=0.1)
    first = view.anatomy
    view._repr_mimebundle_()
    deadline = time.monotonic() + 20
    while view.anatomy is first and time.monotonic() < deadline:
        time.sleep(0.1)
    view.close()
    assert view.anatomy is not first
    assert view.anatomy.cpu != first.cpu  # a busy loop never takes the same twice


def test_one_that_does_not_run(bench: Bench) -> None:
    made = bench.client.containers.create("busybox", name="asleep")
    try:
        asleep = anatomy_of(bench, "asleep")
    finally:
        made.remove()
    assert (asleep.state, asleep.pid, asleep.namespaces) == ("created", 0, ())
    assert asleep.memory is None
    assert asleep.layers


def test_one_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(CourseError, match="No such container: nobody"):
        anatomy_of(bench, "nobody")
