"""The engine's clock is another one: what is asked of it is asked in its time."""

from __future__ import annotations

import time
from queue import SimpleQueue
from typing import Any

import pytest
import requests
from quiet_engine import QuietEngine

from course.watch.history import History
from course.watch.session import Session
from course.watch.state import Event
from course.watch.stream import missed


@pytest.mark.parametrize("ahead", [-3600.0, -20.0, 20.0, 3600.0])
def test_an_engine_whose_clock_differs_is_asked_in_its_own_time(ahead: float) -> None:
    history = History()
    before = time.time()
    history.sync(before, before + 0.02 + ahead, before + 0.05)
    assert before - 0.1 + ahead < history.newest < before + ahead + 0.01, "nothing is left out"
    assert before + ahead <= history.now() < time.time() + ahead + 0.06
    newest = history.newest
    history.sync(before, before + ahead, before + 0.05)
    assert history.newest == newest, "a later connection goes on where the last one ended"


@pytest.mark.parametrize("told", [-0.04, 0.0, 0.02, 0.05, 0.09])
def test_clocks_that_agree_are_taken_for_one(told: float) -> None:
    history = History()
    newest, before = history.newest, time.time()
    history.sync(before, before + told, before + 0.05)
    assert history.newest == newest
    assert before <= history.now() <= time.time()


def test_an_event_from_ahead_moves_the_clock() -> None:
    history = History()
    history.record(Event(time.time() + 5, "container", "start", "1"))
    assert history.now() >= history.newest


class Engine(QuietEngine):
    """Its clock is 20 seconds behind; it refuses to tell backwards, as a real one does."""

    ahead = -20.0
    asked: tuple[float, float]

    def events(self, since: str, until: str = "", **_: object) -> list[dict[str, Any]]:
        Engine.asked = float(since), float(until or since)
        return []


def test_a_session_asks_for_no_moment_that_is_to_come() -> None:
    with Session(Engine, History(), SimpleQueue()) as one:  # type: ignore[arg-type]
        assert Engine.asked[0] < time.time() - 19
        assert one.settle().connected
    since, until = Engine.asked
    assert since <= until < time.time() - 18


def test_until_is_never_before_since() -> None:
    missed(Engine(), 9.0, 5.0)  # type: ignore[arg-type]
    assert Engine.asked == (9.0, 9.0)


def test_an_engine_that_tells_no_time_is_taken_to_have_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(*_: object, **__: object) -> dict[str, str]:
        raise requests.ReadTimeout

    for answer in (lambda *_, **__: {}, slow):
        monkeypatch.setattr(Engine, "_get", answer)
        history = History()
        newest = history.newest
        with Session(Engine, history, SimpleQueue()):  # type: ignore[arg-type]
            assert history.newest == newest
