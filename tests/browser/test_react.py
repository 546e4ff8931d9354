"""The applications in a learner's browser: by the link in the notebook, through nginx, to React."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from lab_page import JupyterLab
from playwright.sync_api import Page, expect

from course.engine.sandbox import Sandbox, known
from course.images import supply

START = """
from course.engine.upload import upload
from course.catalogue import ROOT
box = lab.nodes[0].machine
places = [upload(box, ROOT / "exercises" / app) for app in ("complex-app", "frontend")]
for place in places:
    code, said = lab.run(f"cd {place} && docker compose --progress quiet up -d 2>&1")
    assert code == 0, said
print(json.dumps([lab.nodes[0].machine.address.url, *places]))
"""
CELLS = [
    'import course, json\nlab = course.open("06")',
    START,
    "lab.url(3050)",
    "lab.request_path()",
    "lab.url(3000)",
    "lab.close()",
]
OPEN, UP, WHOLE, PATH, FRONT, CLOSE = range(6)
SOON = 30_000  # milliseconds, on a busy machine
MARK = "window.notReloaded = true"


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("react.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    whole_page.run(UP, timeout=300)
    for index in (WHOLE, PATH, FRONT):
        whole_page.run(index)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.run(CLOSE)
    whole_page.close()


@pytest.fixture(scope="module")
def places(notebook: JupyterLab) -> list[str]:
    """The address of the notebook's engine, and the applications' folders on its host."""
    return list(json.loads("".join(notebook.outputs(UP)[0]["text"])))


@pytest.fixture(scope="module")
def host(places: list[str]) -> Sandbox:
    boxes = known(supply.ensure().host)
    return next(box for box in boxes if box.address.url == places[0])


def follow(notebook: JupyterLab, cell: int) -> Page:
    """Clicks the link that a cell shows; gives the page that it opens, once React is there."""
    with notebook.page.context.expect_page() as opened:
        notebook.cell(cell).locator("a.lab-url").click()
    page = opened.value
    # Vite may prepare its packages at the first visit, and loads the page once more by itself.
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=SOON)
    page.wait_for_load_state("networkidle")
    page.evaluate(MARK)
    return page


@pytest.fixture(scope="module")
def react(notebook: JupyterLab) -> Iterator[Page]:
    page = follow(notebook, WHOLE)
    yield page
    page.close()


def is_the_same(page: Page) -> bool:
    """Whether the page was never loaded again."""
    return bool(page.evaluate("window.notReloaded === true"))


def change(host: Sandbox, folder: str, file: str, old: str, new: str) -> None:
    code, said = host.run(
        f"grep -q '{old}' {folder}/{file} && sed -i 's/{old}/{new}/' {folder}/{file}"
    )
    assert code == 0, said


def row(page: Page, index: int, value: str) -> None:
    cells = rf"^{index}\s*{value}\s*[0-9a-f]{{12}}$"
    expect(page.get_by_role("row").filter(has_text=re.compile(cells))).to_be_visible(timeout=SOON)


def test_an_index_gets_its_value_without_a_reload(react: Page, notebook: JupyterLab) -> None:
    react.get_by_label("Index").fill("10")
    react.get_by_role("button", name="Submit").click()
    row(react, 10, "55")
    expect(react.locator("#seen")).to_contain_text("10")
    assert is_the_same(react)
    react.screenshot(path=notebook.pictures / "react.png")


def test_a_value_comes_through_the_websocket(react: Page, host: Sandbox) -> None:
    """Somebody else hands in an index; this page asks for nothing."""
    asked: list[str] = []
    react.on("request", lambda request: asked.append(request.url))
    body = json.dumps({"index": 12}).encode()
    request = urllib.request.Request(f"{host.url(3050)}/api/values", body)
    request.add_header("content-type", "application/json")
    urllib.request.urlopen(request, timeout=10).close()
    row(react, 12, "144")
    assert asked == []
    assert is_the_same(react)


def test_the_picture_in_the_notebook_follows(react: Page, notebook: JupyterLab) -> None:
    react.get_by_label("Index").fill("21")
    react.get_by_role("button", name="Submit").click()
    picture = notebook.cell(PATH).locator(".dk-live > svg")
    done = re.compile("row written: 21.*job queued: 21.*202 Accepted.*value written: 21")
    expect(picture).to_have_attribute("aria-label", done, timeout=SOON)
    notebook.screenshot("request-path")


@pytest.mark.parametrize("index", ["-1", "41", "<script>alert(1)</script>", "seven"])
def test_a_bad_index_shows_why(react: Page, index: str) -> None:
    react.get_by_label("Index").fill(index)
    react.get_by_role("button", name="Submit").click()
    told = react.get_by_role("alert")
    expect(told).to_have_text("The index is a whole number from 0 to 40.", timeout=SOON)
    react.get_by_label("Index").fill("1")
    react.get_by_role("button", name="Submit").click()
    expect(told).to_have_text("", timeout=SOON)
    row(react, 1, "1")


def test_a_change_of_the_source_shows_through_nginx(
    react: Page, host: Sandbox, places: list[str]
) -> None:
    change(host, f"{places[1]}/client", "src/App.jsx", "Fibonacci, with", "Numbers, with")
    expect(react.get_by_role("heading", level=1)).to_contain_text("Numbers, with", timeout=SOON)
    row(react, 10, "55")  # what the page knows outlives the change
    assert is_the_same(react)


def test_live_reload_of_the_front_end(
    notebook: JupyterLab, host: Sandbox, places: list[str]
) -> None:
    page = follow(notebook, FRONT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 ships with")
    change(host, places[2], "src/headline.js", "noun} with", "noun} carry")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 ships carry", timeout=SOON)
    assert is_the_same(page)
    page.close()
