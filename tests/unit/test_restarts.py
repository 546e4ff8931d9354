"""The Restarts picture: how containers ended and came back, from recorded engines."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from recordings import RESTARTED, restarted

from course.testing.sanitise import bundle
from course.views.restart_runs import histories, rule, runs
from course.views.restarts import LANE, LANES, LEFT, WIDTH, Restarts, _fitting, _width
from course.views.view import Picture
from course.watch.history import History
from course.watch.state import EVENTS_KEPT, Container, Event, State

SVG = "{http://www.w3.org/2000/svg}"


def told(*names: str, engine: str = "restarts-26.1") -> str:
    return Restarts(*names).tell(restarted(engine))


def event(at: float, action: str, name: str = "a", detail: str = "", **has: str) -> Event:
    return Event(at, "container", action, f"id-{name}", name, detail, has)


def loop(times: int, name: str = "a", lasted: float = 0.5) -> tuple[Event, ...]:
    """A container that fails and is started again, `times` times."""
    found = []
    for at in range(times):
        found += [event(at * 100, "start", name)]
        found += [event(at * 100 + lasted, "die", name, exitCode="1")]
    return tuple(found)


def policed(policy: str = "always", state: str = "exited", **more: object) -> Container:
    return Container("id-a", "a", state=state, restart_policy=policy, **more)  # type: ignore[arg-type]


def verdict(events: tuple[Event, ...], container: Container) -> str:
    return histories(State(events=events, containers=(container,)))[0].verdict


def words(state: State, *names: str) -> str:
    root = ElementTree.fromstring(Restarts(*names).draw(state))
    return " ".join(text.text or "" for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize(
    ("name", "story"),
    [
        ("exit0-no", "(no): start, exit 0, start, exit 0, policy no: no restart"),
        ("exit0-fail", "(on-failure:3): start, exit 0, exit 0 is no failure: no restart"),
        (
            "exit1-fail",
            "(on-failure:3): start, exit 1, wait 0.1 s, restart 1, exit 1, wait 0.2 s, restart 2, "
            "exit 1, wait 0.4 s, restart 3, exit 1, its 3 restarts are used up",
        ),
        ("killed", "(always): start, docker kill, exit 137, docker kill: no restart"),
        ("outside", "(always): start, exit 137, wait 0.1 s, restart 1, running"),
        ("restarted", "(no): start, docker restart, exit 137, start, running"),
        ("rm", ": start, docker rm -f, exit 137, removed"),
        ("sick", "(always): start, unhealthy, running (unhealthy)"),
        (
            "stopped",
            "(always): start, docker stop, exit 137, start, docker kill, exit 137, "
            "docker kill: no restart",
        ),
    ],
)
def test_what_an_engine_did(name: str, story: str) -> None:
    assert told(name).removeprefix(name).strip() == story


def test_a_stop_while_it_waits_is_told_apart() -> None:
    story = told("exit1-always")
    assert story.endswith("exit 1, wait 12.8 s, docker stop while it waited: no restart 8")
    assert "docker stop," not in story


def test_engine_20_10_tells_the_same() -> None:
    def of(name: str) -> str:
        return told(name, engine="restarts-20.10")

    assert of("rec-fail").endswith("restart 3, exit 1, its 3 restarts are used up")
    assert of("rec-ok").endswith("exit 0 is no failure: no restart")
    assert of("rec-stopped").endswith("start, docker stop, exit 137, docker stop: no restart")
    assert of("rec-killed").endswith("start, docker kill, exit 137, docker kill: no restart")
    assert "docker stop while it waited: no restart" in of("rec-loop")
    assert of("rec-outside") == (
        "rec-outside (always): start, exit 137, wait 0.1 s, restart 1, docker restart, exit 137, "
        "start, running"
    )


def test_a_signal_that_is_not_its_stop_signal_leaves_the_policy() -> None:
    """`rec-usr` stops on SIGKILL, and was sent SIGUSR1: the engine started it again."""
    story = told("rec-usr", engine="restarts-20.10")
    assert story == (
        "rec-usr (always): start, kill -s SIGUSR1, exit 4, wait 0.1 s, restart 1, running"
    )


@pytest.mark.parametrize("engine", RESTARTED)
def test_restarts_are_as_many_as_the_engine_counts(engine: str) -> None:
    for one in histories(restarted(engine)):
        if one.container is not None:
            waits = one.runs[-1].restart + bool(one.runs[-1].wait)
            assert waits == one.container.restart_count, one.name


def test_waits_grow_and_end_at_a_minute() -> None:
    assert [rule(wait) for wait in (1, 2, 3, 10)] == pytest.approx([0.1, 0.2, 0.4, 51.2])
    assert rule(11) == rule(5000) == 60


def test_a_long_run_makes_the_next_wait_short() -> None:
    events = (*loop(2), event(200, "start"), event(211, "die", exitCode="1"), event(212, "start"))
    assert [run.wait for run in runs(events, policed(state="running"))] == [1, 2, 1, 0]


def test_a_start_by_hand_counts_from_the_start_again() -> None:
    stop = (
        event(150, "kill", signal="15"),
        event(150.2, "die", exitCode="0"),
        event(150.3, "stop"),
    )
    events = (*loop(1), event(100, "start"), *stop, event(200, "start"), *loop(0))
    found = runs((*events, event(200.5, "die", exitCode="1"), event(201, "start")), policed())
    assert [(run.restart, run.wait) for run in found] == [(0, 1), (1, 0), (0, 1), (1, 0)]


def test_what_waits_now_is_told() -> None:
    assert verdict(loop(3), policed(state="restarting")) == "waits before restart 3"
    state = State(events=loop(3), containers=(policed(state="restarting"),))
    assert "0.4 s" in words(state)


def test_an_engine_may_tell_the_stop_before_the_end() -> None:
    start, kill = event(0, "start"), event(1, "kill", signal="15")
    die, stop = event(2, "die", exitCode="0"), event(2.1, "stop")
    early = replace(stop, time=1.9)
    for events in ((start, kill, die, stop), (start, kill, early, die)):
        assert verdict(events, policed()) == "docker stop: no restart"
        assert [run.wait for run in runs(events, policed())] == [0]


def test_out_of_memory_and_health() -> None:
    events = (event(0, "start"), event(1, "health_status", detail="healthy"), event(2, "oom"))
    events = (*events, event(2.1, "die", exitCode="137"))
    said = words(State(events=events, containers=(policed("no"),)))
    assert "healthy" in said
    assert "out of memory" in said


def test_names_choose_and_those_unknown_are_told() -> None:
    assert told("sick", "nobody").endswith("; nobody: not there")
    assert "nobody" in words(restarted(), "nobody")


def test_a_name_used_again_is_told_once() -> None:
    again = replace(event(500, "start"), id="id-b")
    end = replace(event(501, "die", exitCode="7"), id="id-b")
    found = histories(State(events=(*loop(2), again, end)))
    assert [one.runs[-1].code for one in found] == [7]


def test_what_was_started_at_once_stands_in_the_order_of_names() -> None:
    state = State(events=(*loop(1, "web-3"), *loop(1, "web-1"), *loop(1, "web-2")))
    assert re.findall(r"web-\d", Restarts().tell(state)) == ["web-1", "web-2", "web-3"]
    assert Restarts("web-3", "web-1").tell(state).startswith("web-3")


def test_nothing_yet() -> None:
    assert Restarts().tell(State()) == "nothing yet"
    assert "No container has ended yet" in Restarts().draw(State())


@pytest.mark.parametrize("count", [0, 1, 12])
def test_lanes_are_on_the_card(count: int) -> None:
    events = tuple(one for at in range(count) for one in loop(at + 1, f"c{at}"))
    state = State(events=events)
    root = ElementTree.fromstring(Restarts().draw(state))
    height = float(root.attrib["height"])
    texts = [*root.iter(f"{SVG}text"), *root.iter(f"{SVG}rect")]
    assert all(0 <= float(one.attrib["y"]) <= height for one in texts)
    assert all(0 <= float(one.attrib["x"]) <= WIDTH for one in texts)
    assert height <= LANE * (max(min(count, LANES), 1) + 1)
    if count > LANES:
        assert f"These are the last {LANES} of {count}" in words(state)


def test_of_many_runs_the_last_are_shown() -> None:
    found = runs(loop(60), policed(state="restarting"))
    shown = _fitting(found)
    assert 3 <= len(shown) < 60
    assert shown[-1] == found[-1]
    assert LEFT + sum(_width(run, True) for run in shown) < WIDTH
    state = State(events=loop(60), containers=(policed(state="restarting"),))
    assert f"… {60 - len(shown)} before" in words(state)


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "it's", "🐳", "a&b", "x" * 300])
def test_names_are_untrusted(name: str) -> None:
    events = (
        event(0, "start", name),
        event(1, "health_status", name, detail=name),
        event(2, "kill", name, signal=name),
        event(3, "die", name, exitCode=name),
    )
    one = Container(f"id-{name}", name, state=name, restart_policy=name, stop_signal=name)
    svg = Restarts().draw(State(events=events, containers=(one,)))
    assert "<script" not in svg
    ElementTree.fromstring(svg)


@pytest.mark.parametrize("engine", RESTARTED)
def test_times_differ_and_the_still_does_not(engine: str) -> None:
    def still(state: State) -> dict[str, object]:
        view = Restarts()
        return bundle(Picture(view.draw(state), view.tell(state))._repr_mimebundle_())

    state = restarted(engine)
    first = min(one.time for one in state.events)
    # Slower by a fifth: a run of ten seconds would be another matter.
    slow = tuple(replace(one, time=first + (one.time - first) * 0.8) for one in state.events)
    again = replace(state, events=slow)
    assert Restarts().draw(state) != Restarts().draw(again)
    assert still(state) == still(again)
    codes = tuple(
        replace(one, attributes={**one.attributes, "exitCode": "9"}) if one.action == "die" else one
        for one in state.events
    )
    assert still(state) != still(replace(state, events=codes))


def test_health_checks_do_not_push_restarts_out_of_the_history() -> None:
    history = History()
    start = history.newest
    for at, one in enumerate(loop(3)):
        history.record(replace(one, time=start + at / 100))
    for at in range(3 * EVENTS_KEPT):
        history.record(event(start + 1 + at, "exec_create", "sick", detail="redis-cli ping"))
    assert len(history.events) == EVENTS_KEPT
    assert [one.action for one in history.events][:6] == ["start", "die"] * 3
    history.record(event(start + 9999, "die"))
    assert history.events[-1].action == "die"


def test_two_hundred_events_are_drawn_soon() -> None:
    events = tuple(one for at in range(10) for one in loop(10, f"c{at}"))
    view, state, times = Restarts(), State(events=events), []
    for _ in range(9):
        start = time.perf_counter()
        view.draw(state)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.02  # ten times what is usual, for a busy machine


def test_words_hold_no_times_or_ids() -> None:
    said = re.sub(r"wait [\d.]+ s", "wait", told())
    assert not re.search(r"\d\.\d|[0-9a-f]{12}", said)
