"""The Registry picture, drawn from recorded answers and from registries of all sizes."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from boxes import edges, outside, overlaps
from test_registry import recorded

from course.errors import CourseError
from course.notebook.registry import Registries
from course.testing.sanitise import bundle
from course.views.registry import RegistryView
from course.views.registry_layout import WIDTH, plan
from course.views.view import Picture
from course.watch.registry import CONFIG, LAYER, Blob, Manifest, Registry, Tag
from course.watch.sampler import Sample

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["<script>alert(1)</script>", 'a"b', "a&b", "x" * 300, "\x00\x1b[31m", "é漢", "]]>"]


def sample(registry: Registry, problem: str = "") -> Sample[Registry]:
    return Sample(registry, 1, not problem, problem)


def drawn(registry: Registry, problem: str = "") -> ElementTree.Element:
    return ElementTree.fromstring(RegistryView().draw(sample(registry, problem)))


def words(registry: Registry) -> list[str]:
    return [text.text or "" for text in drawn(registry).iter(f"{SVG}text")]


def keys(registry: Registry) -> list[str]:
    groups = drawn(registry).iter(f"{SVG}g")
    return [group.attrib["data-key"] for group in groups if "data-key" in group.attrib]


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def many(count: int, unit: int = 1000, first: int = 1) -> Registry:
    """Repositories with three tags each, all on one base; some blobs are garbage."""
    base = Blob(digest(first), 50 * unit, LAYER)
    tags, manifests = [], []
    for i in range(count):
        own = [
            Blob(digest(first + 9 * i + 1), unit, CONFIG),
            Blob(digest(first + 9 * i + 2), (i + 1) * unit, LAYER),
        ]
        made = Manifest(digest(first + 9 * i + 3), 500, (own[0], base, own[1]))
        manifests.append(made)
        tags += [Tag(f"team/app-{i:03}", name, made.digest) for name in ("1", "2", "latest")]
    lost = tuple(Blob(digest(first + 9 * i + 5), unit) for i in range(count // 2))
    kept = [blob for made in manifests for blob in (made.itself, *made.blobs)]
    disk = tuple({blob.digest: blob for blob in [*kept, *lost]}.values())
    repositories = tuple(dict.fromkeys(tag.repository for tag in tags))
    return Registry("localhost:5000", "http", "", repositories, tuple(tags), tuple(manifests), disk)


def sanitised(registry: Registry) -> dict[str, str]:
    view = RegistryView()
    still = Picture(view.draw(sample(registry)), view.tell(sample(registry)))
    return bundle(still._repr_mimebundle_())


def test_in_words() -> None:
    told = RegistryView().tell(sample(recorded()))
    assert told.startswith("localhost:5000 (plain HTTP); blog: 1.0, any, stable; gone: no tag")
    assert "2 layers are shared by blog:1.0 and blog:any and blog:stable and team/shop:1.0" in told
    assert "3 blobs that no manifest names: garbage-collect removes this" in told
    assert "1 manifest without a tag" in told
    assert told.endswith("1 upload begun and not finished")
    assert "sha256" not in told


def test_a_shared_blob_is_drawn_once_with_a_line_from_each_that_has_it() -> None:
    registry = recorded()
    base = registry.manifests[0] if registry.manifests[0].blobs else registry.manifests[1]
    layer = base.blobs[1].digest
    assert keys(registry).count(f"blob-{layer}") == 1
    lines = [key for key in keys(registry) if key.startswith("has-") and key.endswith(layer)]
    assert len(lines) == 3
    assert words(registry).count("shared by 3") == 2


def test_each_tag_leads_to_its_manifest() -> None:
    found = keys(recorded())
    for tag in ("blog:1.0", "blog:any", "blog:stable", "team/shop:1.0"):
        assert found.count(f"tag-{tag}") == 1
    assert any(key.startswith("in-sha256:") for key in found), "an index leads to its manifests"


def test_names_from_frame_to_frame_are_unique() -> None:
    for registry in (recorded(), many(30)):
        found = keys(registry)
        assert len(found) == len(set(found))


def test_what_is_stored_stands_against_the_sum_of_the_images() -> None:
    said = words(recorded())
    assert said[said.index("each image by itself") + 1] == "6.12MB"
    assert said[said.index("stored") + 1] == "2.51MB"
    assert "stored for these tags" in words(recorded(""))


def test_an_empty_registry_and_one_that_never_answered() -> None:
    empty = Registry("localhost:5000", "http", disk=())
    assert "It is empty." in words(empty)
    assert "not reached yet" in words(Registry("localhost:5000"))
    silent = sample(Registry("localhost:5000"), "Nobody answers.")
    assert RegistryView().tell(silent) == "localhost:5000 has told nothing yet. Nobody answers."


def test_one_that_went_away_stays_on_the_picture_and_says_so() -> None:
    gone = sample(recorded(), "The registry localhost:5000 asks who you are (401).")
    picture = RegistryView().draw(gone)
    assert "! The registry localhost:5000 asks who you are (401)." in picture
    assert "team/shop" in picture
    assert RegistryView().tell(gone).endswith("(401).")


@pytest.mark.parametrize("registry", [recorded(), many(1), many(12), many(60)])
def test_boxes_stand_apart_and_on_the_card(registry: Registry) -> None:
    planned = plan(registry)
    rows = (planned.cards, planned.papers, planned.bars, planned.garbage)
    boxes = [edges(box) for row in rows for *_, box in row]
    assert boxes
    assert not overlaps(boxes)
    height = float(drawn(registry).attrib["height"])
    assert not outside(boxes, WIDTH, height)
    assert max(box[3] for box in boxes) <= planned.bottom


def test_what_is_not_drawn_is_counted() -> None:
    registry = many(60)
    drawn_boxes = plan(registry)
    shown = [drawn_boxes.cards, drawn_boxes.papers, drawn_boxes.bars, drawn_boxes.garbage]
    there = 60 + 60 + 121 + 30
    assert drawn_boxes.left_out == there - sum(map(len, shown))
    assert f"… and {drawn_boxes.left_out} more, not drawn" in words(registry)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_registrys_words_are_escaped(name: str) -> None:
    registry = many(2)
    tags = tuple(replace(tag, repository=name, name=name) for tag in registry.tags[:1])
    hostile = replace(
        registry, address=name, user=name, repositories=(name,), tags=tags, scheme="https"
    )
    view = RegistryView()
    picture = view.draw(sample(hostile))
    assert "<script" not in picture
    ElementTree.fromstring(picture)
    assert Picture(picture, view.tell(sample(hostile)))._repr_mimebundle_()


def test_rebuilt_images_give_the_same_picture_but_for_digests_and_bytes() -> None:
    assert sanitised(many(5)) == sanitised(many(5, unit=1234567, first=1 << 200))
    assert sanitised(many(5)) != sanitised(many(6))
    less = many(5)
    assert sanitised(less) != sanitised(replace(less, tags=less.tags[1:]))
    assert sanitised(less) != sanitised(replace(less, disk=less.disk and less.disk[:-1]))


def test_the_same_moment_is_the_same_picture() -> None:
    view = RegistryView()
    assert view.draw(sample(recorded())) == view.draw(sample(recorded()))


def test_a_full_picture_is_drawn_quickly() -> None:
    registry, view = many(66), RegistryView()
    view.draw(sample(registry))
    began = time.perf_counter()
    view.draw(sample(registry))
    assert time.perf_counter() - began < 0.25


def test_bars_are_as_wide_as_their_bytes() -> None:
    root = drawn(many(3))
    widths = {}
    for group in root.iter(f"{SVG}g"):
        if group.attrib.get("data-key", "").startswith("blob-"):
            inner = group.find(f"{SVG}g/{SVG}rect")
            told = group.find(f"{SVG}g/{SVG}title")
            assert inner is not None
            assert told is not None
            widths[int((told.text or "").split()[0])] = float(inner.attrib["width"])
    assert widths[50_000] == 130
    in_order = [width for _, width in sorted(widths.items())]
    assert all(one <= other for one, other in pairwise(in_order))


@pytest.mark.parametrize(
    "address", ["http://localhost:5000", "localhost:5000/app", "", "a b", "$(id)", "-x:5000", "a\n"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(CourseError, match=r"registry's address"):
        Registries.registry(None, address)  # type: ignore[arg-type]  # refused before the lab is used
