"""A notebook in JupyterLab and Chromium that shows a Lifecycle, and the engine that it drives."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from docker import DockerClient
from docker.models.containers import Container
from playwright.sync_api import Playwright, WebSocket, sync_playwright

from course.catalogue import ROOT
from course.engine.sandbox import connect

# The browser tests' own harness; as pytest has it, it is no package.
sys.path.insert(0, str(ROOT / "tests" / "browser"))
from conftest import FLAGS, NAMES, SIZE
from lab_page import JupyterLab
from lab_server import Server

OPEN = """
import course
lab = course.open("03")
if not lab.client.images.list("busybox"):
    lab.client.images.pull("busybox", "latest")
print(lab.nodes[0].machine.address.url, lab.nodes[0].machine.folder)
"""
SHOW = "lab.lifecycle()"
OPENED, SHOWN, FIRST = 0, 1, 2  # positions of cells; FIRST is the caller's
PICTURE = ".dk-live > svg"
READY = 30_000  # milliseconds


@dataclass(frozen=True)
class Notebook:
    """The page, its kernel's messages, and a client of the engine from outside the kernel.

    Attributes:
        page: The page object of the browser tests.
        client: Of the notebook's engine, for the bench's own thread.
        heard: Bytes of each message that the kernel's web socket brought to the page.
    """

    page: JupyterLab
    client: DockerClient
    heard: list[int]

    def run(self, name: str) -> Container:
        """Starts a container that does nothing and ends when it is told to."""
        made: Any = self.client.containers.run(
            "busybox", ["sleep", "3600"], name=name, detach=True, init=True
        )
        return made

    def words(self) -> str:
        """What the picture says of itself, as "Lifecycle. web running, db exited (0)"."""
        return str(self.page.page.locator(PICTURE).get_attribute("aria-label"))

    def wait_for(self, words: str) -> None:
        """Waits until the picture says these words.

        Raises:
            playwright.sync_api.TimeoutError: It does not in 30 s.
        """
        script = "([at, words]) => document.querySelector(at)?.ariaLabel?.includes(words)"
        self.page.page.wait_for_function(script, arg=[PICTURE, words], timeout=READY)

    def is_busy(self) -> bool:
        """Whether the cell that was started still runs."""
        # not the kernel's status: it is idle after each answer of the page to a frame, too
        return bool(self.page.page.evaluate("() => window.ended === null"))


@contextmanager
def notebook(cells: Sequence[str] = ()) -> Iterator[Notebook]:
    """Opens a notebook whose first two cells open a lab and show its Lifecycle; runs those.

    Args:
        cells: More cells, from position FIRST on; they are not run.
    """
    with (
        TemporaryDirectory(prefix="bench-") as home,
        Server(Path(home)) as server,
        sync_playwright() as play,
        closing(_chromium(play).new_page(viewport=SIZE)) as tab,
    ):
        heard: list[int] = []
        tab.on("websocket", lambda socket: _listen(socket, heard))
        page = JupyterLab(server, tab, ROOT / "test-results")
        page.open(page.write("bench.ipynb", [OPEN, SHOW, *cells]))
        for index in (OPENED, SHOWN):
            page.run(index)
        assert page.cell_errors() == [], page.cell_errors()
        url, folder = page.outputs(OPENED)[-1]["text"].split()
        with closing(connect(url, Path(folder))) as client:
            yield Notebook(page, client, heard)
        page.close()


def _chromium(play: Playwright) -> Any:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return play.chromium.launch(executable_path=found, args=FLAGS.split())


def _listen(socket: WebSocket, heard: list[int]) -> None:
    """Notes the sizes of a kernel's messages."""
    if "/api/kernels/" in socket.url:
        socket.on("framereceived", lambda data: heard.append(_size(data)))


def _size(data: str | bytes) -> int:
    return len(data.encode() if isinstance(data, str) else data)
