"""Stages that the image stands on, and stages that it only copies from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from docker.errors import ImageNotFound
from test_build_layers import entry

from course.watch.build import Build, chain
from course.watch.build_classic import ClassicStream
from course.watch.build_layers import read_layers
from course.watch.buildkit_plain import CliStream

ID = f"sha256:{'a' * 64}"
SLIM = [entry("# debian.sh", 75), entry('CMD ["bash"]', 0)]


class Api:
    """Has the image that was built, and perhaps its base."""

    def __init__(self, base: Sequence[dict[str, Any]], own: Sequence[dict[str, Any]]) -> None:
        self.images = {ID: [*base, *own], "debian:slim": base}

    def inspect_image(self, name: str) -> dict[str, Any]:
        layers = [f"sha256:{n}" for n, one in enumerate(self.history(name)) if one["Size"]]
        return {"Id": name, "Size": 9, "RootFS": {"Layers": layers[::-1]}}

    def history(self, name: str) -> list[dict[str, Any]]:
        if not self.images.get(name):
            raise ImageNotFound("no such image")
        return list(self.images[name])[::-1]


def vertex(digest: str, name: str, *inputs: str) -> dict[str, Any]:
    times = {"started": "2026-01-01T00:00:00Z", "completed": "2026-01-01T00:00:01Z"}
    return {"digest": digest, "name": name, "inputs": list(inputs), **times}


def buildkit(*vertexes: dict[str, Any]) -> Build:
    last = vertex("end", "exporting to image", vertexes[-1]["digest"])
    statuses = [{"vertex": "end", "id": f"writing image {ID}", "current": 0}]
    stream = CliStream()
    stream.take(json.dumps({"vertexes": [*vertexes, last], "statuses": statuses}) + "\n", 1.0)
    stream.end(2.0)
    return stream.build


def told(build: Build) -> list[tuple[str, int | None, bool]]:
    return [(f"{step.stage}: {step.verb}", step.size, step.is_left) for step in build.steps]


FROM = vertex("d1", "[build 1/2] FROM docker.io/library/debian:slim")
RUN = vertex("d2", "[build 2/2] RUN gcc -static hello.c", "d1")
SCRATCH = (FROM, RUN, vertex("d3", "[stage-1 1/1] COPY --from=build /hello /hello", "d2"))
HELLO = [entry("COPY /hello /hello # buildkit", 9), entry('CMD ["/hello"]', 0)]


@pytest.mark.parametrize("base", [[], SLIM], ids=["base is not here", "base is here"])
def test_an_image_from_scratch_stands_on_no_stage(base: list[dict[str, Any]]) -> None:
    api = Api(base, [])
    api.images[ID] = HELLO
    build = read_layers(api, buildkit(*SCRATCH))
    assert chain(build) == ["stage-1"]
    assert told(build) == [
        ("build: FROM", None, True),
        ("build: RUN", None, True),
        ("stage-1: COPY", 9, False),
        ("stage-1: CMD", 0, False),
    ]
    assert build.steps[2].layer


STACK = (
    vertex("d1", "[base 1/2] FROM docker.io/library/debian:slim"),
    vertex("d2", "[base 2/2] RUN pip install flask", "d1"),
    vertex("d4", "[tool 1/1] COPY tool /tool", "ctx"),
    vertex("d3", "[final 1/2] COPY . /app", "d2", "ctx"),
    vertex("d5", "[final 2/2] COPY --from=tool /tool /tool", "d3", "d4"),
)
OWN = [
    entry("ENV A=1", 0),
    entry("RUN /bin/sh -c pip install flask # buildkit", 20),
    entry("ENV B=1", 0),
    entry("COPY . /app # buildkit", 3),
    entry("COPY /tool /tool # buildkit", 4),
    entry("CMD python", 0),
]


def test_an_image_on_another_stage_stands_on_its_base() -> None:
    build = read_layers(Api(SLIM, OWN), buildkit(*STACK))
    assert chain(build) == ["base", "final"]
    assert told(build) == [
        ("tool: COPY", None, True),
        ("base: FROM", 75, False),
        ("base: ENV", 0, False),
        ("base: RUN", 20, False),
        ("final: ENV", 0, False),
        ("final: COPY", 3, False),
        ("final: COPY", 4, False),
        ("final: CMD", 0, False),
    ]


def test_a_stage_by_its_number_is_copied_from() -> None:
    named = vertex("d3", "[final 1/1] COPY --from=0 /hello /hello", "d2")
    assert chain(buildkit(FROM, RUN, named)) == ["final"]


def test_plain_text_does_not_tell_and_nothing_is_made_up() -> None:
    lines = ["#1 [build 1/2] FROM docker.io/library/debian:slim", "#2 [build 2/2] RUN gcc hello.c"]
    lines += ["#3 [stage-1 1/1] COPY --from=build /hello /hello", f"#4 writing image {ID}"]
    stream = CliStream()
    done = "".join(f"{line}\n{line.split()[0]} DONE 0.1s\n" for line in lines[:3])
    stream.take(f"{done}#4 exporting to image\n{lines[3]} done\n#4 DONE 0.1s\n", 1.0)
    stream.end(2.0)
    api = Api(SLIM, [])
    api.images[ID] = HELLO
    sizes = {
        name: size for name, size, is_left in told(read_layers(api, stream.build)) if not is_left
    }
    assert sizes == {"stage-1: COPY": 9, "stage-1: CMD": 0}


def test_the_classic_builder_names_the_stage() -> None:
    stream = ClassicStream()
    steps = ["FROM debian:slim AS Base", "RUN pip install flask", "FROM busybox AS tool"]
    steps += ["FROM base AS final", "COPY . /app"]
    api = Api(SLIM, [OWN[1], OWN[3]])
    for number, step in enumerate(steps):
        ident = f"{number}" * 12
        stream.line(f"Step {number + 1}/5 : {step}", 1.0)
        stream.line(f" ---> {ident}", 2.0)
        api.images[ident] = [SLIM, [*SLIM, OWN[1]], [entry("x", 5)], [*SLIM, OWN[1]], []][number]
    stream.take({"aux": {"ID": ID}}, 3.0)
    stream.end(4.0)
    build = read_layers(api, stream.build)
    assert chain(build) == ["Base", "final"]
    assert told(build) == [
        ("Base: FROM", 75, False),
        ("Base: RUN", 20, False),
        ("tool: FROM", 5, True),
        ("final: FROM", 0, False),
        ("final: COPY", 3, False),
    ]
    assert [step.layers for step in build.steps] == [1, 1, 1, 0, 1]
