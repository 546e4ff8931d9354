from __future__ import annotations

import time
from collections.abc import Iterator

import docker
import pytest

from course.catalogue import catalogue
from course.checks import At, NotAttempted, NotYet, Outcome, runner, stage
from course.checks.budget import Budget
from course.checks.readonly import readonly
from course.engine.cluster import Cluster
from course.engine.lab import Lab
from course.engine.sandbox import Sandbox
from course.errors import CourseError
from course.images.supply import Supply


@pytest.fixture(scope="module")
def lab(have: Supply, box: Sandbox) -> Iterator[Lab]:
    opened = Lab(catalogue().chapter("03"), Cluster.of(box), have.source)
    page = "mkdir -p /www/folder; echo hello > /www/index.html; echo up; httpd -f -p 80 -h /www"
    web = stage.start(
        opened,
        "web",
        "busybox",
        ["sh", "-c", page],
        ports={"80/tcp": 8080},
        environment={"COLOUR": "blue"},
        mem_limit="32m",
    )
    stage.until_logged(web, "up")
    yield opened
    opened.close()


@pytest.fixture
def at(lab: Lab) -> Iterator[At]:
    client: docker.DockerClient = lab.connect()
    yield At(lab, readonly(client), Budget(20))
    client.close()


def test_what_is_met_returns_the_container_again(at: At) -> None:
    web = at.container("web").running().image("busybox").env("COLOUR", "blue").logged("up")
    assert web.memory(32 << 20).name == "web"
    assert web.file("/www/index.html") == b"hello\n"
    assert at.answers(8080, "hello") == "hello\n"
    assert [event.action for event in web.happened("create", "start")] == ["create", "start"]


def test_what_is_not_met_says_what_is(at: At, lab: Lab) -> None:
    web = at.container("web")
    for unmet, words in (
        (lambda: web.exited(), "`web` is running, it has not exited"),
        (lambda: web.env("COLOUR", "red"), "`COLOUR` is `blue`, not `red`"),
        (lambda: web.env("SIZE", "1"), "no environment variable `SIZE`"),
        (lambda: web.memory(1), "33,554,432 bytes, not 1"),
        (lambda: web.logged("down"), "lacks `down`"),
        (lambda: web.image("nothing"), "not from `nothing`"),
        (lambda: web.file("/www/other"), "no file `/www/other`"),
        (lambda: at.answers(8080, "bye"), "answers, but without `bye`"),
        (lambda: at.answers(8080, path="/none"), "answers `/none` with status 404"),
        (lambda: at.answers(8081), "Port 8081 does not answer"),
    ):
        with pytest.raises(NotYet, match=words) as caught:
            unmet()
        look = caught.value.look
        assert look
        if look.startswith("curl"):
            assert lab.run(look)[0] == 0, look


def test_a_folder_is_no_file(at: At) -> None:
    assert at.container("web").read("/www/folder") is None


def test_a_name_that_is_nearly_right_is_told(at: At) -> None:
    with pytest.raises(NotYet, match="`web`, but none named `webb`"):
        at.container("webb")
    with pytest.raises(NotYet, match="its name is `web`"):
        at.container("server", like=lambda other: other.status == "running")
    with pytest.raises(NotAttempted, match="no container named `server`"):
        at.container("server")


def test_the_first_letters_of_an_id_are_no_name(at: At) -> None:
    assert at.find(at.container("web").attrs["Id"][:12]) is None


def test_a_big_file_is_read_in_part(lab: Lab, at: At) -> None:
    lab.client.containers.get("web").exec_run("dd if=/dev/zero of=/big bs=1M count=64")
    began = time.monotonic()
    assert len(at.container("web").file("/big")) == 512 * 1024
    assert time.monotonic() - began < 5


# With 2.4 s it is the connection that gives up first, after 2.
@pytest.mark.parametrize("seconds", [2, 2.4])
def test_an_engine_that_hangs_costs_no_more_than_the_check_says(lab: Lab, seconds: float) -> None:
    lab.run("kill -STOP $(pidof dockerd)")
    try:
        began = time.monotonic()
        verdict = runner.check(lab, catalogue().task("3.1"), seconds=seconds)
        took = time.monotonic() - began
    finally:
        lab.run("kill -CONT $(pidof dockerd)")
    assert verdict.outcome is Outcome.NOT_YET
    assert f"gave up after {seconds} s" in verdict.message
    assert took < seconds + 1


def test_the_hosts_processes_are_listed_with_the_containers_and_their_zombies(
    at: At, lab: Lab
) -> None:
    script = "(sleep 0.1 &); exec sleep 3600"
    undead = stage.start(lab, "undead", "busybox", ["sh", "-c", script])
    stage.until_runs(lab, "undead", "sleep 3600")
    undead.reload()
    first = undead.attrs["State"]["Pid"]
    deadline = time.monotonic() + 10
    while not (dead := [one for one in at.processes() if one.parent == first and one.state == "Z"]):
        assert time.monotonic() < deadline
    assert [one.name for one in dead] == ["sleep"]
    stage.remove(lab, "undead")


def test_a_wait_for_a_command_that_nobody_runs_ends_with_what_runs(lab: Lab) -> None:
    with pytest.raises(CourseError, match=r"`cat` in web.*httpd"):
        stage.until_runs(lab, "web", "cat", seconds=0.2)


def test_what_was_started_a_moment_ago_gets_a_moment_to_listen(at: At, lab: Lab) -> None:
    late = ["sh", "-c", "mkdir /www; echo late > /www/index.html; sleep 1; httpd -f -p 80 -h /www"]
    client = lab.connect()
    container = client.containers.run("busybox", late, ports={"80/tcp": 8081}, detach=True)
    try:
        fresh = At(lab, at.client, Budget(20))
        assert fresh.answers(8081, "late") == "late\n"
        assert fresh.host_accepts("http://localhost:8081/", "none")
        assert not fresh.host_accepts("http://localhost:8081/none", "none")
        container.restart(timeout=0)
        assert At(lab, at.client, Budget(20)).host_accepts("http://localhost:8081/", "none")
        container.kill()
        time.sleep(1)
        began = time.monotonic()
        assert fresh.asked(8081) is None
        assert not fresh.host_accepts("http://localhost:8081/", "none")
        assert time.monotonic() - began < 1.5, "a check that goes on for long does not wait anew"
    finally:
        container.remove(force=True)
        client.close()
