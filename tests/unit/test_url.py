"""Where a browser reaches the lab: text in code, a link in a notebook, stable in a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from course.catalogue import catalogue
from course.engine.attached import AttachedMachine
from course.engine.sandbox import Address, Sandbox
from course.engine.url import Url
from course.errors import CourseError
from course.testing import sanitise

NO_HOST: Any = None  # none of these asks an engine


def form(address: str, port: int) -> object:
    return sanitise.data("text/html", Url(address, port)._repr_html_())


def test_it_is_a_str() -> None:
    url = Url("http://127.0.0.1:33012", 3050)
    assert f"{url}/api" == url + "/api" == "http://127.0.0.1:33012/api"
    assert (url.port, repr(url)) == (3050, "'http://127.0.0.1:33012'")


def test_a_notebook_shows_a_link() -> None:
    data, _ = DisplayFormatter().format(Url("http://127.0.0.1:33012", 3050))
    assert data["text/plain"] == "'http://127.0.0.1:33012'"
    assert '<a class="lab-url" href="http://127.0.0.1:33012" target="_blank"' in data["text/html"]


def test_an_address_is_escaped() -> None:
    assert "<script" not in Url('http://h"><script>:1', 1)._repr_html_()


def test_the_number_on_this_machine_is_not_compared_and_that_inside_is() -> None:
    usual = form("http://127.0.0.1:3050", 3050)
    assert usual == form("http://127.0.0.1:33012", 3050)
    assert usual == form("http://classroom.example:3050", 3050)
    assert usual != form("http://127.0.0.1:3050", 3000)


def test_other_links_are_compared() -> None:
    one, other = (
        sanitise.data("text/html", f'<a href="http://127.0.0.1:{port}/x">http://x:{port}</a>')
        for port in (3050, 3000)
    )
    assert one != other


def test_the_lab_of_a_class_is_reached_on_its_own_host() -> None:
    for api, browser in (
        ("https://room.example:2376", "http://room.example:3050"),
        ("https://[fd00::1]:2376", "http://[fd00::1]:3050"),
    ):
        assert AttachedMachine(api, Path()).url(3050) == browser


def test_a_sandbox_from_before_an_update_lacks_a_port() -> None:
    ports = {str(port): 40_000 + port for port in catalogue().ports}
    new = Sandbox(NO_HOST, Address("t", "c", "https://127.0.0.1:1", ports))
    old = Sandbox(NO_HOST, Address("t", "c", "https://127.0.0.1:1", {"8080": 8080}))
    assert new.publishes(catalogue().ports)
    assert not old.publishes(catalogue().ports)
    assert new.url(3050) == "http://127.0.0.1:43050"
    with pytest.raises(CourseError, match="8080"):
        old.url(3050)
