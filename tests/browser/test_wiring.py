"""Mounts and Network map in JupyterLab: they follow what others do to the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from lab_page import JupyterLab
from playwright.sync_api import Locator, expect

from course.engine.sandbox import connect
from course.images import supply

CELLS = [
    'import course\nlab = course.open("06")',
    "import json\nm = lab.nodes[0].machine\nprint(json.dumps([m.address.url, str(m.folder)]))",
    "lab.network_map()",
    "lab.mounts()",
    "lab.close()",
]
OPEN, WHERE, MAP, MOUNTS, CLOSE = range(5)
STILL = 700  # milliseconds after which everything has glided to its place
SOON = 15_000  # milliseconds for an action and its event, on a busy machine


@pytest.fixture(scope="module")
def notebook(whole_page: JupyterLab) -> Iterator[JupyterLab]:
    supply.ensure()
    whole_page.forget()
    whole_page.open(whole_page.write("wiring.ipynb", CELLS))
    whole_page.run(OPEN, timeout=120)
    for cell in (WHERE, MAP, MOUNTS):
        whole_page.run(cell)
    assert whole_page.cell_errors() == []
    yield whole_page
    whole_page.theme("light")
    whole_page.run(CLOSE)
    whole_page.close()


@pytest.fixture(scope="module")
def engine(notebook: JupyterLab) -> Iterator[docker.DockerClient]:
    """Somebody else's client of the notebook's engine."""
    url, folder = json.loads("".join(notebook.outputs(WHERE)[0]["text"]))
    client = connect(url, Path(folder))
    client.images.pull("busybox", "latest")
    yield client
    client.close()


def picture(page: JupyterLab, cell: int) -> Locator:
    return page.cell(cell).locator(".dk-live > svg")


def shows(page: JupyterLab, cell: int, words: str) -> None:
    expect(picture(page, cell)).to_have_attribute("aria-label", re.compile(words), timeout=SOON)


def test_the_map_follows_connect_and_disconnect(
    notebook: JupyterLab, engine: docker.DockerClient
) -> None:
    for name in ("web", "anchor"):  # the anchor keeps the bridge on the map
        engine.containers.create("busybox", "sleep 600", name=name, stop_signal="SIGKILL").start()
    shows(notebook, MAP, "bridge: web, anchor")
    net = engine.networks.create("front")
    shows(notebook, MAP, "front: nobody")
    card = picture(notebook, MAP).locator("[data-key='c-web']")
    card.evaluate("node => { node.marked = true; }")
    before = card.get_attribute("style")
    net.connect("web", aliases=["site"])
    shows(notebook, MAP, "front: web, names: site, web")
    expect(picture(notebook, MAP).locator("[data-key='wire-web-front']")).to_be_attached()
    engine.networks.get("bridge").disconnect("web")
    shows(notebook, MAP, "bridge: anchor; front: web")
    assert card.get_attribute("style") != before
    assert card.evaluate("node => node.marked"), "another element: it cannot have glided"
    net.disconnect("web")
    shows(notebook, MAP, "no network: web")
    net.connect("web")


def test_a_stopped_container_is_followed_too(
    notebook: JupyterLab, engine: docker.DockerClient
) -> None:
    idle = engine.containers.create("busybox", "true", name="idle")
    shows(notebook, MAP, "bridge: anchor, idle")
    engine.networks.get("front").connect(idle)
    shows(notebook, MAP, "front: web, idle")


def test_mounts_follow_volumes(notebook: JupyterLab, engine: docker.DockerClient) -> None:
    volume = engine.volumes.create("data")
    shows(notebook, MOUNTS, "orphaned: data")
    mount = docker.types.Mount("/data", "data", "volume")
    db = engine.containers.create("busybox", "true", name="db", mounts=[mount])
    shows(notebook, MOUNTS, r"db \(created\) mounts volume data at /data \(rw\)")
    db.remove()
    shows(notebook, MOUNTS, "orphaned: data")
    volume.remove()
    shows(notebook, MOUNTS, "nothing is mounted$")


def stage(engine: docker.DockerClient) -> None:
    """All that the two pictures can show: kinds of networks, of mounts and of containers."""
    for container in engine.containers.list(all=True):
        container.remove(force=True)
    for name, internal in (("shop", False), ("vault", True)):
        engine.networks.create(name, internal=internal)
    engine.volumes.create("orphan")
    pages = ["/srv/pages:/usr/share/nginx/html:ro", "shared:/data"]
    run(engine, "site", network="shop", ports={"80/tcp": 8080}, volumes=pages)
    pad = {"/scratch": "size=16m"}
    run(engine, "store", network="vault", volumes=["shared:/var/lib/files"], tmpfs=pad)
    run(engine, "both", network="shop", ports={"53/udp": 5353})
    engine.networks.get("vault").connect("both", aliases=["db", "database"])
    run(engine, "plain")
    run(engine, "idle", network="shop")
    engine.containers.get("idle").kill()


def run(engine: docker.DockerClient, name: str, **options: object) -> None:
    options = {"name": name, "stop_signal": "SIGKILL", **options}
    engine.containers.create("busybox", "sleep 600", **options).start()


def test_all_that_they_show_in_light_and_dark(
    notebook: JupyterLab, engine: docker.DockerClient
) -> None:
    stage(engine)
    shows(notebook, MAP, "vault .internal.: store, both, names: both, database, db, store")
    shows(notebook, MOUNTS, "shared is shared by site and store; orphaned: orphan$")
    for theme in ("light", "dark"):
        notebook.theme(theme)
        for cell, name in ((MAP, "network-map"), (MOUNTS, "mounts")):
            picture(notebook, cell).scroll_into_view_if_needed()
            notebook.page.wait_for_timeout(STILL)
            notebook.screenshot(f"{name}-{theme}")


def test_nothing_went_wrong_on_the_page(notebook: JupyterLab) -> None:
    assert notebook.errors == []
    assert notebook.strangers == []
