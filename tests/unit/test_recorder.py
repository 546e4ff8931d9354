"""The thread that follows a build: it comes to an end, whatever it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import pytest
from test_build_layers import entry

from course.watch.build import Build
from course.watch.build_classic import ClassicStream
from course.watch.buildkit_plain import CliStream
from course.watch.recorder import Parser, Recorder

ID = f"sha256:{'a' * 64}"
# Two bases and three stages, the last on the first one's: BuildKit tells of a base once.
THREE = f"""#5 [build 1/2] FROM docker.io/library/debian:bookworm-slim
#5 DONE 0.0s
#6 [assets 1/2] FROM docker.io/library/nginx:alpine
#6 DONE 0.0s
#7 [build 2/2] RUN echo a
#7 DONE 0.3s
#8 [assets 2/2] RUN echo b
#8 DONE 0.3s
#9 [stage-2 2/3] COPY --from=build /a /a
#9 DONE 0.1s
#10 [stage-2 3/3] COPY --from=assets /b /b
#10 DONE 0.1s
#11 exporting to image
#11 writing image {ID} done
#11 DONE 0.1s
"""


class Client:
    """Has one image, of two layers, and answers to no other name."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.api, self._problem = self, problem

    def inspect_image(self, name: str) -> dict[str, Any]:
        if self._problem:
            raise self._problem
        return {"Id": ID, "Size": 5, "RootFS": {"Layers": ["sha256:1", "sha256:2"]}}

    def history(self, name: str) -> list[dict[str, Any]]:
        assert name == ID
        return [entry(f"COPY /{name} /{name} # buildkit", 1) for name in "ba"]

    def close(self) -> None:
        """Has no connection."""


@pytest.fixture(autouse=True)
def no_thread_dies(monkeypatch: pytest.MonkeyPatch) -> Iterable[None]:
    died: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", died.append)
    yield
    assert not died


def followed(parser: Parser, *pieces: object, client: Client | None = None) -> Build:
    recorder = Recorder(parser, pieces, lambda: client or Client())  # type: ignore[arg-type, return-value]
    return recorder.wait(5)


def test_a_base_that_is_not_told_is_not_looked_for() -> None:
    build = followed(CliStream(), THREE)
    assert build.is_over
    assert not build.note
    assert [step.layer for step in build.steps if step.stage == "stage-2"][-2:] == [
        "sha256:1",
        "sha256:2",
    ]


def test_a_message_that_is_cut_off_is_the_end_of_the_stream() -> None:
    build = followed(ClassicStream("x"), b'{"stream":"Step 1/2 : FROM x\\n"}\n{"stream":"Step 2/')
    assert build.is_over
    assert build.problem == "the stream ended before the build did"
    assert [step.state for step in build.steps] == ["failed"]


def test_layers_that_cannot_be_read_are_a_note() -> None:
    build = followed(CliStream(), THREE, client=Client(KeyError("RootFS")))
    assert build.is_over
    assert build.note == "Its layers could not be read: KeyError: 'RootFS'"


class Broken(ClassicStream):
    """Cannot end."""

    def end(self, at: float) -> None:
        raise IndexError("list index out of range")


def test_a_parser_that_cannot_end_is_told() -> None:
    build = followed(Broken())
    assert build.is_over
    assert build.problem == "IndexError: list index out of range"
