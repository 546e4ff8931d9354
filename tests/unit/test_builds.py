"""The streams of both builders, recorded from engine 26.1.5 (and plain text of 20.10.24)."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
from recordings import FOLDER

from course.watch.build import BUILDKIT, CLASSIC, Build
from course.watch.build_classic import ClassicStream
from course.watch.buildkit_plain import CliStream

RECORDED = json.loads((FOLDER / "builds.json").read_text(encoding="utf-8"))
CLI = [(kind, name) for kind in ("rawjson", "plain", "plain-20.10") for name in RECORDED[kind]]
NEEDED = ["RUN echo hello > /hello && sleep 1", "WORKDIR /app", "COPY . ."]


def classic(name: str) -> Build:
    parser = ClassicStream(name)
    for at, message in RECORDED["classic"][name]["stream"]:
        parser.take(message, at)
    parser.end(RECORDED["classic"][name]["stream"][-1][0])
    return parser.build


def cli(kind: str, name: str) -> Build:
    return read(RECORDED[kind][name]["output"].encode())


def read(output: bytes, cuts: list[int] | None = None) -> Build:
    parser = CliStream()
    ends = [0, *(cuts or []), len(output)]
    for start, end in pairwise(ends):
        parser.take(output[start:end], 0.0)
    parser.end(0.0)
    return parser.build


def states(build: Build) -> list[str]:
    return [step.state for step in build.steps]


def test_the_classic_builder_tells_each_instruction() -> None:
    build = classic("first")
    assert build.builder == CLASSIC
    assert states(build) == ["base", *["built"] * 7]
    assert [step.instruction for step in build.steps][1:5] == ["ENV A=1", *NEEDED]
    assert build.steps[2].seconds == pytest.approx(3.39, abs=0.01)  # it sleeps for one
    assert build.steps[6].said == ("300+0 records in", "300+0 records out")
    assert build.image == RECORDED["classic"]["first"]["image"]["inspect"]["Id"]
    assert build.is_over
    assert not build.explain()


@pytest.mark.parametrize("kind", ["rawjson", "plain", "plain-20.10"])
def test_buildkit_tells_what_makes_layers(kind: str) -> None:
    build = cli(kind, "first")
    assert build.builder == BUILDKIT
    assert states(build) == ["base", *["built"] * (len(build.steps) - 1)]
    assert [step.instruction for step in build.steps][1:4] == NEEDED
    assert 1 < (build.steps[1].seconds or 0) < 2
    assert build.context
    assert build.image.startswith("sha256:")
    assert build.name.endswith(("plainfile:kit", "course-rec-first"))


def test_seconds_of_rawjson_are_the_vertexs_own() -> None:
    assert cli("rawjson", "first").steps[1].seconds == pytest.approx(1.7765, abs=0.001)


def test_context_is_what_was_sent() -> None:
    assert cli("rawjson", "first").context == 5212
    assert cli("plain", "first").context == 5210  # plain text rounds: 5.21kB
    assert cli("rawjson", "cached").context == 37  # BuildKit sends what has changed
    assert cli("rawjson", "multi").context is None  # and nothing that no step needs


@pytest.mark.parametrize("kind", ["rawjson", "plain", "plain-20.10"])
def test_a_rebuild_is_cached(kind: str) -> None:
    build = cli(kind, "cached")
    assert states(build) == ["base", *["cached"] * (len(build.steps) - 1)]


def test_the_classic_cache_ends_at_the_first_change() -> None:
    assert states(classic("cached")) == ["base", *["cached"] * 7]
    # COPY, too: the Dockerfile that changed is in the context
    assert states(classic("changed")) == ["base", *["cached"] * 3, *["built"] * 4]


def failing(kind: str, name: str) -> Build:
    return classic(name) if kind == "classic" else cli(kind, name)


@pytest.mark.parametrize("kind", ["classic", "rawjson", "plain", "plain-20.10"])
def test_a_command_that_fails(kind: str) -> None:
    build = failing(kind, "fail")
    assert build.failed is not None
    number, step = build.failed
    assert (number, build.total) == (3, 4)
    assert step.instruction == "RUN echo before; echo oops >&2; exit 3"
    assert set(step.said) == {"before", "oops"}
    assert build.image == ""
    told = build.explain()
    assert told.startswith("Step 3 of 4 failed: RUN echo before")
    assert "code: 3" in told
    assert "\n" not in told


@pytest.mark.parametrize("kind", ["rawjson", "plain", "plain-20.10"])
def test_a_dockerfile_that_is_wrong_names_its_line(kind: str) -> None:
    build = cli(kind, "syntax")
    assert build.line == 3
    assert "unknown instruction: RUNN" in build.explain()
    assert build.excerpt in ("RUNN echo two", "")


def test_buildkit_shows_the_line() -> None:
    assert cli("rawjson", "fail").excerpt == "RUN echo before; echo oops >&2; exit 3"
    assert cli("rawjson", "fail").line == 3


def test_the_classic_builder_names_a_wrong_line() -> None:
    parser = ClassicStream()  # docker-py raises it: the engine answers 400, without a stream
    parser.fail("dockerfile parse error on line 3: unknown instruction: RUNN", 0)
    parser.end(0)
    assert parser.build.line == 3
    assert "RUNN" in parser.build.explain()


@pytest.mark.parametrize("kind", ["classic", "rawjson", "plain"])
def test_a_file_that_is_not_in_the_context(kind: str) -> None:
    build = failing(kind, "missing")
    assert build.failed is not None
    assert build.failed[1].instruction == "COPY nothere /x"
    assert "nothere" in build.problem
    assert " of ref " not in build.problem  # a name drawn by lot
    assert ".dockerignore" in build.explain()


@pytest.mark.parametrize("kind", ["classic", "rawjson", "plain"])
def test_a_base_image_that_is_not_there(kind: str) -> None:
    build = failing(kind, "noimage")
    assert "nosuchimage:never" in build.explain()
    assert "not found" in build.problem


@pytest.mark.parametrize("kind", ["rawjson", "plain"])
def test_stages_come_in_the_order_of_the_dockerfile(kind: str) -> None:
    build = cli(kind, "multi")  # BuildKit runs them side by side
    assert [step.stage for step in build.steps] == ["build"] * 2 + ["stage-1"] * 3
    bases = [step.instruction for step in build.steps if step.verb == "FROM"]
    assert bases == ["FROM busybox"] * 2  # told once, as both stages have it


def test_stages_of_the_classic_builder() -> None:
    build = classic("multi")
    assert [step.stage for step in build.steps] == ["build"] * 2 + ["stage-1"] * 4
    assert build.image == RECORDED["classic"]["multi"]["image"]["inspect"]["Id"]


@pytest.mark.parametrize(("kind", "name"), CLI)
def test_any_pieces_give_the_same_build(kind: str, name: str) -> None:
    output = RECORDED[kind][name]["output"].encode()
    whole = read(output)
    lot = random.Random(7)
    for _ in range(5):
        cuts = sorted(lot.sample(range(len(output)), min(len(output), 60)))
        assert read(output, cuts) == whole
    assert read(output, list(range(0, len(output), 7))) == whole


@pytest.mark.parametrize("name", RECORDED["classic"])
def test_an_undecoded_stream_gives_the_same_build(name: str) -> None:
    messages = [message for _, message in RECORDED["classic"][name]["stream"]]
    output = "".join(json.dumps(message) + "\r\n" for message in messages).encode()
    whole = bytewise(output, len(output))
    assert [bytewise(output, size) for size in (1, 7, 100)] == [whole] * 3
    decoded = ClassicStream()
    for message in messages:
        decoded.take(message, 0.0)
    decoded.end(0.0)
    assert decoded.build == whole


def bytewise(output: bytes, size: int) -> Build:
    parser = ClassicStream()
    for start in range(0, len(output), size):
        parser.take(output[start : start + size], 0.0)
    parser.end(0.0)
    return parser.build


def test_rawjson_of_newer_programs_is_one_message_a_line() -> None:
    text, dense = RECORDED["rawjson"]["first"]["output"], ""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        message, end = decoder.raw_decode(text)
        dense, text = dense + json.dumps(message) + "\n", text[end:]
    assert read(dense.encode()) == cli("rawjson", "first")


def test_a_step_shows_before_its_end() -> None:
    parser = ClassicStream()
    for at, message in RECORDED["classic"]["first"]["stream"][:10]:
        parser.take(message, at)
    assert states(parser.build) == ["base", "built", "running"]
    assert parser.build.total == 8
    assert not parser.build.is_over


def test_a_program_cannot_pass_for_the_builder() -> None:
    parser = ClassicStream()
    for line in ("Step 1/2 : FROM x", " ---> f26a9f530937", "Step 2/2 : RUN y", "Step 9/9 : RUN z"):
        parser.take({"stream": line + "\n"}, 0)
    assert [step.instruction for step in parser.build.steps] == ["FROM x", "RUN y"]
    assert parser.build.steps[1].said == ("Step 9/9 : RUN z",)


@pytest.mark.parametrize("parser", [ClassicStream(), CliStream()])
def test_a_stream_that_breaks_off(parser: Any) -> None:
    parser.end(0)
    assert parser.build.is_over
    assert "ended before the build did" in parser.build.problem


def test_the_cli_without_buildkit() -> None:
    parser = CliStream()
    lines = ["Sending build context to Docker daemon  10.24kB\r\r", "Step 1/2 : FROM busybox"]
    lines += [" ---> f26a9f530937", "Step 2/2 : RUN false", " ---> Running in a6c7f94872de"]
    lines += ["The command '/bin/sh -c false' returned a non-zero code: 1"]
    parser.take("\n".join(lines).encode(), 0.0)
    parser.fail("the command ended with exit code 1", 0.0)
    parser.end(0.0)
    assert (parser.build.builder, parser.build.context) == (CLASSIC, 10240)
    assert states(parser.build) == ["base", "failed"]
    assert "non-zero code: 1" in parser.build.explain()


def test_a_command_that_is_no_build() -> None:
    parser = CliStream()
    parser.take(b"sh: dockr: not found\n", 0.0)
    parser.fail("the command ended with exit code 127", 0.0)
    parser.end(0.0)
    assert "dockr: not found" in parser.build.explain()
