"""The still in a stored notebook: what a reader sees who has no kernel and trusts nothing."""

from __future__ import annotations

from lab_page import JupyterLab

from course.dev.outputs import refresh

# ipywidgets' own extension stumbles where a notebook has no session at all.
WIDGETS = "@jupyter-widgets/jupyterlab-manager"
CELLS = [
    "from course.views.lifecycle import Lifecycle\n"
    "from course.watch.state import Container, State\n"
    'web = Container(id="4f2a" * 16, name="web", image="busybox", state="running")',
    "view = Lifecycle(act=print)\nview.show(State(containers=(web,), connected=True, seq=1))\nview",
]


def test_the_still_shows_in_an_untrusted_notebook(jupyterlab: JupyterLab) -> None:
    name = jupyterlab.write("still.ipynb", CELLS)
    refresh(jupyterlab.server.folder / name)
    jupyterlab.look(name)
    image = jupyterlab.cell(1).locator(".jp-RenderedHTMLCommon img")
    image.wait_for()
    assert image.evaluate("img => img.complete && img.naturalWidth > 100")
    assert "web running" in str(image.get_attribute("alt"))
    assert not jupyterlab.page.evaluate("() => window.panel.content.widgets[1].model.trusted")
    assert jupyterlab.page.evaluate("() => window.panel.sessionContext.session") is None
    assert [error for error in jupyterlab.errors if WIDGETS not in error] == []
    jupyterlab.screenshot("still")
