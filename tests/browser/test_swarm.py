"""Swarm in JupyterLab: it follows what others do to three nodes, and its buttons work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.types import ServiceMode, UpdateConfig
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

from course.engine.sandbox import connect
from course.images import supply

CELLS = [
    'import course\nlab = course.open("12a")',
    "import json\n"
    "machines = [node.machine for node in lab.nodes]\n"
    "print(json.dumps([[node.address, m.address.url, str(m.folder)]"
    " for node, m in zip(lab.nodes, machines)]))",
    "lab.swarm()",
    'blocked = lab.client.containers.run("busybox", "sleep 12", init=True)',
    "lab.close()",
]
OPEN, WHERE, SHOW, BUSY, CLOSE = range(5)
SOON = 30_000  # milliseconds for a command and the next reading, on a busy machine
LATE = 180_000  # milliseconds for an update of all tasks, or for managers to find each other
STILL = 700  # milliseconds after which everything has glided to its place


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("swarm.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    for cell in (WHERE, SHOW):
        whole_page.run(cell)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.theme("light")
    whole_page.run(CLOSE)
    whole_page.close()


@pytest.fixture(scope="module")
def engines(notebook: JupyterLab) -> Iterator[list[tuple[str, Any]]]:
    """Somebody else's clients of the notebook's engines, with the nodes' addresses."""
    told = json.loads("".join(notebook.outputs(WHERE)[0]["text"]))
    found = [(address, connect(url, Path(folder))) for address, url, folder in told]
    yield found
    for _, client in found:
        client.close()


def picture(page: JupyterLab) -> Locator:
    return page.cell(SHOW).locator(".dk-live > svg")


def shows(page: JupyterLab, words: str, within: int = SOON) -> None:
    expect(picture(page)).to_have_attribute("aria-label", re.compile(words), timeout=within)


def photograph(page: JupyterLab, name: str) -> None:
    """Keeps the picture in both themes."""
    page.page.wait_for_timeout(STILL)
    for theme in ("light", "dark"):
        page.theme(theme)
        picture(page).scroll_into_view_if_needed()
        page.screenshot(f"swarm-{name}-{theme}")
    page.theme("light")


def button(page: JupyterLab, name: str) -> Locator:
    return page.cell(SHOW).get_by_role("button", name=re.compile(rf"^\W*{name}$"))


def press(page: JupyterLab, name: str) -> None:
    expect(button(page, name)).to_be_enabled(timeout=SOON)
    button(page, name).click()


def choose(page: JupyterLab, what: str, name: str) -> None:
    page.cell(SHOW).get_by_label(what, exact=True).select_option(name)


def test_it_follows_a_swarm_that_others_form(
    notebook: JupyterLab, engines: list[tuple[str, Any]]
) -> None:
    shows(notebook, "node1 not in a swarm; node2 not in a swarm; node3 not in a swarm")
    expect(button(notebook, "Scale up")).to_be_disabled()
    (first, client), *others = engines
    client.swarm.init(advertise_addr=first)
    shows(notebook, "node1 manager, leader, ready; node2 not in a swarm")
    token = client.swarm.attrs["JoinTokens"]["Manager"]
    for address, other in others:
        other.swarm.join([first], token, advertise_addr=address)
    shows(notebook, "3 of 3 managers reachable, 2 needed")
    for _, each in engines:
        each.images.pull("busybox", "latest")
    mode = ServiceMode("replicated", 3)
    slowly = UpdateConfig(parallelism=1, delay=4 * 10**9, monitor=5 * 10**8)
    client.services.create(
        "busybox", ["sleep", "3600"], name="web", mode=mode, init=True, update_config=slowly
    )
    shows(notebook, "web 3 of 3")
    photograph(notebook, "rest")


def test_buttons_do_what_they_say_and_cards_glide(notebook: JupyterLab) -> None:
    card = picture(notebook).locator("[data-key='t-web.1']")
    card.evaluate("node => { node.stayed = true; }")
    press(notebook, "Scale up")
    shows(notebook, "web 4 of 4")
    node = _node_of(notebook, "web.1")
    choose(notebook, "Node", node)
    press(notebook, "Drain")
    shows(notebook, f"{node} manager, (?:leader, )?drain: takes no tasks;")  # and has none
    shows(notebook, "web 4 of 4")
    assert card.evaluate("node => node.stayed"), "the card was drawn anew and cannot glide"
    press(notebook, "Activate")
    shows(notebook, f"{node} manager, (?:leader, )?ready")


def _node_of(page: JupyterLab, task: str) -> str:
    words = str(picture(page).get_attribute("aria-label"))
    found = re.search(rf"(node\d) [^;\[]*\[[^\]]*\b{re.escape(task)}\b", words)
    assert found, words
    return found[1]


def test_a_button_works_while_a_cell_runs(notebook: JupyterLab) -> None:
    notebook.start(BUSY)
    press(notebook, "Scale down")
    shows(notebook, "web 3 of 3")
    assert notebook.is_running(BUSY), "the button was heard only after the cell"


def test_a_node_is_killed_and_brought_back(notebook: JupyterLab) -> None:
    choose(notebook, "Node", "node3")
    press(notebook, "Kill")
    shows(notebook, "node3 manager, (?:unreachable, )?switched off, down")
    shows(notebook, "web 3 of 3")
    photograph(notebook, "dead")
    press(notebook, "Bring back")
    shows(notebook, "node3 manager, ready")
    shows(notebook, "3 of 3 managers reachable")


def test_a_manager_is_demoted_and_promoted(notebook: JupyterLab) -> None:
    node = next(one for one in ("node2", "node3") if one != _leader(notebook))
    choose(notebook, "Node", node)
    press(notebook, "Demote")
    shows(notebook, f"{node} worker, ready")
    shows(notebook, "2 of 2 managers reachable, 2 needed")
    press(notebook, "Promote")
    shows(notebook, f"{node} manager, ready")
    shows(notebook, "3 of 3 managers reachable, 2 needed")


def _leader(page: JupyterLab) -> str:
    found = re.search(r"(node\d) manager, leader", str(picture(page).get_attribute("aria-label")))
    assert found
    return found[1]


def test_an_update_goes_on_and_is_rolled_back(notebook: JupyterLab) -> None:
    press(notebook, "Update")
    shows(notebook, "web [1-3] of 3, updating [12]/3")
    photograph(notebook, "update")
    press(notebook, "Roll back")
    shows(notebook, "web [1-3] of 3, roll(?:ing|ed) back")
    shows(notebook, "web 3 of 3, rolled back", LATE)


def test_without_a_majority_it_says_so_and_offers_only_the_switches(notebook: JupyterLab) -> None:
    for node in ("node2", "node3"):
        choose(notebook, "Node", node)
        press(notebook, "Kill")
        shows(notebook, f"{node} manager, (?:unreachable, )?switched off")
    shows(notebook, "No quorum: nothing can be changed", LATE)
    for name in ("Scale up", "Update", "Roll back", "Drain", "Demote"):
        expect(button(notebook, name)).to_be_disabled()
    photograph(notebook, "lost")
    for node in ("node2", "node3"):
        choose(notebook, "Node", node)
        press(notebook, "Bring back")
        expect(button(notebook, "Kill")).to_be_enabled(timeout=LATE)
    shows(notebook, "3 of 3 managers reachable, 2 needed", LATE)
    shows(notebook, "web 3 of 3", LATE)


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab) -> None:
    notebook.page.wait_for_timeout(STILL)
    notebook.theme("light")
    picture(notebook).scroll_into_view_if_needed()
    notebook.screenshot("swarm-engine")
    assert notebook.errors == []
    assert notebook.strangers == []
