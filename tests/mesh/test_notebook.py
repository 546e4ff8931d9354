"""Chapter 12b where the kernel has IPVS: its cells up to the Mesh picture, compared as strictly."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from docker import DockerClient
from docker.errors import APIError
from nbformat import NotebookNode
from patience import PATIENCE, TASKS

from course.catalogue import ROOT, catalogue
from course.notebook.lab import Lab
from course.testing import sanitise
from course.testing.differences import compared, of_engine, read
from course.testing.session import Session, error_of

NOTEBOOK = catalogue().chapter("12b").notebook
LAST = "mesh-view"
PREDEFINED = {"bridge", "host", "none", "docker_gwbridge", "ingress"}
# What `assets/12b-mesh.svg` is a copy of: `make test-mesh` draws it anew.
PICTURE = ROOT / "test-results" / "12b-mesh.svg"
# The three engines that are there: to boot three more takes an emulated processor minutes.
BEFORE = """
import sys
import pytest
sys.path.insert(0, {folder!r})
import patience
patience.grow(pytest.MonkeyPatch())

from course.engine import host, sandbox
from course.engine.cluster import of_sandboxes
from course.notebook import lab as opener

nodes = [one for one in sandbox.known(host.find()) if one.address.cluster == {cluster!r}]
opener._take = lambda chapter, count: (of_sandboxes(nodes), {source!r})
"""


Cells = dict[str, tuple[NotebookNode, NotebookNode]]


@pytest.fixture(scope="module")
def cells(bare: Lab) -> Iterator[Cells]:
    """Of each code cell what is stored, and what it shows here; none after one that failed."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    last = [cell.id for cell in notebook.cells].index(LAST)
    stored = [cell for cell in notebook.cells[: last + 1] if cell.cell_type == "code"]
    for node in bare.nodes:
        _clear(node.client)
    machine: Any = bare.nodes[0].machine
    before = BEFORE.format(
        folder=str(Path(__file__).parent), cluster=machine.address.cluster, source=bare.source
    )
    notebook.cells = [nbformat.v4.new_code_cell(before), *stored]
    found: Cells = {}
    with Session(notebook, NOTEBOOK.parent, cell_timeout=(TASKS + 1) * PATIENCE) as session:
        assert not (wrong := error_of(session.run(0))), wrong
        for at, one in enumerate(stored, 1):
            found[one.id] = one, session.run(at)
            if error_of(found[one.id][1]):
                break
        yield found


def test_its_cells_show_what_is_stored_or_listed_for_such_a_kernel(cells: Cells) -> None:
    entries = of_engine(read(ROOT / "tests/notebooks/engines.toml"), NOTEBOOK.name)
    for name, (stored, fresh) in cells.items():
        error = error_of(fresh)
        assert error is None, (name, error.traceback[-1])
        if name == LAST:
            _keep_picture(fresh)
        both = (sanitise.outputs(one.outputs) for one in (fresh, stored))
        now, expected = compared(*both, entries.get(name, ()))
        assert now == expected, name
    assert LAST in cells


def _clear(client: DockerClient) -> None:
    """Takes an engine out of its swarm, and leaves it its images."""
    if client.info()["Swarm"]["LocalNodeState"] != "inactive":
        client.api.leave_swarm(force=True)
    for container in client.containers.list(all=True):
        with suppress(APIError):  # the end of a task that leaving began
            container.remove(force=True, v=True)
    for network in client.networks.list():
        if network.name not in PREDEFINED:
            network.remove()


def _keep_picture(cell: NotebookNode) -> None:
    html = cell.outputs[-1].data["text/html"]
    svg = base64.b64decode(html.partition("base64,")[2].partition('"')[0])
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(svg)


def test_a_virtual_address_takes_connections(cells: Cells) -> None:
    """The cell compares with the probe; here is no doubt what that says."""
    shown = cells["discovery-ipvs"][1].outputs[0].data["text/plain"]
    assert "virtual addresses and the routing mesh work" in shown
    assert cells["discovery-ask-web"][1].outputs[0].data["text/plain"] == "True"
