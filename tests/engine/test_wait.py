"""Waiting for a container: it becomes ready, it ends meanwhile, it never gets ready."""

from __future__ import annotations

import time
from functools import partial

import pytest
from kit_fixtures import Run, kit_engine, run

from course.engine.sandbox import Sandbox
from course.engine.wait import wait
from course.errors import CourseError

__all__ = ["kit_engine", "run"]
pytestmark = pytest.mark.engine


def test_it_becomes_ready(box: Sandbox, run: Run) -> None:
    run("busybox", "sh", "-c", "sleep 1; touch /ready; sleep 60", name="slow")
    told: list[float] = []
    seconds, saw = wait(
        box.client, "slow", "ls /ready", report=lambda step, done=0, total=None: told.append(done)
    )
    assert 0.5 < seconds < 20
    assert saw == "exit code 0, and said: /ready"
    assert told == sorted(told)
    assert told[-1] == 60  # the step is over


def test_a_command_may_be_a_list(box: Sandbox, run: Run) -> None:
    run("busybox", "sleep", "60", name="quick")
    _, saw = wait(box.client, "quick", ["sh", "-c", "echo $((1 + 1))"], timeout=20)
    assert saw == "exit code 0, and said: 2"


def test_a_command_that_says_nothing_needs_no_words(box: Sandbox, run: Run) -> None:
    run("busybox", "sleep", "60", name="silent")
    assert wait(box.client, "silent", "true", timeout=20)[1] == ""
    with pytest.raises(CourseError, match="exit code 1, and said: nothing"):
        wait(box.client, "silent", "false", timeout=1)


def test_the_container_ends_meanwhile(box: Sandbox, run: Run) -> None:
    run("busybox", "sh", "-c", "echo no space; sleep 1; exit 3", name="weak")
    began = time.monotonic()
    with pytest.raises(CourseError, match=r"weak until `ls /ready`") as caught:
        wait(box.client, "weak", "ls /ready", timeout=60)
    assert time.monotonic() - began < 30
    assert "The container ended meanwhile" in caught.value.got
    assert "exited with exit code 3" in caught.value.got
    assert "The end of its log: no space" in caught.value.got


def test_it_never_gets_ready(box: Sandbox, run: Run) -> None:
    run("busybox", "sh", "-c", "echo still at it; sleep 60", name="lazy")
    began = time.monotonic()
    with pytest.raises(CourseError, match="Not after 2 s") as caught:
        wait(box.client, "lazy", "ls /ready", timeout=2)
    assert time.monotonic() - began < 10
    assert "exit code 1, and said: ls: /ready: No such file" in caught.value.got
    assert "The container is running. The end of its log: still at it" in caught.value.got
    assert "timeout=" in caught.value.todo


def test_a_command_that_never_returns(box: Sandbox, run: Run) -> None:
    run("busybox", "sleep", "60", name="stuck")
    began = time.monotonic()
    with pytest.raises(CourseError, match="the last look saw the command did not return"):
        wait(box.client, "stuck", "sleep 50", timeout=2)
    assert time.monotonic() - began < 10


def test_a_program_that_is_not_there_is_no_reason_to_wait(box: Sandbox, run: Run) -> None:
    run("busybox", "sleep", "60", name="bare")
    began = time.monotonic()
    with pytest.raises(CourseError, match="executable file not found"):
        wait(box.client, "bare", "mysqladmin ping", timeout=60)
    assert time.monotonic() - began < 20


def test_a_container_that_is_not_there(box: Sandbox) -> None:
    with pytest.raises(CourseError, match="no container of this name"):
        wait(box.client, "nobody", "true", timeout=20)


def test_health(box: Sandbox, run: Run) -> None:
    check = {"test": ["CMD", "ls", "/ready"], "interval": 10**9 // 2, "retries": 100}
    script = partial(run, "busybox", "sh", "-c", healthcheck=check)
    script("touch /ready; sleep 60", name="fit")
    _, saw = wait(box.client, "fit", timeout=30)
    assert saw == "running (healthy)"
    script("sleep 60", name="ill")
    with pytest.raises(CourseError, match=r"ill to be healthy.*running \(starting\)"):
        wait(box.client, "ill", timeout=2)
    run("busybox", "sleep", "60", name="unchecked")
    assert wait(box.client, "unchecked", timeout=20)[1] == "running"
