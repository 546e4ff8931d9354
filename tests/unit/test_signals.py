"""The Signals picture: who was told to stop, how long it took, how it ended."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from recordings import PREFIX, recorded

from course.views.lanes import lanes, number
from course.views.signals import Signals
from course.watch.state import Container, Event, State


def story(name: str, *told: tuple[float, str, dict[str, str]]) -> tuple[Event, ...]:
    start = Event(100.0, "container", "start", f"id-{name}", name)
    return (
        start,
        *(Event(100 + t, "container", a, f"id-{name}", name, "", has) for t, a, has in told),
    )


TERM, KILL = {"signal": "15"}, {"signal": "9"}
CLEAN = story("a", (1, "kill", TERM), (1.1, "die", {"exitCode": "0"}), (1.2, "stop", {}))
FORCED = story(
    "b", (1, "kill", TERM), (11, "kill", KILL), (11.1, "die", {"exitCode": "137"}), (12, "stop", {})
)
SHOT = story("c", (1, "kill", KILL), (1.1, "die", {"exitCode": "137"}))
ASKED = story("d", (1, "kill", TERM), (1.1, "die", {"exitCode": "143"}))


def grace(events: tuple[Event, ...]) -> list[bool]:
    return [mark.grace for mark in lanes(State(events=events))[0].marks]


def test_what_the_engine_recorded() -> None:
    told = Signals().tell(recorded())
    assert f"{PREFIX}old start, SIGTERM, SIGKILL, exit 137" in told
    assert f"{PREFIX}oom start, exit 137" in told
    assert "out of memory" in Signals().draw(recorded())


@pytest.mark.parametrize(
    ("events", "granted"),
    [
        (CLEAN, [False, True, False]),
        (FORCED, [False, True, False, False]),
        (SHOT, [False, False, False]),
        (ASKED, [False, False, False]),  # docker kill -s TERM: no SIGKILL is due
    ],
)
def test_only_a_stop_opens_a_grace_period(events: tuple[Event, ...], granted: list[bool]) -> None:
    assert grace(events) == granted


def test_an_engine_may_tell_the_stop_before_the_end() -> None:
    start, kill, die, stop = CLEAN
    assert grace((start, kill, stop, die)) == grace(CLEAN)
    swapped = (Event(101.2, *_rest(die)), Event(101.1, *_rest(stop)))
    assert grace((start, kill, *swapped)) == grace(CLEAN)


def _rest(event: Event) -> tuple[object, ...]:
    return (event.type, event.action, event.id, event.name, event.detail, event.attributes)


def test_a_signal_without_an_answer_yet_is_a_grace_period() -> None:
    assert grace(CLEAN[:2]) == [False, True]
    assert "now" in Signals().draw(State(events=CLEAN[:2]))


def test_exit_codes_are_explained() -> None:
    svg = Signals().draw(State(events=FORCED))
    for words in ("SIGTERM", "SIGKILL", "exit 137", "128 + 9", "10 s"):
        assert f">{words}</text>" in svg


def test_times_differ_and_the_picture_does_not() -> None:
    slow = tuple(Event(e.time * 3, *_rest(e)) for e in FORCED)
    one, other = (Signals().draw(State(events=told)) for told in (FORCED, slow))
    assert one != other
    hidden = [re.sub(r'(time">)[^<]*', r"\1", svg) for svg in (one, other)]
    assert hidden[0] == hidden[1]


def test_a_name_used_again_has_a_lane_of_its_own() -> None:
    again = tuple(
        Event(e.time + 50, e.type, e.action, "id-2", "a", "", e.attributes) for e in CLEAN
    )
    assert [lane.key for lane in lanes(State(events=CLEAN + again))] == ["a-1", "a-2"]


def test_names_are_untrusted() -> None:
    nasty = '"><script>'
    events = tuple(Event(e.time, e.type, e.action, "1", nasty, "", e.attributes) for e in CLEAN)
    state = State(events=events, containers=(Container("1", nasty, stop_signal="<b>"),))
    svg = Signals().draw(state)
    assert "<script" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)


def test_nothing_yet() -> None:
    assert Signals().tell(State()) == "nothing yet"
    assert "No container has been stopped" in Signals().draw(State())


@pytest.mark.parametrize(("written", "value"), [("15", 15), ("TERM", 15), ("SIGKILL", 9), ("?", 0)])
def test_signals_as_engines_write_them(written: str, value: int) -> None:
    assert number(written) == value
