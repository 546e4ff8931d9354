"""live.js in a bare page: what moves stays the same element, what goes fades, what comes is new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from course.views import live, svg
from course.views.lifecycle import Lifecycle
from course.watch.state import Container, State

SOURCE = (Path(live.__file__).parent / "live.js").read_text(encoding="utf-8")
STYLE = (Path(live.__file__).parent / "live.css").read_text(encoding="utf-8")

# A stand-in for the widget's model, with the four calls that anywidget gives a module.
HARNESS = """
async ([source, picture]) => {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const pack = async (svg) => {
    const packed = new Blob([svg]).stream().pipeThrough(new CompressionStream("deflate"));
    return new DataView(await new Response(packed).arrayBuffer());
  };
  const traits = { picture: await pack(picture), seq: 0, live: true }, heard = {};
  window.sent = [];
  window.model = {
    get: (name) => traits[name],
    on: (name, call) => (heard[name] = call),
    off: (name) => delete heard[name],
    send: (message) => { window.sent.push(message); if ("drawn" in message) window.drawn?.(); },
    put: async (name, value) => {
      const drawn = name === "picture" ? new Promise((then) => (window.drawn = then)) : null;
      traits[name] = drawn ? await pack(value) : value;
      heard["change:" + name]?.();
      await drawn;
    },
  };
  window.el = document.body.appendChild(document.createElement("div"));
  window.leave = await widget.render({ model: window.model, el: window.el });
}
"""
KEYS = "() => [...document.querySelectorAll('svg > [data-key]:not([data-leaving])')]"


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def picture(*names: str, x: float = 0) -> str:
    groups = [
        svg.group([svg.text(0, 10, n)], key=n, x=x + i * 50, cls="glide")
        for i, n in enumerate(names)
    ]
    return svg.document(groups, width=400, height=60, title="t")


def show(page: Page, first: str) -> None:
    page.set_content("<body></body>")
    page.evaluate(HARNESS, [SOURCE, first])


def put(page: Page, name: str, value: Any) -> None:
    page.evaluate("([name, value]) => model.put(name, value)", [name, value])


def keys(page: Page) -> list[str]:
    return page.evaluate(f"({KEYS})().map((node) => node.dataset.key)")  # type: ignore[no-any-return]


def mark(page: Page) -> None:
    page.evaluate(f"({KEYS})().forEach((node) => (node.known = node.dataset.key))")


def known(page: Page) -> list[str]:
    return page.evaluate(f"({KEYS})().map((node) => node.known ?? null)")  # type: ignore[no-any-return]


def test_what_moves_is_the_same_element(page: Page) -> None:
    show(page, picture("a", "b", "c"))
    mark(page)
    put(page, "picture", picture("a", "b", "c", x=30))
    assert known(page) == ["a", "b", "c"]
    assert "80px" in page.locator("[data-key=b]").get_attribute("style")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("abc", "bc"),
        ("abc", "ac"),
        ("abc", "cab"),
        ("abc", "cxa"),
        ("abc", "xyz"),
        ("", "ab"),
        ("ab", ""),
        ("abcdef", "fdbxace"),
    ],
)
def test_any_change_of_membership(page: Page, before: str, after: str) -> None:
    show(page, picture(*before))
    mark(page)
    put(page, "picture", picture(*after))
    assert keys(page) == list(after)
    assert known(page) == [key if key in before else None for key in after]
    page.wait_for_function("!document.querySelector('[data-leaving]')")
    assert keys(page) == list(after)


def test_what_left_and_came_back_at_once_is_there_once(page: Page) -> None:
    show(page, picture("a", "b"))
    put(page, "picture", picture("b"))
    put(page, "picture", picture("a", "b"))
    page.wait_for_function("!document.querySelector('[data-leaving]')")
    assert keys(page) == ["a", "b"]


def test_two_of_one_key_by_mistake_are_both_there_in_each_frame(page: Page) -> None:
    show(page, picture("a", "a", "b"))
    for names in ("aab", "baa", "aab"):
        put(page, "picture", picture(*names))
        assert keys(page) == list(names)


@pytest.mark.parametrize("cls", ["", "dim"])  # fewer attributes, and as many but others
def test_an_attribute_that_goes_is_gone(page: Page, cls: str) -> None:
    before, after = (
        svg.document([svg.group([], key="a", **given)], width=400, height=60, title="t")
        for given in ({"pick": "web"}, {"cls": cls})
    )
    show(page, before)
    mark(page)
    put(page, "picture", after)
    assert known(page) == ["a"]
    had = page.evaluate(f"({KEYS})()[0].getAttributeNames().sort()")
    assert had == (["class", "data-key"] if cls else ["data-key"])


@pytest.mark.parametrize(("count", "glides"), [(60, True), (61, False)])
def test_a_few_glide_and_a_crowd_does_not(page: Page, count: int, glides: bool) -> None:
    names = [f"t{at}" for at in range(count)]
    show(page, picture(*names))
    page.add_style_tag(content=STYLE)
    put(page, "picture", picture(*names, x=200))
    # By the rule that holds and not by where it is: on a busy machine a glide may be over.
    takes = "() => getComputedStyle(document.querySelector('[data-key=t0]')).transitionDuration"
    assert page.evaluate(takes) == ("0.45s" if glides else "0s")
    put(page, "picture", picture(names[0], "new"))
    assert page.evaluate(takes) == "0.45s", "what follows a crowd glides again"


def test_a_token_glides_from_station_to_station(page: Page) -> None:
    web = Container("1", "web", state="running")
    state = State(containers=(web, Container("2", "db", state="running")))
    show(page, Lifecycle().draw(state))
    page.evaluate("() => (document.querySelector('[data-key=c-web]').known = true)")
    page.wait_for_timeout(50)
    ended = replace(
        state, containers=(replace(web, state="exited", exit_code=0), *state.containers[1:])
    )
    put(page, "picture", Lifecycle().draw(ended))
    page.wait_for_timeout(150)
    token = "document.querySelector('[data-key=c-web]')"
    where = f"() => new DOMMatrix(getComputedStyle({token}).transform).f"
    on_the_way = page.evaluate(where)
    page.wait_for_timeout(600)
    arrived = page.evaluate(where)
    assert page.evaluate("() => document.querySelector('[data-key=c-web]').known")
    assert 126 < on_the_way < arrived


def test_reduced_motion_is_respected(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    try:
        show(page, picture("a", "b"))
        assert page.evaluate(
            "() => getComputedStyle(document.querySelector('[data-key=a]')).transitionDuration"
        ) in ("0s", "")
        put(page, "picture", picture("b"))
        assert page.evaluate("() => document.querySelectorAll('[data-leaving]').length") == 0
        assert keys(page) == ["b"]
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_the_page_answers_each_frame_and_each_click(page: Page) -> None:
    show(page, picture("a"))
    page.evaluate("() => model.put('seq', 7)")
    put(page, "picture", picture("a", "b"))
    assert {"drawn": 7} in page.evaluate("sent")
    token = svg.group([svg.text(9, 30, "X")], pick="it's <b>")
    put(page, "picture", svg.document([token], width=90, height=50, title="t"))
    page.locator("[data-pick] text").click()
    assert {"pick": "it's <b>"} in page.evaluate("sent")
    page.evaluate("leave()")
    assert {"gone": True} in page.evaluate("sent")


def test_untrusted_names_run_nothing(page: Page) -> None:
    nasty = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'
    show(page, Lifecycle().draw(State(containers=(Container("1", nasty, state="running"),))))
    put(
        page,
        "picture",
        Lifecycle().draw(State(containers=(Container("1", nasty, state="exited"),))),
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.hit ?? null") is None
    assert page.locator("img, script").count() == 0
    assert page.locator("[data-pick]").get_attribute("data-pick") == nasty


@pytest.mark.parametrize(("scheme", "ground"), [("light", "255, 255, 255"), ("dark", "28, 30, 33")])
def test_a_still_follows_the_reader_and_a_page_its_theme(
    page: Page, scheme: str, ground: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    fill = "() => getComputedStyle(document.querySelector('.card')).fill"
    show(page, picture("a"))
    assert page.evaluate(fill) == f"rgb({ground})"
    page.evaluate("() => document.body.setAttribute('data-jp-theme-light', 'true')")
    page.evaluate("() => document.body.style.setProperty('--jp-layout-color1', 'rgb(1, 2, 3)')")
    assert page.evaluate(fill) == "rgb(1, 2, 3)"
    page.emulate_media(color_scheme="light")
