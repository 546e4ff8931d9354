"""The pieces of pictures: escaped, measured, readable."""

from __future__ import annotations

import random
from xml.etree import ElementTree

import pytest

from course.views import palette, svg

NASTY = (
    "<script>alert(1)</script>",
    "\"'&<>",
    "&lt;not twice&gt;",
    "]]><!--",
    "🐳 größer 漢字",
    "\x00\x01\x1b[31m\ud800\ufffe",
    "a\nb\tc",
    "",
    "javascript:alert(1)' onload='x",
)


def parsed(body: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.document([body], width=200, height=50, title="t", desc="d"))


def words(root: ElementTree.Element) -> list[str]:
    return [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", NASTY)
def test_any_name_stays_text(name: str) -> None:
    body = svg.group([svg.text(1, 2, name, key=name)], key=name, title=name, pick=name, cls=name)
    root = parsed(body)
    tags = {node.tag.rpartition("}")[2] for node in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "g", "text"}
    attributes = {key for node in root.iter() for key in node.attrib}
    assert not [key for key in attributes if key.startswith("on")]
    if name.isprintable():
        assert words(root) == [name]


def test_any_text_at_all_makes_a_well_formed_picture() -> None:
    dice = random.Random(7)
    for _ in range(300):
        name = "".join(chr(dice.randrange(0x11000)) for _ in range(dice.randrange(30)))
        parsed(svg.group([svg.text(1, 2, name, room=80)], key=name, title=name))


def test_escape_is_not_lossy_for_what_xml_can_hold() -> None:
    text = "<a b=\"c\" d='e'>&amp;"
    assert ElementTree.fromstring(f"<x>{svg.escape(text)}</x>").text == text
    assert ElementTree.fromstring(f'<x y="{svg.escape(text)}"/>').get("y") == text


@pytest.mark.parametrize("cut", [svg.shorten, svg.squeeze])
def test_what_is_cut_fits(cut: object) -> None:
    name = "a-very-long-name-of-a-container-0042"
    for room in range(20, 300, 10):
        short = cut(name, 12, room)  # type: ignore[operator]
        assert svg.text_width(short, 12) <= room
        assert short == name or "…" in short
    assert cut("web", 12, 100) == "web"  # type: ignore[operator]


def test_squeezed_names_still_differ() -> None:
    assert svg.squeeze("worker-of-many-001", 12, 70) != svg.squeeze("worker-of-many-002", 12, 70)


def test_a_picture_has_a_name_and_words() -> None:
    root = parsed("")
    assert (root.get("role"), root.get("aria-label")) == ("img", "t. d")
    assert [node.text for node in root][:2] == ["t", "d"]


def test_a_notice_is_in_the_picture() -> None:
    drawn = svg.document([], width=300, height=50, title="t", notice="engine <gone>")
    assert words(ElementTree.fromstring(drawn)) == ["! engine <gone>"]


def test_a_long_notice_keeps_to_its_strip_though_it_is_bold() -> None:
    drawn = svg.document([], width=720, height=50, title="t", notice="the engine is gone " * 12)
    lines = words(ElementTree.fromstring(drawn))
    assert len(lines) > 1
    # In DejaVu Sans Bold, the broadest of the fonts that a page may fall back to.
    assert max(svg.text_width(line, 12) for line in lines) * 1.12 <= 720 - 36


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(over: str, under: str, share: float) -> str:
    pairs = ((int(over[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


# The cards of JupyterLab's own themes (--jp-layout-color1) stand beside those of the stills.
CARDS = {"light": (palette.LIGHT, "#ffffff"), "dark": (palette.DARK, "#212121")}


@pytest.mark.parametrize("theme", CARDS)
def test_text_is_readable_wcag_aa(theme: str) -> None:
    colours, jupyter = CARDS[theme]
    for ground in (colours["bg"], colours["panel"], jupyter):
        for name in ("ink", "dim", *palette.HUES):
            assert contrast(colours[name], ground) >= 4.5, (name, ground)
        for name in palette.HUES:
            tint = mix(colours[name], ground, palette.TINT)
            assert contrast(colours[name], tint) >= 4.5, (name, "on its tint")
            assert contrast(colours["ink"], tint) >= 4.5, ("ink", name)


@pytest.mark.parametrize("theme", CARDS)
def test_strokes_are_visible_wcag_aa(theme: str) -> None:
    colours, jupyter = CARDS[theme]
    for ground in (colours["bg"], jupyter):
        assert contrast(colours["line"], ground) >= 3
