"""Building, pulling, saving and loading on a live engine."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import docker
import pytest
import trustme
from docker.models.containers import Container
from kit_fixtures import Run, kit_engine, run
from waiting import until

from course.engine.sandbox import Sandbox
from course.errors import CourseError
from course.images import archive, kit
from course.images.debian import Bootstrap
from course.images.engine_image import ensure_engine_image, import_tar
from course.images.hub import pull
from course.images.inventory import Inventory, Listed, inventory
from course.images.source import made_from
from course.images.stream import push
from course.images.supply import Supply
from course.report import silent

__all__ = ["kit_engine", "run"]
pytestmark = pytest.mark.engine
REGISTRY = "127.0.0.1:5000"


def recipe(folder: Path, dockerfile: str, name: str = "kit-test:latest") -> Listed:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    return Listed(name, "A trial.", "To try.", (), recipe=str(folder))


def shelf(*images: Listed) -> Inventory:
    return replace(inventory(), images=images)


def test_a_failing_recipe_names_its_line(box: Sandbox, tmp_path: Path, run: Run) -> None:
    run("busybox", "true")
    text = "FROM busybox:latest\n\n# one\nRUN true\nRUN echo some words && \\\n    exit 3\n"
    with pytest.raises(CourseError, match=r"Dockerfile, line 5.*code: 3.*some words"):
        kit.build(box.client, None, listed=shelf(recipe(tmp_path, text)))


def test_what_is_there_is_not_built_again(box: Sandbox, tmp_path: Path, run: Run) -> None:
    run("busybox", "true")
    image = recipe(tmp_path, "FROM busybox:latest\nRUN echo kit-version: 1.2\n", "kit-twice:latest")
    seen: list[tuple[str, float, float | None]] = []
    first = kit.build(box.client, None, lambda *a: seen.append(a), listed=shelf(image))
    assert [built.skipped for built in first] == [False]
    assert seen[-1] == ("build kit-twice:latest", 1, 1)
    again = kit.build(box.client, None, listed=shelf(image))
    assert [built.skipped for built in again] == [True]
    (tmp_path / "Dockerfile").write_text("FROM busybox:latest\nRUN echo kit-version: 1.3\n")
    changed = kit.build(box.client, None, listed=shelf(image))
    assert [built.skipped for built in changed] == [False]
    client = box.client()
    assert client.images.get("kit-twice").labels["dev.learning-docker.version"] == "1.3"
    client.close()


def test_an_extra_authority_is_trusted_in_base_and_child(box: Sandbox, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    trustme.CA(organization_name="A proxy's own").cert_pem.write_to_path(str(authority))
    base = replace(inventory().get("debian:trixie-slim"), reference="kit-ca:base", tags=())
    text = 'FROM kit-ca:base\nRUN test -s "$PIP_CERT" && test -s "$NODE_EXTRA_CA_CERTS"\n'
    child = recipe(tmp_path / "child", text, "kit-ca:child")
    kit.build(box.client, None, extra_ca=authority, listed=shelf(base, child))
    client = box.client()
    show = ["sh", "-c", 'cat "$SSL_CERT_FILE"; apt-get --version >/dev/null']
    bundle = client.containers.run("kit-ca:child", show, remove=True).decode()
    assert authority.read_text().strip() in bundle
    pull(client, "debian:trixie-slim")
    plain = client.images.get("debian:trixie-slim").attrs["Config"]["Env"]
    assert not [line for line in plain if "CERT" in line] or kit.extra_authority()
    client.close()


def test_a_base_that_fails_leaves_no_image(kit_engine: docker.DockerClient) -> None:
    before = {image.id for image in kit_engine.images.list()}
    tar = Bootstrap(["sh", "-c", "echo 'E: no mirror answers' >&2; exit 1"], "a base", silent)
    with pytest.raises(CourseError, match="no mirror answers"):
        import_tar(kit_engine, tar, [])
    assert {image.id for image in kit_engine.images.list()} == before


def test_an_engine_that_refuses_a_base_is_told_at_once(kit_engine: docker.DockerClient) -> None:
    tar = Bootstrap(["cat", "/dev/urandom"], "a base", silent)
    began = time.monotonic()
    with pytest.raises(CourseError, match="Imported a base"):
        import_tar(kit_engine, tar, [])
    assert time.monotonic() - began < 10


def test_the_engine_image_is_made_once(have: Supply) -> None:
    began = time.monotonic()
    suite, source = inventory().engine.suite, made_from(have.source)
    assert ensure_engine_image(have.host.client, suite, source=source) == have.image
    assert time.monotonic() - began < 1


def test_a_pull_reports_each_layer(kit_engine: docker.DockerClient) -> None:
    kit_engine.images.prune(filters={"dangling": False})
    seen: dict[str, tuple[float, float | None]] = {}
    pull(kit_engine, "redis:alpine", lambda step, *rest: seen.update({step: rest}))
    assert seen
    assert all(step.startswith("redis:alpine ") for step in seen)
    assert all(done == total for done, total in seen.values())


def test_an_image_that_is_not_there(kit_engine: docker.DockerClient) -> None:
    with pytest.raises(CourseError, match=r"Pulled no/such:image\. The registry has no such"):
        pull(kit_engine, "no/such:image")


def test_a_registry_that_is_not_there(kit_engine: docker.DockerClient) -> None:
    with pytest.raises(CourseError, match=r"cannot be reached.*COURSE_IMAGES=kit"):
        pull(kit_engine, "127.0.0.1:9/some/image")
    pull(kit_engine, "busybox")
    kit_engine.images.get("busybox").tag("127.0.0.1:9/some/image")
    with pytest.raises(CourseError, match=r"Pushed 127\.0\.0\.1:9/some/image\."):
        push(kit_engine, "127.0.0.1:9/some/image")


def test_a_rate_limit_says_what_to_do(kit_engine: docker.DockerClient, run: Run) -> None:
    body = '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull limit"}]}'
    config = f"server {{ listen 80; location / {{ return 429 '{body}'; }} }}"
    write = f"cat > /etc/nginx/conf.d/default.conf <<'E'\n{config}\nE\nexec nginx -g 'daemon off;'"
    container = run("nginx:alpine", "-c", write, entrypoint="sh", ports={"80/tcp": 5001})
    until(lambda: b"start worker process" in container.logs(), 10)
    with pytest.raises(CourseError, match=r"limit of pulls is reached.*docker login.*wait.*kit"):
        pull(kit_engine, "127.0.0.1:5001/library/nginx")


@pytest.fixture
def registry(run: Run, kit_engine: docker.DockerClient) -> Container:
    """A registry with one image."""
    container = run("registry:3", ports={"5000/tcp": 5000})
    pull(kit_engine, "hello-world")
    kit_engine.images.get("hello-world").tag(f"{REGISTRY}/library/hello", "v1")
    until(lambda: b"listening on" in container.logs(), 10)
    push(kit_engine, f"{REGISTRY}/library/hello:v1")
    kit_engine.images.remove(f"{REGISTRY}/library/hello:v1")
    return container


def test_saved_in_one_room_loaded_in_another(
    kit_engine: docker.DockerClient, run: Run, registry: Container, tmp_path: Path
) -> None:
    file = tmp_path / "room.tar"
    pull(kit_engine, "busybox")
    kit_engine.images.get("busybox").tag("stands/for-engine", "v1")
    saved = archive.save(file, kit_engine, "stands/for-engine:v1", registry, "kit")
    assert saved.images == ["library/hello:v1"]
    assert list(tmp_path.iterdir()) == [file]
    registry.remove(force=True, v=True)
    kit_engine.images.remove("stands/for-engine:v1")

    other = run("registry:3", ports={"5000/tcp": 5000})
    assert archive.load_engine(file, kit_engine).engine == "stands/for-engine:v1"
    assert kit_engine.images.get("stands/for-engine:v1").id == kit_engine.images.get("busybox").id
    assert archive.load_mirror(file, other) == ["library/hello:v1"]
    until(lambda: b"listening on" in other.logs(), 10)
    pull(kit_engine, f"{REGISTRY}/library/hello:v1")
    output = kit_engine.containers.run(f"{REGISTRY}/library/hello:v1", remove=True)
    assert b"Hello from Docker!" in output


def test_a_file_that_is_none(kit_engine: docker.DockerClient, tmp_path: Path) -> None:
    file = tmp_path / "room.tar"
    for content in (b"", b"no tar at all" * 100):
        file.write_bytes(content)
        with pytest.raises(CourseError, match=r"Read .*room\.tar"):
            archive.load_engine(file, kit_engine)


def test_a_file_that_is_cut_off(
    kit_engine: docker.DockerClient, registry: Container, tmp_path: Path
) -> None:
    file = tmp_path / "room.tar"
    archive.save(file, kit_engine, "registry:3", registry, "kit")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CourseError, match=r"room\.tar"):
        archive.load_engine(file, kit_engine)
    file.write_bytes(whole[:-20_000])
    with pytest.raises(CourseError, match=r"room\.tar"):
        archive.load_mirror(file, registry)


def test_a_file_for_another_architecture(
    kit_engine: docker.DockerClient, registry: Container, tmp_path: Path
) -> None:
    file = tmp_path / "room.tar"
    archive.save(file, kit_engine, "hello-world:latest", registry, "kit")
    with pytest.raises(CourseError, match="and the engine here is m68k"):
        archive.read_manifest(file, "m68k")


def test_a_save_that_breaks_off_leaves_no_file(
    kit_engine: docker.DockerClient, registry: Container, tmp_path: Path
) -> None:
    def stop(step: str, done: float = 0, total: float | None = None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.save(tmp_path / "room.tar", kit_engine, "hello-world:latest", registry, "kit", stop)
    assert list(tmp_path.iterdir()) == []
