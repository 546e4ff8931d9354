"""Compose and Restarts, live: State follows what `docker compose` and restart policies do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from docker import DockerClient
from waiting import until

from course.engine.sandbox import Sandbox
from course.views.compose import Compose
from course.views.restarts import Restarts
from course.watch.watcher import Watcher

FILE = """
services:
  redis:
    image: redis:alpine
    healthcheck: {test: [CMD, redis-cli, ping], interval: 1s, retries: 20}
    volumes: [rows:/data]
  worker:
    image: busybox
    command: sleep 600
    stop_signal: SIGKILL
    depends_on: {redis: {condition: service_healthy}}
volumes: {rows: {}}
"""

Compose_ = Callable[[str], None]


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[DockerClient]:
    with closing(box.client()) as client:
        client.images.pull("busybox", "latest")
        client.images.pull("redis", "alpine")
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


@pytest.fixture
def compose(box: Sandbox) -> Compose_:
    def run(command: str) -> None:
        script = f"cd /tmp && cat > compose.yaml <<'END'\n{FILE}\nEND\n"
        code, out = box.run(
            f"{script}docker compose --project-name shop --progress quiet {command}"
        )
        assert code == 0, out.decode()

    return run


def test_a_project_from_up_to_down(
    watcher: Watcher, client: DockerClient, compose: Compose_
) -> None:
    view = Compose("shop")

    def told() -> str:
        return view.tell(watcher.state)

    assert told().startswith("Nothing here belongs to a project shop")
    compose("up --detach")
    until(
        lambda: (
            told()
            == (
                "shop: redis 1 running (healthy); worker 1 running, after redis (healthy); "
                "network shop_default: redis, worker; volume shop_rows: redis"
            )
        )
    )
    compose("up --detach --scale worker=3")
    until(lambda: "worker 3 running, after redis (healthy)" in told())
    compose("stop worker")
    until(lambda: "worker 3 exited (137), after redis (healthy)" in told())
    assert "redis 1 running (healthy)" in told()
    compose("run --detach --no-deps worker sleep 600")
    until(lambda: "worker 3 exited (137), 1 one-off" in told())
    once = client.containers.list(filters={"label": "com.docker.compose.oneoff=True"})
    for container in once:  # `down` leaves these alone
        container.remove(force=True)
    compose("down")
    left = "It has no container. This is what is left of it: volume shop_rows: no container"
    until(lambda: told() == left)
    compose("down --volumes")
    until(lambda: told().startswith("Nothing here belongs to a project shop"))


def test_on_failure_three_times(watcher: Watcher, client: DockerClient) -> None:
    policy = {"Name": "on-failure", "MaximumRetryCount": 3}
    client.containers.run(
        "busybox", ["sh", "-c", "exit 1"], name="web", detach=True, restart_policy=policy
    )
    wanted = (
        "web (on-failure:3): start, exit 1, wait 0.1 s, restart 1, exit 1, wait 0.2 s, restart 2, "
        "exit 1, wait 0.4 s, restart 3, exit 1, its 3 restarts are used up"
    )
    until(lambda: Restarts().tell(watcher.state) == wanted, seconds=30)
    one = watcher.state.container("web")
    assert one is not None
    assert (one.restart_count, one.restart_limit) == (3, 3)


def test_by_hand_and_from_outside(box: Sandbox, watcher: Watcher, client: DockerClient) -> None:
    for name in ("stopped", "killed", "outside"):
        client.containers.run(
            "busybox",
            ["sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"],
            name=name,
            detach=True,
            restart_policy={"Name": "always"},
        )
    client.containers.get("stopped").stop()
    client.containers.get("killed").kill()
    pid = client.containers.get("outside").attrs["State"]["Pid"]
    assert box.run(f"kill -9 {pid}")[0] == 0
    told = {
        "stopped": "stopped (always): start, docker stop, exit 0, docker stop: no restart",
        "killed": "killed (always): start, docker kill, exit 137, docker kill: no restart",
        "outside": "outside (always): start, exit 137, wait 0.1 s, restart 1, running",
    }
    for name, story in told.items():
        until(lambda name=name, story=story: Restarts(name).tell(watcher.state) == story)


def test_a_loop_is_stopped_while_it_waits(watcher: Watcher, client: DockerClient) -> None:
    made = client.containers.run(
        "busybox", "false", name="loop", detach=True, restart_policy={"Name": "always"}
    )

    def looped() -> bool:
        one = watcher.state.container("loop")
        return one is not None and one.state == "restarting" and one.restart_count >= 5

    until(looped, seconds=30)
    made.stop()  # the wait is 1.6 s or longer
    until(lambda: "docker stop while it waited: no restart" in Restarts().tell(watcher.state))
