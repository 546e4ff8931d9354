"""Where a browser reaches the lab: text in code, a link in a notebook, stable in a comparison."""

from __future__ import annotations

from IPython.core.formatters import DisplayFormatter

from course.engine.url import Url
from course.testing import sanitise


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
