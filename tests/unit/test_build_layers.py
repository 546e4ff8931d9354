"""Steps against layers, on histories that were recorded from engine 26.1.5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_builds import RECORDED, cli

from course.watch.build import Build, shared_layers
from course.watch.build_layers import align, instruction_of, match_layers
from course.watch.builds import Builds, SideBySide, steps_frame
from course.watch.recorder import Finished

BASE = 6  # entries of the kit's busybox


def entries(kind: str, name: str) -> list[dict[str, Any]]:
    return RECORDED[kind][name]["image"]["history"][::-1]


def digests(kind: str, name: str) -> tuple[str, ...]:
    return tuple(RECORDED[kind][name]["image"]["inspect"]["RootFS"]["Layers"])


def matched(name: str, base: int | None = BASE, kind: str = "rawjson") -> Build:
    size = RECORDED[kind][name]["image"]["inspect"]["Size"]
    build = replace(cli(kind, name), layers=digests(kind, name), size=size)
    return match_layers(build, entries(kind, name), base)


def test_each_step_has_its_layer_and_size() -> None:
    build = matched("first")
    told = [(step.verb, step.state, step.size, step.layer[:10]) for step in build.steps]
    layer = [digest[:10] for digest in digests("rawjson", "first")]
    assert told == [
        ("FROM", "base", 3109152, ""),
        ("ENV", "config", 0, ""),
        ("RUN", "built", 6, layer[1]),
        ("WORKDIR", "built", 0, layer[2]),
        ("COPY", "built", 5157, layer[3]),
        ("RUN", "built", 0, layer[4]),
        ("RUN", "built", 300000, layer[5]),
        ("CMD", "config", 0, ""),
    ]
    assert build.steps[0].layers == 1
    assert build.total == 8


def test_without_the_base_image_what_is_first_is_thought_to_be_its() -> None:
    verbs = [step.verb for step in matched("first", None).steps]
    assert verbs == ["FROM", "RUN", "WORKDIR", "COPY", "RUN", "RUN", "CMD"]


@pytest.mark.parametrize("kind", ["rawjson", "plain"])
def test_a_stage_that_is_left_has_no_sizes(kind: str) -> None:
    build = matched("multi", kind=kind)
    left = [step for step in build.steps if step.is_left]
    assert [step.verb for step in left] == ["FROM", "RUN"]
    assert [step.size for step in left] == [None, None]
    kept = [step for step in build.steps if not step.is_left]
    assert [step.verb for step in kept] == ["FROM", "RUN", "COPY", "CMD"]
    assert [step.size for step in kept] == [3109152, 6, 5, 0]


def test_two_builds_share_what_has_one_digest() -> None:
    first, cached = matched("first"), matched("cached")
    assert shared_layers([first, cached]) == frozenset(digests("rawjson", "first"))
    other = replace(cached, layers=("sha256:1", digests("rawjson", "first")[0]))
    assert shared_layers([first, other]) == {digests("rawjson", "first")[0]}
    assert shared_layers([first]) == frozenset()


def entry(created_by: str, size: int) -> dict[str, Any]:
    return {"Id": "<missing>", "CreatedBy": created_by, "Size": size}


def test_what_is_not_certain_is_not_told() -> None:
    # One of the two empty RUNs has a layer: the history does not say which.
    history = [entry("COPY . .", 5), entry("RUN true", 0), entry("RUN :", 0), entry("RUN x", 7)]
    assert align(history, ["a", "b", "c"]) == ["a", "?", "?", "c"]
    assert align(history, ["a", "b", "c"], [1, 1, 2, 3]) == ["a", "", "b", "c"]
    assert align(history, ["a", "b"]) == ["a", "", "", "b"]
    assert align(history, ["a", "b", "c", "d"]) == ["a", "b", "c", "d"]


def test_a_metadata_step_never_has_a_layer() -> None:
    history = [entry("COPY . .", 5), entry("ENV A=1", 0), entry("WORKDIR /a", 0)]
    assert align(history, ["a", "b"]) == ["a", "", "b"]


@pytest.mark.parametrize(
    ("created_by", "wanted"),
    [
        ('/bin/sh -c #(nop)  CMD ["sh"]', 'CMD ["sh"]'),
        ("/bin/sh -c apt-get update", "RUN apt-get update"),
        ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
        ("COPY . . # buildkit", "COPY . ."),
        (f"/bin/sh -c #(nop) COPY dir:{'5a4b' * 16} in / ", "COPY dir:… in /"),
        ("", "imported file system"),
    ],
)
def test_instructions_read_like_the_dockerfile(created_by: str, wanted: str) -> None:
    assert instruction_of(created_by) == wanted


def test_the_table() -> None:
    frame = steps_frame([matched("first")])
    assert list(frame.columns) == ["step", "instruction", "cached", "seconds", "size", "layer"]
    assert list(frame["size"])[:3] == ["3.11MB", "0B", "6B"]
    assert not frame["cached"].any()
    assert frame["seconds"][2] == 1.8
    assert len(frame["layer"][2]) == 12
    both = steps_frame([matched("first"), matched("cached")])
    assert set(both["build"]) == {"plainfile:kit"}
    assert both["cached"].sum() == 5


def test_side_by_side_follows_each_build() -> None:
    one, other = Finished(Build(name="a")), Finished(Build(name="b"))
    both = SideBySide([one, other])
    heard: list[Builds] = []
    both.subscribe(heard.append)
    one.publish(Build(name="a", is_over=True))
    other.publish(Build(name="b", is_over=True))
    assert [[build.is_over for build in moment.builds] for moment in heard] == [
        [True, False],
        [True, True],
    ]
    assert [moment.seq for moment in heard] == [2, 3]
    assert both.settle().is_over
