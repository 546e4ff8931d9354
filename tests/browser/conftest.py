"""One browser, one server and one page for all browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from lab_page import JupyterLab
from lab_server import Server
from playwright.sync_api import Browser, Playwright, sync_playwright

from course.catalogue import ROOT

# Chromium asks nobody anything that a test did not ask it to.
FLAGS = """--no-sandbox --disable-gpu --disable-quic --disable-background-networking --no-first-run
--disable-component-update --disable-sync"""
NAMES = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1200, "height": 1000}
FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(play: Playwright) -> Iterator[Browser]:
    """Chromium: the distribution's, else Playwright's own; without one, tests that need it skip."""
    found = next(filter(None, map(shutil.which, NAMES)), None) or play.chromium.executable_path
    if not Path(found).exists():
        message = f"no Chromium: none of {', '.join(NAMES)} is on PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    chromium = play.chromium.launch(executable_path=found, args=FLAGS.split())
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("jupyterlab")) as started:
        yield started


@pytest.fixture(scope="session")
def whole_page(server: Server, browser: Browser) -> Iterator[JupyterLab]:
    page = browser.new_page(viewport=SIZE)
    yield JupyterLab(server, page, ROOT / "test-results")
    page.close()


@pytest.fixture
def jupyterlab(whole_page: JupyterLab, request: pytest.FixtureRequest) -> Iterator[JupyterLab]:
    """The one page, with nothing open, and no errors remembered."""
    whole_page.forget()
    yield whole_page
    if request.node.stash.get(FAILED, False):
        whole_page.screenshot(f"failed-{request.node.name}")
    whole_page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers a failure, so that the page is photographed before it is closed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
