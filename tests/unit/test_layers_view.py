from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from test_build_layers import matched
from test_builds import RECORDED, classic, cli

from course.testing.markup import markup
from course.views.layers import WIDTH, Layers
from course.views.svg import text_width, wrap
from course.watch.build import Build, Step
from course.watch.build_classic import ClassicStream
from course.watch.builds import Builds
from course.watch.recorder import Finished

SVG = "{http://www.w3.org/2000/svg}"


def draw(*builds: Build) -> str:
    return Layers().draw(Builds(builds, 1))


def texts(*builds: Build) -> list[str]:
    root = ET.fromstring(draw(*builds))
    return [node.text for node in root.iter("{http://www.w3.org/2000/svg}text") if node.text]


def ties(*builds: Build) -> int:
    return draw(*builds).count('data-key="tie-')


def test_which_builder_it_was() -> None:
    assert "classic builder" in texts(classic("first"))
    assert "BuildKit" in texts(matched("first"))
    assert "finished image" in texts(Build(name="x", is_over=True))


def test_steps_and_their_layers() -> None:
    shown = texts(matched("first"))
    assert "RUN echo hello > /hello && sleep 1" in shown
    assert shown.count("built") == 5
    assert shown.count("layer") == 6
    assert shown.count("configuration, no layer") == 2
    assert {"5.21kB", "1.8 s", "3.11MB", "300kB"} <= set(shown)


@pytest.mark.parametrize("count", [3, 4, 7])
def test_of_many_builds_three_are_drawn_and_the_others_named(count: int) -> None:
    builds = [replace(matched("first"), name=f"build-{at}:1") for at in range(count)]
    root = ET.fromstring(draw(*builds))
    heads = [node.text for node in root.iter(f"{SVG}text") if (node.text or "")[:6] == "build-"]
    assert heads == ["build-0:1", "build-1:1", "build-2:1"]
    rest = [node.text for node in root.iter(f"{SVG}text") if (node.text or "").startswith("… and")]
    names = ", ".join(f"build-{at}:1" for at in range(3, count))
    assert rest == ([f"… and {count - 3} more: {names}"] if names else [])
    boxes = [
        (float(box.get("x", 0)), float(box.get("width", 0))) for box in root.iter(f"{SVG}rect")
    ]
    assert all(x >= 0 and x + width <= WIDTH for x, width in boxes)
    assert Layers().tell(Builds(tuple(builds), 1)).count("BuildKit") == count


def test_a_build_under_way() -> None:
    parser = ClassicStream("app")
    for at, message in RECORDED["classic"]["first"]["stream"][:10]:
        parser.take(message, at)
    shown = texts(parser.build)
    assert {"step 3 of 8", "running", "… 5 more steps"} <= set(shown)


def test_two_builds_with_shared_layers_are_tied() -> None:
    first, cached = matched("first"), matched("cached")
    assert ties(first, cached) == 6
    assert texts(first, cached).count("shared layer") == 12
    assert "6 layers are shared" in Layers().tell(Builds((first, cached), 1))
    assert ties(first) == 0


def test_ties_of_three_builds_have_keys_of_their_own() -> None:
    keys = re.findall(r'data-key="(tie-[^"]*)"', draw(*[matched("first")] * 3))
    assert len(set(keys)) == len(keys) == 12
    assert {"tie-0", "tie-1-0"} <= set(keys)


def test_a_failure_is_told_once_in_a_paragraph() -> None:
    build = cli("rawjson", "fail")
    shown = texts(build)
    assert "failed" in shown
    assert "no image" in shown
    assert {"before", "oops"} <= set(shown)
    assert "Step 3 of 4 failed: RUN echo before" in " ".join(shown)
    assert "Step 3 of 4 failed" in Layers().tell(Builds((build,), 1))
    assert "2 more steps, not reached" not in shown
    assert "1 more step, not reached" in texts(classic("fail"))


@pytest.mark.parametrize("kind", ["rawjson", "plain", "plain-20.10"])
def test_an_error_in_the_dockerfile_is_told_with_its_line(kind: str) -> None:
    build = cli(kind, "syntax")
    shown = " ".join(texts(build))
    assert "no image" in shown
    if kind != "plain-20.10":  # there the builder names the line and does not show it
        assert "Line 3 of the Dockerfile: RUNN echo two. The builder said:" in shown
    assert "line 3: unknown instruction: RUNN" in shown
    assert "no step begun. " in Layers().tell(Builds((build,), 1))


def test_stages_have_headings_where_there_are_several() -> None:
    assert "stage build: not part of the image" in texts(matched("multi"))
    assert not [words for words in texts(matched("first")) if words.startswith("stage")]


def test_times_and_sizes_are_not_compared() -> None:
    build = matched("first")
    steps = tuple(
        replace(step, seconds=(step.seconds or 0) + 40, size=(step.size or 0) * 3 or None)
        if step.layers
        else step
        for step in build.steps
    )
    steps = tuple(replace(s, size=s.size or 0) for s in steps)
    other = replace(build, steps=steps, seconds=99.0, context=10**7, size=10**9)
    assert draw(build) != draw(other)
    assert markup(draw(build)) == markup(draw(other))


@pytest.mark.parametrize(
    "change",
    [{"state": "cached"}, {"instruction": "RUN other"}, {"layers": 0}],
    ids=["cached", "instruction", "no layer"],
)
def test_what_happened_is_compared(change: dict[str, object]) -> None:
    build = matched("first")
    steps = list(build.steps)
    steps[2] = replace(steps[2], **change)  # type: ignore[arg-type]
    assert markup(draw(build)) != markup(draw(replace(build, steps=tuple(steps))))


def test_the_builders_words_are_escaped() -> None:
    evil = "<script>&\"'\x00</script>"
    step = Step(f"RUN {evil}", "failed", stage=evil, said=(evil,), layer=evil)
    build = Build("BuildKit", evil, (step, replace(step, stage="b")), problem=evil, is_over=True)
    root = ET.fromstring(draw(build))
    assert not [node for node in root.iter() if "script" in node.tag]


def test_a_picture_draws_the_last_lines_of_a_failure_and_the_text_has_them_all() -> None:
    said = tuple(f"line {n}" for n in range(30))
    step = Step("RUN npm ci", "failed", said=said)
    build = Build("BuildKit", steps=(step,), total=1, problem="exit code: 1", is_over=True)
    assert [line for line in texts(build) if line.startswith("line ")] == list(said[-5:])
    view = Layers([Finished(build)])
    assert view.problem.splitlines()[1:] == [f"  | {line}" for line in said]


def test_a_long_dockerfile_is_cut() -> None:
    steps = tuple(Step(f"RUN step {n}", "built", size=1, layers=1) for n in range(60))
    shown = texts(Build("BuildKit", steps=steps, is_over=True))
    assert "… 36 earlier steps" in shown
    assert "RUN step 59" in shown


def test_the_view_of_builds_that_are_over() -> None:
    view = Layers([Finished(matched("first")), Finished(cli("rawjson", "fail"))])
    assert view.wait(0) is view
    assert len(view.builds) == 2
    assert view.image == ""  # the last one failed
    assert view.problem.startswith("Step 3 of 4 failed")
    assert list(view.steps()["build"].unique()) == ["plainfile:kit", "build 2"]
    assert repr(view).startswith("Layers: plainfile:kit (BuildKit): FROM busybox: base image")
    view.close()


def test_nothing_yet() -> None:
    assert texts() == ["No build yet."]


def test_lines_of_a_paragraph() -> None:
    words = "one two three four five six seven eight nine ten " * 9
    lines = wrap(words, 12, 200, most=4)
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert all(text_width(line, 12) <= 200 for line in lines)
    assert wrap("x" * 400, 12, 100)[0].endswith("…")
    assert wrap("", 12, 100) == []
