"""JupyterLab as a page object: open a notebook, run its cells, see what a learner sees."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from lab_server import Server
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, TimeoutError

from course.dev.normalise import METADATA

READY = 60  # seconds
STATUS = "window.panel.sessionContext.session?.kernel?.status"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
OPEN = """
async ([path, kernel]) => {
  const app = window.jupyterapp;
  const kernelPreference = { autoStartDefault: kernel, shouldStart: kernel };
  const panel = await app.commands.execute("docmanager:open", {
    path, factory: "Notebook", kernelPreference,
  });
  await panel.context.ready;
  if (kernel) await panel.sessionContext.ready;
  app.shell.activateById(panel.id);
  window.panel = panel;
}
"""
# One that was not waited for to its end must not answer for the next one.
BEGIN = """
argument => {{
  const mine = window.begun = {{}};
  window.ended = null;
  const end = problem => {{ if (window.begun === mine) window.ended = {{ problem }}; }};
  ({script})(argument).then(() => end(null), error => end(String(error)));
}}
"""
# The last cell's reply comes before its messages have been drawn: the kernel is asked once more.
RUN = """
async ([command, index]) => {
  const { content, sessionContext } = window.panel;
  if (index !== null) {
    content.deselectAll();
    content.activeCellIndex = index;
  }
  await window.jupyterapp.commands.execute(command);
  await sessionContext.session.kernel.requestKernelInfo();
}
"""
# What has run has a number, what runs or waits has null, and prose has none at all.
WAITING = """
() => window.panel.content.widgets.map(cell => cell.model.toJSON())
  .find(cell => cell.execution_count === null && cell.source.length)
"""
CLOSE = """
async () => {
  const { panel } = window;
  if (!panel || panel.isDisposed) return;
  if (panel.sessionContext.session) await panel.sessionContext.shutdown();
  panel.context.model.dirty = false;
  panel.dispose();
}
"""


class JupyterLab:
    """One page of one browser on one server; it is used again and again.

    Attributes:
        errors: What the page's console and scripts complained of since `forget`.
        strangers: Addresses other than 127.0.0.1 that the page asked for.
    """

    def __init__(self, server: Server, page: Page, pictures: Path) -> None:
        self.server, self.page, self.pictures = server, page, pictures
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(f"page: {error.stack or error}"))
        page.on("request", self._see)

    def load(self) -> None:
        """Loads JupyterLab anew, with nothing open."""
        self.page.goto(f"{self.server.url}/lab?reset")
        self.page.wait_for_function("() => window.jupyterapp?.shell", timeout=READY * 1000)
        self.page.evaluate("() => window.jupyterapp.restored")
        self._wait_for_splash()

    def forget(self) -> None:
        """Begins to collect errors and strangers from here on."""
        self.errors.clear()
        self.strangers.clear()

    def write(self, name: str, cells: Sequence[str]) -> str:
        """Writes a notebook into the server's folder; a cell that starts with # is prose."""
        made = [
            new_markdown_cell(source) if source.startswith("#") else new_code_cell(source)
            for source in cells
        ]
        nbformat.write(new_notebook(cells=made, metadata=METADATA), self.server.folder / name)
        return name

    def open(self, path: str) -> None:
        """Opens a notebook (a path below the server's folder) and waits for its kernel."""
        if self.page.url == "about:blank":
            self.load()
        self._do(OPEN, [path, True])
        self.page.wait_for_function(f"() => {STATUS} === 'idle'", timeout=READY * 1000)

    def look(self, path: str) -> None:
        """Opens a notebook in a page loaded anew, without a kernel."""
        self.load()
        self._do(OPEN, [path, False])

    def run_all(self, timeout: float = 120) -> None:
        """Runs all cells, and waits up to `timeout` seconds for the last one."""
        self._run("notebook:run-all-cells", None, timeout)

    def run(self, index: int, timeout: float = 60) -> None:
        """Runs the cell at this position and waits for it, up to `timeout` seconds."""
        self._run("notebook:run-cell", index, timeout)

    def start(self, index: int) -> None:
        """Runs the cell at this position, and waits only until the kernel is at it."""
        self._begin(RUN, ["notebook:run-cell", index])
        self.page.wait_for_function(f"() => {STATUS} === 'busy'", timeout=READY * 1000)

    def is_running(self, index: int) -> bool:
        """Whether the cell at this position has not ended.

        By its prompt: the kernel's status is idle after each message of a widget that it handled.
        """
        return self.cell(index).locator(".jp-InputPrompt").inner_text() == "[*]:"

    def _run(self, command: str, index: int | None, timeout: float) -> None:
        try:
            self._do(RUN, [command, index], timeout)
        except TimeoutError:
            raise AssertionError(f"{timeout} s, and it is at {self._waiting()}") from None

    def _waiting(self) -> str:
        """The first cell that has not ended, with what it has shown so far."""
        found = self.page.evaluate(WAITING) or {}
        shown = [output.get("text", "") for output in found.get("outputs", [])]
        source = "".join(found.get("source", ""))
        return f"cell {found.get('id')}:\n{source}\n{''.join(map(''.join, shown))}"

    def _begin(self, script: str, argument: Any) -> None:
        self.page.evaluate(BEGIN.format(script=script), argument)

    def _wait_for_splash(self) -> None:
        """Waits until JupyterLab's splash is off the page.

        It is shown at each load and change of theme, and taken away 200 ms after; shown again
        meanwhile, it is taken away twice, and JupyterLab throws a NotFoundError.
        """
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def _do(self, script: str, argument: Any = None, timeout: float = READY) -> None:
        """Runs a script that gives a promise; `evaluate` would wait for it without a bound."""
        self._begin(script, argument)
        self.page.wait_for_function("() => window.ended", timeout=timeout * 1000)
        problem = self.page.evaluate("() => window.ended.problem")
        assert problem is None, problem

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of the cell at this position, as they would be saved."""
        script = "i => window.panel.content.widgets[i].model.outputs.toJSON()"
        return list(self.page.evaluate(script, index))

    def cell_errors(self) -> list[str]:
        """Errors that cells show and were not meant to."""
        return [
            f"cell {cell['id']}: {output['ename']}: {output['evalue']}"
            for cell in self._cells()
            for output in cell.get("outputs", [])
            if output["output_type"] == "error"
            and "raises-exception" not in cell["metadata"].get("tags", [])
        ]

    def plain(self) -> str:
        """What all cells show as plain text beside their pictures and cards, an output a line."""
        shown = [output for cell in self._cells() for output in cell.get("outputs", [])]
        texts = (output.get("data", {}).get("text/plain", "") for output in shown)
        return "\n".join("".join(text) for text in texts)

    def _cells(self) -> list[dict[str, Any]]:
        """The notebook's cells, as they would be saved."""
        return list(self.page.evaluate("() => window.panel.content.model.toJSON().cells"))

    def cell(self, index: int) -> Locator:
        """The cell at this position, on the page and in view."""
        self.page.evaluate("i => window.panel.content.scrollToItem(i)", index)
        return self.page.locator(f".jp-Notebook:visible [data-windowed-list-index='{index}']")

    def theme(self, name: str) -> None:
        """Changes to the light or the dark theme."""
        script = "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
        self._do(script, THEMES[name])
        self.page.wait_for_selector(f"body[data-jp-theme-name='{THEMES[name]}']", state="attached")
        self._wait_for_splash()

    def screenshot(self, name: str) -> Path:
        """Keeps what the page shows as test-results/NAME.png."""
        path = self.pictures / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        return path

    def close(self) -> None:
        """Closes the notebook, unsaved, and ends its kernel."""
        self._do(CLOSE)

    def _hear(self, message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not (_is_too_early(url) or _is_cut_short(message.text)):
            self.errors.append(f"console: {message.text} ({url})")

    def _see(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self.strangers.append(request.url)


def _is_too_early(url: str) -> bool:
    """JupyterLab may ask for a picture of the prose before it has resolved its relative path.

    It asks again, rightly, at once; tests/unit/test_docs.py looks whether each picture exists.
    """
    return urlsplit(url).path.startswith("/assets/")


def _is_cut_short(text: str) -> bool:
    """JupyterLab asks each new kernel for its debugger, and says so if it is closed meanwhile."""
    return text.startswith("Could not restore the debugger state: Canceled future")
