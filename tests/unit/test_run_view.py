from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET
from dataclasses import replace

import docker
import pytest
from recorded import calls, events

from course.testing.markup import markup
from course.trace.call import Call
from course.trace.table import Trace
from course.views.live import LiveView
from course.views.run import YOU, WhatRunDoes, draw_run, tell_run
from course.views.story import Step, story
from course.views.svg import text_width
from course.watch.state import State


def steps(name: str = "run_pulls") -> tuple[Step, ...]:
    return story(calls(name), events(name))


def by_verb(name: str) -> dict[str, Step]:
    return {step.verb: step for step in steps(name)}


def view(name: str) -> WhatRunDoes:
    trace = Trace(docker.APIClient("tcp://127.0.0.1:1", version="1.45"), show=False)
    trace._recorder._calls[:] = calls(name)
    return WhatRunDoes(trace, events(name))


def test_each_call_has_what_the_engine_did_for_it() -> None:
    done = {step.number: step.done for step in steps()}
    assert done[1] == ()
    assert done[2] == ("image pull",)
    assert done[4] == ("container create",)
    assert set(done[6]) == {"network connect", "container start"}
    assert set(done[9]) == {"container die", "network disconnect"}
    assert done[10] == ("container destroy",)


def test_every_event_of_the_run_has_found_its_call() -> None:
    told = {what for step in steps() for what in step.done}
    assert told == {f"{event.type} {event.action}" for event in events("run_pulls")}


def test_another_containers_events_are_left_out() -> None:
    alone = story(calls("run_again"), events("run_pulls"))
    assert all(not step.done for step in alone)


def test_only_a_pull_goes_to_the_registry() -> None:
    assert [step.number for step in steps() if step.image] == [2]
    assert "busybox:latest" in draw_run(steps())
    assert "manifest and layers" in draw_run(steps())
    assert "manifest and layers" not in draw_run(steps("run_again"))


def test_a_pull_that_is_refused() -> None:
    missing = steps("run_missing")
    picture = draw_run(missing)
    assert tell_run(missing) == "create 404, pull 404"
    assert "✗ refused, or not reached" in picture
    assert "manifest unknown" in missing[1].error


def test_names_stand_for_ids() -> None:
    assert by_verb("run_pulls")["start"].request == "POST /containers/hello/start"
    assert by_verb("run_again")["start"].request == "POST /containers/…/start"
    assert not re.search("[0-9a-f]{64}", draw_run(steps("run_again")))


@pytest.mark.parametrize("path", [f"/networks/{'ab' * 32}", "/volumes/my-data", "/nodes/node1"])
def test_to_ask_for_one_object_is_to_inspect_it(path: str) -> None:
    (step,) = story([Call(1, "GET", path, status=200, ms=3)])
    assert step.verb == "inspect"


def test_a_verb_stays_in_its_column() -> None:
    (step,) = story([Call(1, "GET", f"/plugins/{'x' * 64}", status=200, ms=3)])
    texts = [node.text or "" for node in ET.fromstring(draw_run((step,))).iter()]
    (shown,) = [text for text in texts if text.startswith("xxx")]
    assert text_width(shown, 13) * 1.12 < YOU - 54


def test_the_picture_unfolds_without_changing_its_size() -> None:
    def frame(shown: int | None) -> ET.Element:
        return ET.fromstring(draw_run(steps(), (), shown))

    def rows(shown: int | None) -> int:
        return len([g for g in frame(shown).iter() if g.get("data-key", "").startswith("step-")])

    assert [rows(n) for n in (0, 1, 5, None)] == [0, 1, 5, 10]
    assert {frame(n).get("viewBox") for n in (0, 5, None)} == {frame(None).get("viewBox")}


def test_a_still_differs_from_run_to_run_in_nothing_that_is_compared() -> None:
    slow = [replace(call, ms=(call.ms or 0) * 31 + 7) for call in calls("run_pulls")]
    first, second = draw_run(steps()), draw_run(story(slow, events("run_pulls")))
    assert first != second
    assert markup(first) == markup(second)


def test_another_status_does_show_in_what_is_compared() -> None:
    other = [replace(call, status=200) for call in calls("run_pulls")]
    assert markup(draw_run(steps())) != markup(draw_run(story(other, events("run_pulls"))))


def test_the_engines_words_are_escaped() -> None:
    evil = "<script>&\"'"
    wild = [replace(step, error=evil, cli=evil, request=evil, done=(evil,)) for step in steps()]
    root = ET.fromstring(draw_run(wild, (evil,)))
    assert not [node for node in root.iter() if "script" in node.tag]
    assert evil in [node.text for node in root.iter() if node.text]


def test_success_and_failure_have_marks_besides_colours() -> None:
    texts = [node.text or "" for node in ET.fromstring(draw_run(steps())).iter()]
    assert len([text for text in texts if text.startswith("✗ 404")]) == 1
    assert len([text for text in texts if text.startswith("✓ 20")]) == 9


def test_the_view_tells_the_whole_story_and_replays_it() -> None:
    shown = view("run_pulls")
    assert shown.commands == ("docker run --rm --name hello busybox echo 'hi  there'",)
    assert repr(shown).startswith("What run does: create 404, pull 200")
    assert "step-10" in shown.draw(State())
    player = shown.replay()
    shown.close()
    player.join(5)
    assert not player.is_alive()


def test_a_replay_that_is_broken_off_ends_with_the_whole_story() -> None:
    def rows(live: LiveView) -> int:
        return live.picture.count('data-key="step-')

    story_of_run, lives = view("run_pulls"), []
    for _ in range(2):  # the second display ends the first one's replay
        story_of_run._repr_mimebundle_()
        live = story_of_run._live
        assert live is not None
        deadline = time.monotonic() + 5
        while rows(live) == 10:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        lives.append(live)
    story_of_run.close()
    assert [rows(live) for live in lives] == [10, 10]


def test_no_calls_make_a_picture_too() -> None:
    assert tell_run(()) == "no calls"
    ET.fromstring(draw_run(()))
