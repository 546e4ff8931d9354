from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests
import urllib3
from docker.errors import APIError, DockerException

from course.errors import CourseError
from course.watch.sampler import Sample, Sampler

EVERY = 0.05  # seconds


class Source:
    """Something to read that counts, that can go away, and that notes who reads it."""

    def __init__(self) -> None:
        self.count, self.gone, self.let_gos = 0, False, 0
        self.threads: set[threading.Thread] = set()

    def read(self) -> int:
        self.threads.add(threading.current_thread())
        if self.gone:
            raise ConnectionError("refused")
        self.count += 1
        return self.count

    def let_go(self) -> None:
        self.let_gos += 1


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def sampler(source: Source) -> Iterator[Sampler[int]]:
    sampler = Sampler(source.read, 0, EVERY, source.let_go)
    yield sampler
    sampler.close()


def until(probe: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_nothing_is_read_until_somebody_looks(source: Source, sampler: Sampler[int]) -> None:
    time.sleep(2 * EVERY)
    assert (source.count, sampler.state, sampler.is_reading) == (0, Sample(0, unread=True), False)


def test_it_reads_while_somebody_looks(source: Source, sampler: Sampler[int]) -> None:
    heard: list[Sample[int]] = []
    leave = sampler.subscribe(heard.append)
    until(lambda: len(heard) >= 3)
    leave()
    leave()  # a second time does nothing
    until(lambda: not sampler.is_reading)
    assert [(one.value, one.seq) for one in heard[:3]] == [(1, 1), (2, 2), (3, 3)]
    assert all(one.connected for one in heard)
    assert (len(source.threads), source.let_gos) == (1, 1)
    assert threading.current_thread() not in source.threads
    seen = source.count
    time.sleep(3 * EVERY)
    assert source.count == seen


def test_the_last_who_looks_counts(source: Source, sampler: Sampler[int]) -> None:
    first, second = sampler.subscribe(lambda _: None), sampler.subscribe(lambda _: None)
    first()
    first()
    seen = source.count
    until(lambda: source.count > seen + 1)
    second()
    until(lambda: not sampler.is_reading)


def test_settle_reads_now(source: Source) -> None:
    ready = []
    sampler = Sampler(source.read, 0, 60, source.let_go, lambda: ready.append(source.count))
    assert sampler.settle() == Sample(1, 1, connected=True)
    until(lambda: not sampler.is_reading)
    with_somebody = sampler.subscribe(lambda _: None)
    until(lambda: source.count == 2)
    start = time.monotonic()
    assert sampler.settle().value == 3
    assert time.monotonic() - start < 1
    assert ready == [0, 2]
    with_somebody()
    sampler.close()
    assert sampler.settle() == sampler.state


def test_settle_is_bounded(source: Source) -> None:
    slow = threading.Event()
    sampler = Sampler(lambda: slow.wait(5), False)
    start = time.monotonic()
    assert sampler.settle(timeout=0.1) == Sample(False, unread=True)
    assert time.monotonic() - start < 2
    slow.set()
    sampler.close()


def test_what_goes_away_and_comes_back(
    source: Source, sampler: Sampler[int], capfd: pytest.CaptureFixture[str]
) -> None:
    leave = sampler.subscribe(lambda _: None)
    until(lambda: sampler.state.value >= 1)
    source.gone = True
    until(lambda: not sampler.state.connected)
    lost = sampler.state
    assert (lost.value, lost.problem) == (source.count, "refused")
    assert not lost.refused
    assert source.let_gos >= 1
    source.gone = False
    until(lambda: sampler.state.connected)
    assert sampler.state.value > lost.value
    assert sampler.state.problem == ""
    leave()
    until(lambda: not sampler.is_reading)
    assert len(source.threads) == 1
    assert capfd.readouterr() == ("", "")


def test_who_looks_and_fails_does_not_end_it(source: Source, sampler: Sampler[int]) -> None:
    leave = sampler.subscribe(lambda _: 1 / 0)
    until(lambda: source.count >= 3)
    leave()
    assert isinstance(sampler.problem, ZeroDivisionError)


def test_closed_is_for_good(source: Source, sampler: Sampler[int]) -> None:
    sampler.subscribe(lambda _: None)
    until(lambda: source.count)
    sampler.close()
    assert not sampler.is_reading
    seen = source.count
    sampler.subscribe(lambda _: None)
    time.sleep(2 * EVERY)
    assert (source.count, sampler.is_reading) == (seen, False)


def test_a_connection_that_cannot_be_closed_is_no_matter(source: Source) -> None:
    def fail() -> None:
        raise OSError("it is gone")

    sampler = Sampler(source.read, 0, EVERY, fail)
    assert sampler.settle().value == 1
    until(lambda: not sampler.is_reading)
    assert sampler.settle().value == 2
    sampler.close()


@pytest.mark.parametrize(
    ("problem", "refused"),
    [
        (CourseError("Read the processes."), True),
        (APIError("409 Client Error", explanation="is not running"), True),
        (LookupError("x"), True),
        (DockerException("Error while fetching server API version"), False),
        (requests.exceptions.ReadTimeout("read timed out"), False),
        (urllib3.exceptions.ProtocolError("Connection broken"), False),
        (http.client.BadStatusLine("x"), False),
    ],
)
def test_who_answers_with_something_else_is_not_gone(problem: Exception, refused: bool) -> None:
    def read() -> int:
        raise problem

    sampler = Sampler(read, 0)
    told = sampler.settle()
    assert (told.connected, told.refused, told.unread) == (False, refused, True)
    sampler.close()
