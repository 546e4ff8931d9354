from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from course.errors import CourseError
from course.images import engine_build, engine_image, kit, recipe, source, supply
from course.images.inventory import Listed, inventory

pytestmark = pytest.mark.unit
LISTED = inventory()


def test_what_is_built_before_what() -> None:
    assert kit.plan(["alpine", "python:3.11-slim"], LISTED) == {
        "alpine:latest": {"busybox:latest"},
        "busybox:latest": {"debian:trixie-slim"},
        "debian:trixie-slim": set(),
        "python:3.11-slim": {"debian:bookworm-slim"},
        "debian:bookworm-slim": set(),
    }


def test_what_is_slow_is_begun_first() -> None:
    graph = kit.plan(None, LISTED)
    assert kit.first(graph, LISTED) == {"node:24-alpine", "python:3.13-slim", "debian:trixie-slim"}
    assert kit.first(kit.plan(["redis:alpine"], LISTED), LISTED) == set()


def test_stages_and_scratch_are_no_bases(tmp_path: Path) -> None:
    text = "ARG A=one\nFROM --platform=x img:${A} AS b\nFROM b as c\nFROM scratch\nFROM $A\n"
    (tmp_path / "Dockerfile").write_text(text)
    image = Listed("x:y", "k", "w", (), recipe=str(tmp_path))
    assert recipe.bases(image) == ["img:one", "one"]
    assert recipe.bases(replace(image, args={"A": "two"})) == ["img:two", "two"]


def test_steps_have_line_numbers() -> None:
    text = "# a\nFROM x\n\nRUN one \\\n    && two \\\n    # said\n    && three\nCMD y\n"
    assert recipe.instructions(text) == [(2, "FROM x"), (4, "RUN one \\"), (8, "CMD y")]


@pytest.fixture
def nginx(tmp_path: Path) -> Listed:
    image = LISTED.get("nginx:alpine")
    folder = shutil.copytree(image.folder, tmp_path / "nginx")
    return replace(image, recipe=str(folder))


def test_the_hash_does_not_depend_on_where_the_course_lies(nginx: Listed) -> None:
    here = recipe.digest(LISTED.get("nginx:alpine"), LISTED)
    assert recipe.digest(nginx, LISTED) == here


@pytest.mark.parametrize("name", ["Dockerfile", "docker-entrypoint.sh", "html/index.html"])
def test_the_hash_changes_with_each_file(nginx: Listed, name: str) -> None:
    before = recipe.digest(nginx, LISTED)
    with (nginx.folder / name).open("a") as file:
        file.write("# more\n")
    assert recipe.digest(nginx, LISTED) != before


def test_the_hash_changes_with_name_and_base(nginx: Listed) -> None:
    hashes = {
        recipe.digest(image, LISTED)
        for image in (nginx, replace(nginx, kit="Another."), replace(nginx, tags=("more",)))
    }
    dockerfile = nginx.folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("trixie", "bookworm"))
    assert len(hashes | {recipe.digest(nginx, LISTED)}) == 4


def test_the_hash_of_all_changes_with_an_extra_authority(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("one")
    base, child = LISTED.get("debian:trixie-slim"), LISTED.get("python:3.13-slim")
    for image in (base, child):
        with_one = recipe.digest(image, LISTED, authority)
        authority.write_text("two")
        assert (
            len({recipe.digest(image, LISTED), with_one, recipe.digest(image, LISTED, authority)})
            == 3
        )
        authority.write_text("one")


def test_an_extra_authority_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COURSE_EXTRA_CA", raising=False)
    assert kit.extra_authority() is None
    monkeypatch.setenv("COURSE_EXTRA_CA", str(tmp_path / "none.pem"))
    with pytest.raises(CourseError, match=r"none\.pem"):
        kit.extra_authority()
    (tmp_path / "none.pem").touch()
    assert kit.extra_authority() == tmp_path / "none.pem"


def test_missing_are_those_of_another_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_EXTRA_CA", raising=False)
    held = {
        f"library/{image.reference}": {"dev.learning-docker.recipe": recipe.digest(image, LISTED)}
        for image in LISTED.images
    }
    held["library/redis:alpine"] = {"dev.learning-docker.recipe": "of last year"}
    del held["library/registry:3"]
    lacking = kit.missing(lambda repository, tag: held.get(f"{repository}:{tag}"))
    assert [image.reference for image in lacking] == ["redis:alpine", "registry:3"]


@pytest.mark.parametrize("suite", LISTED.engine.suites)
def test_no_mirror_is_written_down(suite: str) -> None:
    command = engine_image.command(suite)
    assert command[-2:] == [suite, "-"]
    assert "://" not in " ".join(command)
    assert engine_image.reference(suite).startswith(f"learning-docker/engine:{suite}-")


def test_the_environment_chooses_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_ENGINE", raising=False)
    assert supply.suite() == LISTED.engine.suite
    monkeypatch.setenv("COURSE_ENGINE", "bookworm")
    assert supply.suite() == "bookworm"


def test_the_environment_chooses_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_IMAGES", "kit")
    assert source.choose("hub") == "kit"
    monkeypatch.setenv("COURSE_IMAGES", "auto")
    assert source.choose("room") == "room"
    monkeypatch.setenv("COURSE_IMAGES", "dockerhub")
    with pytest.raises(CourseError, match=r"'dockerhub'.*kit, hub, room and auto"):
        source.choose("hub")


@pytest.mark.parametrize("suite", LISTED.engine.suites)
def test_both_engine_images_are_made_of_the_same(suite: str) -> None:
    text = engine_build.dockerfile(LISTED.engine, suite)
    command = " ".join(engine_image.command(suite))
    packages = command.split("--include=")[1].split()[0].split(",")
    (install,) = [line for line in text.splitlines() if "install -y" in line]
    assert set(packages) <= set(install.split())
    excluded = [word.split("=", 2)[2] for word in command.split() if "path-exclude" in word]
    assert [path for path in excluded if f"path-exclude={path}" not in text] == []
    assert "://" not in text
    assert engine_image.reference(suite, "hub").startswith("learning-docker/engine:hub-")


def test_a_borrowed_package_comes_from_a_stage_of_its_own() -> None:
    lines = engine_build.dockerfile(LISTED.engine, "bookworm").splitlines()
    assert lines[0] == "FROM debian:trixie-slim AS borrowed"
    assert "dpkg-deb -x docker-compose_*.deb /borrowed" in lines[2]
    assert lines.index("FROM debian:bookworm-slim") < lines.index(
        "COPY --from=borrowed /borrowed/ /"
    )


def test_another_variable_of_an_engine_image_is_another_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert engine_image._env("bookworm") == ["ENV DOCKER_BUILDKIT=1"]
    assert engine_image._env("trixie") == []
    before = engine_image.reference("bookworm")
    monkeypatch.setattr(engine_image, "_env", lambda _: ["ENV DOCKER_BUILDKIT=0"])
    assert engine_image.reference("bookworm") != before


def test_an_unknown_suite_says_which_there_are() -> None:
    with pytest.raises(CourseError, match="bookworm, trixie, forky"):
        engine_image.reference("potato")
