"""Mesh in JupyterLab: requests to three nodes, drawn while they run; with and without a mesh."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

from course.images import supply

CELLS = [
    'import course\nlab = course.open("12b")',
    """\
first, *others = lab.nodes
lab.client.swarm.init(advertise_addr=first.address)
token = lab.client.swarm.attrs["JoinTokens"]["Worker"]
for node in others:
    node.client.swarm.join([first.address], token, advertise_addr=node.address)
from docker.types import EndpointSpec, ServiceMode
say = ["sh", "-c", "mkdir /www; hostname > /www/index.html; exec httpd -f -h /www"]
near = EndpointSpec(mode="dnsrr", ports={3000: (80, "tcp", "host")})
for name, port in (("near", near), ("web", EndpointSpec(ports={8080: 80}))):
    lab.client.services.create("busybox", say, name=name, init=True, endpoint_spec=port,
                               mode=ServiceMode("replicated", 2))
lab.converge(timeout=120)""",
    "lab.mesh(3000)",
    "lab.mesh(8080)",
    "print(bool(lab.has_ipvs()))",
    "lab.close()",
]
OPEN, SERVE, NEAR, WEB, PROBE, CLOSE = range(6)
SOON = 60_000  # milliseconds for all requests, on a busy machine
STILL = 700  # milliseconds after which everything has glided to its place


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("mesh.ipynb", CELLS))
    for cell in (OPEN, SERVE, PROBE):
        whole_page.run(cell, timeout=240)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.theme("light")
    whole_page.run(CLOSE)
    whole_page.close()


def picture(page: JupyterLab, cell: int) -> Locator:
    return page.cell(cell).locator(".dk-live > svg")


def shows(page: JupyterLab, cell: int, words: str) -> None:
    expect(picture(page, cell)).to_have_attribute("aria-label", re.compile(words), timeout=SOON)


def photograph(page: JupyterLab, cell: int, name: str) -> None:
    """Keeps the picture in both themes."""
    page.page.wait_for_timeout(STILL)
    for theme in ("light", "dark"):
        page.theme(theme)
        picture(page, cell).scroll_into_view_if_needed()
        page.screenshot(f"mesh-{name}-{theme}")
    page.theme("light")


def test_who_took_requests_and_who_answered(notebook: JupyterLab) -> None:
    notebook.run(NEAR)
    shows(notebook, NEAR, "near publishes it on the nodes of its tasks")
    words = str(picture(notebook, NEAR).get_attribute("aria-label"))
    assert len(re.findall(r"node\d: all answered, by 1 task\b", words)) == 2
    assert len(re.findall(r"node\d: 10 refused", words)) == 1
    photograph(notebook, NEAR, "host")


def test_what_becomes_of_them_in_the_mesh(notebook: JupyterLab) -> None:
    """Without IPVS in the kernel they are refused; which kernel it is, the lab says."""
    notebook.run(WEB)
    shows(notebook, WEB, "web publishes it on every node")
    words = str(picture(notebook, WEB).get_attribute("aria-label"))
    works = "True" in "".join(notebook.outputs(PROBE)[0]["text"])
    wanted = r"node\d: all answered, by 2 tasks" if works else r"node\d: 10 refused"
    assert len(re.findall(wanted, words)) == 3, words
    photograph(notebook, WEB, "ingress")


def test_its_still_is_in_the_notebook(notebook: JupyterLab) -> None:
    shown = notebook.outputs(NEAR)[-1]["data"]
    assert "all answered, by 1 task" in "".join(shown["text/plain"])
    assert "data:image/svg+xml;base64," in "".join(shown["text/html"])


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab) -> None:
    assert notebook.cell_errors() == []
    assert notebook.errors == []
    assert notebook.strangers == []
