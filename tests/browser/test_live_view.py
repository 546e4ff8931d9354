"""LiveView and Lifecycle in JupyterLab, drawn from States made in the notebook: no engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

SETUP = """
import time
from dataclasses import replace
from course.views.lifecycle import Lifecycle
from course.watch.state import Container, State
acts = []

def act(action, name):
    acts.append((action, name))
    if action == "kill":
        raise RuntimeError("the engine refused")

web = Container(id="4f2a" * 16, name="web", image="busybox", state="running")
state = State(containers=(web,), connected=True, seq=1)
view = Lifecycle(act=act)
view.show(state)
"""
CHANGE = """
state = State(containers=(replace(web, state="exited"),), connected=True, seq=2)
view.show(state)
"""
NASTY = """
evil = replace(web, name='<script>window.hurt = 1</script><img src=x onerror=window.hurt=1> 🐳"')
view.show(State(containers=(evil,), connected=True, seq=3))
"""
STATE, SHOW, MOVE, BUSY, ACTS, EVIL = range(6)


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    """A notebook that shows one Lifecycle; the tests of this file follow one another in it."""
    whole_page.forget()
    cells = [SETUP, "view", CHANGE, "time.sleep(4)", "acts", NASTY]
    whole_page.open(whole_page.write("live.ipynb", cells))
    whole_page.run(STATE)
    whole_page.run(SHOW)
    yield whole_page
    whole_page.theme("light")
    whole_page.close()


def picture(page: JupyterLab) -> Locator:
    return page.cell(SHOW).locator(".dk-live > svg")


def button(page: JupyterLab, name: str) -> Locator:
    named = re.compile(rf"^\W*{name}$")  # its icon is a letter of a font, and part of the name
    return page.cell(SHOW).get_by_role("button", name=named)


def test_the_picture_is_there_with_its_words(notebook: JupyterLab) -> None:
    expect(picture(notebook)).to_have_attribute("aria-label", re.compile("web running"))
    assert notebook.errors == []


def test_keys_reach_the_buttons_that_are_legal(notebook: JupyterLab) -> None:
    expect(button(notebook, "Start")).to_be_disabled()
    expect(button(notebook, "Stop")).to_be_enabled()
    choice = notebook.cell(SHOW).locator("select")
    choice.focus()
    notebook.page.keyboard.press("Tab")
    expect(button(notebook, "Stop")).to_be_focused()
    outline = button(notebook, "Stop").evaluate(
        "e => { const s = getComputedStyle(e); return s.outlineStyle + s.boxShadow + s.border; }"
    )
    plain = button(notebook, "Kill").evaluate(
        "e => { const s = getComputedStyle(e); return s.outlineStyle + s.boxShadow + s.border; }"
    )
    assert outline != plain, "the focus cannot be seen"
    notebook.page.keyboard.press("Enter")
    notebook.run(ACTS)
    assert "('stop', 'web')" in notebook.outputs(ACTS)[0]["data"]["text/plain"]


def test_a_button_works_while_a_cell_runs(notebook: JupyterLab) -> None:
    kill = button(notebook, "Kill")
    expect(kill).to_be_enabled()
    notebook.start(BUSY)
    kill.click()
    expect(notebook.cell(SHOW).locator("[role=status]")).to_contain_text("the engine refused")
    assert notebook.is_running(BUSY), "the answer came only after the cell"
    notebook.run(ACTS)
    assert "('kill', 'web')" in notebook.outputs(ACTS)[0]["data"]["text/plain"]


def test_a_new_frame_moves_the_same_element(notebook: JupyterLab) -> None:
    picture(notebook).evaluate(
        "svg => { window.token = svg.querySelector('[data-pick=web]');"
        " window.before = window.token.getAttribute('style') ?? ''; }"
    )
    notebook.run(MOVE)
    expect(picture(notebook)).to_have_attribute("aria-label", re.compile("web exited"))
    now = "svg => svg.querySelector('[data-pick=web]') === window.token"
    assert picture(notebook).evaluate(now)
    expect(button(notebook, "Start")).to_be_enabled()
    expect(button(notebook, "Stop")).to_be_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_in_both_themes(notebook: JupyterLab, theme: str) -> None:
    notebook.theme(theme)
    ink, card = (
        picture(notebook).locator(selector).first.evaluate("e => getComputedStyle(e).fill")
        for selector in ("text.bold", ".card")
    )
    assert contrast(ink, card) >= 4.5, (ink, card)
    assert (luminance(card) < 0.2) == (theme == "dark")
    notebook.screenshot(f"lifecycle-{theme}")


def test_the_engine_s_words_are_only_words(notebook: JupyterLab) -> None:
    notebook.run(EVIL)
    expect(picture(notebook)).to_have_attribute("aria-label", re.compile("<script>.*🐳"))
    assert notebook.page.evaluate("() => window.hurt") is None
    assert picture(notebook).locator("script, img").count() == 0


def test_no_console_error_came(notebook: JupyterLab) -> None:
    assert notebook.errors == []
    assert notebook.strangers == []


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance of a computed colour, `rgb(…)`."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("rgb(255, 255, 255)", "rgb(0, 0, 0)") == pytest.approx(21)
    assert contrast("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)
