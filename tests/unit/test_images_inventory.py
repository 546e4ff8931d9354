from __future__ import annotations

import re

import pytest

from course.catalogue import catalogue
from course.errors import CourseError
from course.images import inventory as module
from course.images.inventory import full, inventory, parse, split
from course.images.table import COLUMNS, frame

pytestmark = pytest.mark.unit
IMAGES = inventory().images
ENGINE = '[engine]\nname="k"\nhub="h"\nsuite="s"\npackages=[]\nwithout=[]\nsuites={}\n'


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("nginx", ("nginx", "latest")),
        ("nginx:alpine", ("nginx", "alpine")),
        ("127.0.0.1:5000/me/app", ("127.0.0.1:5000/me/app", "latest")),
        ("127.0.0.1:5000/me/app:v1", ("127.0.0.1:5000/me/app", "v1")),
    ],
)
def test_a_port_is_no_tag(reference: str, parts: tuple[str, str]) -> None:
    assert split(reference) == parts


def test_every_chapter_finds_its_images() -> None:
    for chapter in catalogue().chapters:
        for reference in chapter.images:
            image = inventory().get(reference)
            assert chapter.number in image.chapters, f"{reference}: chapters in images.toml"


def test_images_toml_names_no_other_chapter() -> None:
    pulled = {(number, image.reference) for image in IMAGES for number in image.chapters}
    asked = {
        (chapter.number, inventory().get(name).reference)
        for chapter in catalogue().chapters
        for name in chapter.images
    }
    written = {chapter.number for chapter in catalogue().chapters}
    assert {pair for pair in pulled if pair[0] in written} == asked


def test_no_reference_is_listed_twice() -> None:
    names = [name for image in IMAGES for name in image.references]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.reference)
def test_what_it_is_and_why_are_one_sentence(image: module.Listed) -> None:
    for text in (image.kit, image.why):
        assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", text)


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.reference)
def test_its_recipe_is_there(image: module.Listed) -> None:
    assert (image.folder / ("apt.conf" if image.suite else "Dockerfile")).is_file()


def test_an_alias_finds_the_image() -> None:
    assert inventory().get("nginx").reference == "nginx:alpine"
    assert full("nginx") == "nginx:latest"


def test_an_unknown_image_says_what_there_is() -> None:
    with pytest.raises(CourseError, match="nginx:alpine"):
        inventory().get("no-such-image")


@pytest.mark.parametrize("extra", ["", 'recipe = "a"\nsuite = "b"'])
def test_an_image_has_a_recipe_or_a_suite(extra: str) -> None:
    text = f'{ENGINE}[[image]]\nreference="x"\nkit="k"\nwhy="w"\n{extra}'
    with pytest.raises(CourseError, match="x:latest needs either"):
        parse(text)


def test_the_table_shows_sizes_that_are_known() -> None:
    table = frame("kit", {"nginx:alpine": 79_000_000})
    assert list(table.columns) == COLUMNS
    row = table.set_index("REFERENCE").loc["nginx:alpine"]
    assert (row["MB"], row["SOURCE"], row["ALSO"]) == (79.0, "kit", "latest")
    assert table["MB"].isna().sum() == len(IMAGES) - 1
