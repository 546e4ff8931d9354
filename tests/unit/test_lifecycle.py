"""The Lifecycle picture, drawn from recorded payloads."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from recordings import PREFIX, crowd, recorded

from course.views.controls import LEGAL
from course.views.lifecycle import Lifecycle
from course.views.stations import BY_STATE, HEIGHT, MOVES, STATIONS, WIDTH, last_move
from course.views.tokens import places
from course.watch.state import Container, Event, State

MOVED = re.compile(r"translate\(([\d.]+)px,([\d.]+)px\)")


def draw(state: State) -> ElementTree.Element:
    return ElementTree.fromstring(Lifecycle().draw(state))


def tokens(state: State) -> dict[str, tuple[float, float]]:
    found = {}
    for group in draw(state).iter("{http://www.w3.org/2000/svg}g"):
        key = group.get("data-key", "")
        if key.startswith("c-"):
            x, y = MOVED.search(group.get("style", "")).groups()  # type: ignore[union-attr]
            found[key[2:]] = (float(x), float(y))
    return found


def test_every_container_stands_in_the_station_of_its_state() -> None:
    state = recorded()
    stands = tokens(state)
    for container in state.containers:
        x, y = stands[container.name]
        station = BY_STATE[container.state]
        assert station.x <= x < station.x + WIDTH
        assert station.y <= y < station.y + HEIGHT


def test_exit_codes_and_reasons_are_written() -> None:
    text = " ".join(node.text or "" for node in draw(recorded()).iter() if "}text" in node.tag)
    for words in ("137", "OOM", "127", "healthy"):
        assert words in text
    titles = [node.text or "" for node in draw(recorded()).iter() if "}title" in node.tag]
    assert f"{PREFIX}old: exited (137), SIGKILL (128 + 9)" in titles
    assert f"{PREFIX}oom: exited (137), out of memory" in titles


def test_in_words() -> None:
    told = Lifecycle().tell(recorded())
    assert f"{PREFIX}web running (healthy)" in told
    assert f"{PREFIX}old exited (137)" in told
    assert Lifecycle().tell(State()) == "no containers"
    assert (
        Lifecycle().tell(crowd(50)) == "10 created, 10 exited, 10 paused, 10 restarting, 10 running"
    )


def test_no_containers() -> None:
    assert tokens(State(connected=True)) == {}


def test_200_containers_do_not_overlap() -> None:
    stands = tokens(crowd(200))
    assert len(set(stands.values())) == len({n for n in stands if n.startswith("web-")}) + len(
        {n for n in stands if not n.startswith("web-")}
    )


@pytest.mark.parametrize("count", [1, 5, 6, 10, 11, 18, 60, 200, 400])
def test_tokens_stay_inside_their_station(count: int) -> None:
    for station in STATIONS:
        spots = places(station, count)
        assert len(spots) == count
        for spot in spots:
            assert station.x <= spot.x
            assert spot.x + spot.w <= station.x + WIDTH
            assert spot.y + spot.h <= station.y + HEIGHT


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "it's", "🐳", "a&b", "x" * 300])
def test_names_are_untrusted(name: str) -> None:
    state = State(containers=(Container("1", name, state="running"),), connected=True)
    svg = Lifecycle().draw(state)
    assert "<script" not in svg
    assert tokens(state).keys() == {name}


def test_a_removed_container_leaves_its_outline() -> None:
    gone = Event(1.0, "container", "destroy", "1", "gone")
    state = State(events=(gone,), connected=True)
    removed = next(station for station in STATIONS if station.state == "removed")
    assert tokens(state)["gone"][1] > removed.y
    back = replace(state, containers=(Container("2", "gone"),))
    assert len(tokens(back)) == 1


def test_elements_keep_their_order_whatever_the_states() -> None:
    one = State(containers=(Container("1", "a"), Container("2", "b")))
    other = State(containers=(Container("1", "a", state="exited"), Container("2", "b")))
    assert list(tokens(one)) == list(tokens(other))
    assert tokens(one)["a"] != tokens(other)["a"]


def sanitised(svg: str) -> str:
    return re.sub(r'(class="[^"]*\btime\b[^"]*">)[^<]*', r"\1TIME", svg)


def test_two_runs_give_one_picture_but_for_its_times() -> None:
    state = recorded()
    ids = {c.id: f"{i:064x}" for i, c in enumerate(state.containers)}
    again = replace(
        state,
        containers=tuple(
            replace(c, id=ids[c.id], created=(c.created or 0) * 1.0001 + 999, pid=c.pid + 7)
            for c in state.containers
        ),
        events=tuple(
            replace(e, id=ids.get(e.id, e.id), time=e.time * 1.01 + 50) for e in state.events
        ),
        seq=99,
    )
    one, other = Lifecycle().draw(state), Lifecycle().draw(again)
    assert one != other
    assert sanitised(one) == sanitised(other)
    assert Lifecycle().tell(state) == Lifecycle().tell(again)


def test_the_engine_that_is_gone_is_told() -> None:
    state = replace(recorded(), connected=False, problem="connection refused")
    assert "does not answer" in Lifecycle().draw(state)
    assert "does not answer" not in Lifecycle().draw(recorded())


@pytest.mark.parametrize(
    ("actions", "move"),
    [
        ([], None),
        (["create"], "create"),
        (["create", "start"], "start"),
        (["create", "start", "die", "start"], "again"),
        (["start", "kill", "die", "stop"], "exit"),
        (["start", "die", "destroy"], "rm"),
        (["create", "destroy"], "discard"),
        (["start", "pause"], "pause"),
    ],
)
def test_the_last_transition_is_marked(actions: list[str], move: str | None) -> None:
    events = tuple(Event(float(i), "container", a, "1", "a") for i, a in enumerate(actions))
    assert last_move(events) == move
    if move:
        assert move in {known.name for known in MOVES}
        assert Lifecycle().draw(State(events=events)).count('class="new-line taken"') == 1


def test_each_state_has_its_legal_actions() -> None:
    assert LEGAL.keys() == BY_STATE.keys() - {"removed", "removing"}
    assert "remove" not in LEGAL["running"] | LEGAL["paused"] | LEGAL["restarting"]


def best(state: State) -> float:
    view, times = Lifecycle(), []
    for _ in range(9):
        start = time.perf_counter()
        view.draw(state)
        times.append(time.perf_counter() - start)
    return min(times)


def test_a_crowd_is_drawn_about_as_fast_as_its_size_says() -> None:
    # A ratio, for machines differ: drawing 200 must not be quadratic in 20.
    assert best(crowd(200)) / best(crowd(20)) < 15
    assert best(crowd(200)) < 0.025  # five times what the course promises, for a busy machine
