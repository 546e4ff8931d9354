"""Both builders, live: what is built, cached, shared and refused."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest
from waiting import until

from course.engine import folder
from course.engine.sandbox import Sandbox
from course.engine.upload import upload
from course.errors import CourseError
from course.notebook.builds import Builds
from course.views.layers import Layers
from course.watch.build import BUILDKIT, CLASSIC, Build
from course.watch.recorder import Recorder

DOCKERFILE = """FROM busybox
ENV A=1
RUN dd if=/dev/zero of=/big bs=1000000 count=2 && sleep 2
WORKDIR /app
COPY . .
RUN rm /big
CMD ["cat", "/app/note"]
"""
PATIENCE = 90  # seconds


class Bench:
    """A sandbox with both builders."""

    def __init__(self, box: Sandbox, folder: Path) -> None:
        self.builds, self.folder = Builds(box, box.client), folder
        self.client = box.client()

    def write(self, dockerfile: str, note: str = "one\n") -> None:
        (self.folder / "Dockerfile").write_text(dockerfile)
        (self.folder / "note").write_text(note)

    def classic(self, tag: str, **options: str | bool) -> Recorder:
        api = self.client.api
        stream = api.build(path=str(self.folder), tag=tag, rm=True, decode=True, **options)  # type: ignore[arg-type]
        return self.builds.recorder(stream)

    def buildkit(self, tag: str, options: str = "") -> Recorder:
        return self.builds.buildkit(f"docker build {options} -t {tag} .", self.folder)


Start = Callable[[Bench, str], Recorder]
BUILDERS = {
    CLASSIC: Bench.classic,
    BUILDKIT: Bench.buildkit,
    "plain": lambda bench, tag: bench.builds.buildkit(
        f"BUILDKIT_PROGRESS=plain docker build -t {tag} .", bench.folder
    ),
}


@pytest.fixture(scope="module")
def bench(box: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(box, tmp_path_factory.mktemp("context"))
    bench.client.images.pull("busybox", "latest")
    yield bench
    bench.client.close()


@pytest.fixture(params=BUILDERS, ids=["classic", "buildkit", "plain"])
def start(request: pytest.FixtureRequest) -> Start:
    return BUILDERS[request.param]


def states(build: Build) -> list[str]:
    return [step.state for step in build.steps if step.state != "config"]


def test_a_first_build_a_rebuild_and_a_changed_step(
    bench: Bench, start: Start, request: pytest.FixtureRequest
) -> None:
    # Another file content for each builder: BuildKit's two forms have one cache.
    mine = request.node.callspec.id
    bench.write(DOCKERFILE.replace("A=1", f"A={mine}"), note=f"{mine}\n")
    first = start(bench, "app:first").wait(PATIENCE)
    assert not first.problem
    assert set(states(first)) == {"base", "built"}
    again = start(bench, "app:again").wait(PATIENCE)
    assert set(states(again)) <= {"base", "cached", "built"}
    assert [s.state for s in again.steps if s.verb in ("RUN", "COPY")] == ["cached"] * 3
    bench.write(DOCKERFILE.replace("A=1", f"A={mine}"), note=f"{mine} changed\n")
    changed = start(bench, "app:changed").wait(PATIENCE)
    how = [s.state for s in changed.steps if s.verb in ("RUN", "COPY")]
    assert how == ["cached", "built", "built"]
    assert_like_the_engine(bench.client, first)
    assert first.layers == again.layers
    shared = set(first.layers) & set(changed.layers)
    # busybox, RUN, WORKDIR; what `rm` leaves is the same bytes if done within the same second
    assert set(first.layers[:3]) <= shared <= {*first.layers[:3], first.layers[-1]}


def assert_like_the_engine(client: docker.DockerClient, build: Build) -> None:
    """Sizes and layers are those of `docker history` and `docker inspect`."""
    image = client.images.get(build.image)
    history = image.history()[::-1]
    own = [step for step in build.steps if step.verb != "FROM"]
    assert [step.size for step in own] == [entry["Size"] for entry in history[-len(own) :]]
    assert build.size == image.attrs["Size"] == sum(step.size or 0 for step in build.steps)
    layers = image.attrs["RootFS"]["Layers"]
    assert [step.layer for step in own if step.layer] == layers[1:]
    assert build.layers == tuple(layers)
    assert [step.verb for step in own] == ["ENV", "RUN", "WORKDIR", "COPY", "RUN", "CMD"]
    sleep = own[1]
    assert sleep.seconds is not None
    assert 2 <= sleep.seconds < 20
    assert own[4].size == 0  # what RUN rm deletes stays in the layer below


def test_steps_show_while_they_run(bench: Bench, start: Start) -> None:
    bench.write(f"FROM busybox\nRUN echo {time.time()}; sleep 2\nRUN sleep 1\n")
    recorder = start(bench, "app:slow")
    until(lambda: "running" in states(recorder.state), seconds=30)
    seen = recorder.state
    assert not seen.is_over
    assert seen.total == 3
    until(lambda: any("." in line for s in recorder.state.steps for line in s.said))
    assert states(recorder.wait(PATIENCE)) == ["base", "built", "built"]


def test_a_command_that_fails(bench: Bench, start: Start) -> None:
    bench.write("FROM busybox\nRUN echo one\nRUN echo oops; exit 3\nRUN echo never\n")
    build = start(bench, "app:bad").wait(PATIENCE)
    assert build.failed is not None
    assert build.failed[1].instruction == "RUN echo oops; exit 3"
    assert build.failed[1].said == ("oops",)
    assert build.explain().startswith("Step 3 of 4 failed: RUN echo oops; exit 3")
    assert "3" in build.problem
    assert build.image == ""


def test_an_error_in_the_dockerfile_names_its_line(bench: Bench, start: Start) -> None:
    bench.write("FROM busybox\nRUN echo one\nRUNN echo two\n")
    build = start(bench, "app:bad").wait(PATIENCE)
    assert build.line == 3
    assert "unknown instruction: RUNN" in build.explain()
    assert build.steps == ()


def test_a_build_without_a_network(bench: Bench) -> None:
    bench.write("FROM busybox\nRUN wget -T 3 http://example.org/\n")
    classic = bench.classic("app:off", network_mode="none").wait(PATIENCE)
    kit = bench.buildkit("app:off", "--network=none").wait(PATIENCE)
    for build in (classic, kit):
        assert build.failed is not None
        assert "wget" in build.failed[1].instruction
        assert any("example.org" in line for line in build.failed[1].said)


def test_the_context_is_what_was_sent(bench: Bench) -> None:
    huge = bench.folder / "huge"
    huge.write_bytes(b"\0" * 3_000_000)
    bench.write("FROM busybox\nCOPY note /note\n")
    sent = bench.classic("app:huge").wait(PATIENCE).context
    assert sent is not None
    assert 3_000_000 < sent < 3_100_000
    kit = bench.buildkit("app:huge").wait(PATIENCE).context
    assert kit is not None
    assert kit < 10_000  # BuildKit asks for what COPY names
    (bench.folder / ".dockerignore").write_text("huge\n")
    sent = bench.classic("app:huge").wait(PATIENCE).context
    assert sent is not None
    assert sent < 100_000
    huge.unlink()
    (bench.folder / ".dockerignore").unlink()


def test_only_the_last_stage_is_in_the_image(bench: Bench, start: Start) -> None:
    bench.write(
        "FROM busybox AS build\nRUN echo made > /made\n"
        "FROM busybox\nENV B=2\nCOPY --from=build /made /made\n"
    )
    build = start(bench, "app:stages").wait(PATIENCE)
    kept = [step for step in build.steps if not step.is_left]
    assert [step.verb for step in kept] == ["FROM", "ENV", "COPY"]
    assert [step.verb for step in build.steps if step.is_left] == ["FROM", "RUN"]
    assert kept[-1].layer == bench.client.images.get(build.image).attrs["RootFS"]["Layers"][-1]


def test_two_builds_side_by_side(bench: Bench) -> None:
    bench.write(DOCKERFILE)
    first = bench.classic("app:left").wait(PATIENCE)
    bench.write(DOCKERFILE.replace("RUN rm /big", "RUN echo kept > /kept"))
    recorders = [bench.classic("app:right"), bench.buildkit("app:kit")]
    view = Layers(recorders).wait(PATIENCE)
    right, kit = view.builds
    assert (right.builder, kit.builder) == (CLASSIC, BUILDKIT)
    # The Dockerfile that changed is in the context, so in what COPY copies.
    assert set(first.layers) & set(right.layers) == set(first.layers[:3])
    picture = view.snapshot().svg
    assert 'data-key="tie-0"' in picture  # both stand on one base
    assert view.image == kit.image
    assert not view.problem
    view.close()


def test_a_stream_is_read_once(bench: Bench) -> None:
    bench.write("FROM busybox\nRUN true\n")
    stream = bench.client.api.build(path=str(bench.folder), tag="app:once", decode=True)
    recorder = bench.builds.recorder(stream)
    assert recorder.wait(PATIENCE).name == "app:once"
    assert bench.builds.recorder(stream) is recorder
    assert bench.builds.recorder(recorder) is recorder


def test_what_docker_py_raises_can_be_shown(bench: Bench) -> None:
    bench.write("FROM busybox\nRUN exit 4\n")
    with pytest.raises(docker.errors.BuildError) as caught:
        bench.client.images.build(path=str(bench.folder))
    build = bench.builds.recorder(caught.value.build_log).wait(PATIENCE)
    assert states(build) == ["base", "failed"]


def test_a_wait_is_bounded(bench: Bench) -> None:
    bench.write("FROM busybox\nRUN echo long; sleep 3\n")
    recorder = bench.classic("app:long", nocache=True)
    with pytest.raises(CourseError, match=r"at step \d of 2"):
        recorder.wait(0.5)
    assert not recorder.wait(PATIENCE).problem


def test_finished_images(bench: Bench) -> None:
    bench.write("FROM busybox\nRUN dd if=/dev/zero of=/f bs=1000 count=9\nRUN rm /f\n")
    image = bench.classic("app:grown").wait(PATIENCE)
    (finished,) = (source.state for source in bench.builds.images(["app:grown"]))
    assert [step.layer for step in finished.steps if step.layer] == list(finished.layers)
    assert finished.layers == image.layers
    assert [(step.instruction, step.size) for step in finished.steps][-2:] == [
        ("RUN dd if=/dev/zero of=/f bs=1000 count=9", 9000),
        ("RUN rm /f", 0),
    ]
    with pytest.raises(CourseError, match="No such image: nobody"):
        bench.builds.images(["nobody"])


def test_what_is_no_build_is_told(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="no stream of a builder"):
        bench.builds.recorder("app:first")
    with pytest.raises(CourseError, match="There is none"):
        bench.builds.buildkit("docker build .", tmp_path / "nothing")
    build = bench.builds.buildkit("docker build nothere", None).wait(PATIENCE)
    assert "nothere" in build.explain()


def test_a_folder_that_both_share_is_not_copied(box: Sandbox, bench: Bench) -> None:
    if not folder.find(box.run).shared:
        pytest.skip("the host engine cannot see this machine's files")
    mine = folder.here() / f"test-{uuid.uuid4().hex}"
    mine.mkdir()
    try:
        (mine / "Dockerfile").write_text("FROM busybox\nRUN echo shared\n")
        assert upload(box, mine) == f"{folder.INSIDE}/{mine.name}"
        build = bench.builds.buildkit(f"docker build {mine.name}", None).wait(PATIENCE)
        assert states(build) == ["base", "built"]
    finally:
        shutil.rmtree(mine)


def test_a_copy_is_what_is_there_now(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("1")
    place = upload(box, tmp_path)
    (tmp_path / "old").rename(tmp_path / "new")
    assert upload(box, tmp_path) == place
    assert box.run(f"ls {place}") == (0, b"new\n")
