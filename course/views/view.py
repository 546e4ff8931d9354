"""View: a picture of what an engine holds or does, live on the page and still in the notebook."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, Self, TypeVar

import ipywidgets

from course.views.comms import apart
from course.views.live import LiveView
from course.views.svg import escape

WIDGET = "application/vnd.jupyter.widget-view+json"

Act = Callable[[str, str], None]
"""Does an action ("start", "stop" …) to the container of a name; raises what went wrong."""


class Moment(Protocol):
    """What is drawn: a frozen value, such as a State."""

    @property
    def seq(self) -> int:
        """Counts up from moment to moment."""


M = TypeVar("M", bound=Moment)
M_co = TypeVar("M_co", bound=Moment, covariant=True)


class Source(Protocol[M_co]):
    """Where a view's moments come from, such as a Watcher."""

    @property
    def state(self) -> M_co:
        """The last one."""

    def subscribe(self, heard: Callable[[M_co], None]) -> Callable[[], None]:
        """Calls `heard` with each new one until the returned function is called."""

    def settle(self, timeout: float = 5) -> M_co:
        """Returns one at least as new as this call."""


@dataclass(frozen=True)
class Picture:
    """A still: the SVG as an image, and in words.

    As `<img>`, since JupyterLab shows no inline SVG in a notebook that is not trusted.
    """

    svg: str
    words: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        data = base64.b64encode(self.svg.encode()).decode()
        source = f"data:image/svg+xml;base64,{data}"
        image = f'<img src="{source}" alt="{escape(self.words)}" style="max-width:100%">'
        return {"text/plain": self.words, "text/html": image}

    def __repr__(self) -> str:
        return self.words


class View(Generic[M]):
    """What all views share; a view of its own gives `title`, `empty`, `draw` and `tell`.

    Displaying it puts the live picture with its controls on the page, and the still into the
    notebook for whoever reads it without a kernel. Displayed again, the earlier picture stays
    as it was and the new one is live. A view that was closed is shown as it was by then, without
    controls. A view never holds a client of the engine.

    Args:
        act: Called by controls; without it the view only shows.
    """

    title = "View"

    def __init__(self, act: Act | None = None) -> None:
        self.act = act
        self._lock = threading.RLock()
        self._state = self.empty()
        self._source: Source[M] | None = None
        self._leave: Callable[[], None] | None = None
        self._live: LiveView | None = None
        self._box: ipywidgets.VBox | None = None
        self._closed = False

    def empty(self) -> M:
        """Returns what is shown before anything is known."""
        raise NotImplementedError

    def draw(self, state: M) -> str:
        """Returns the picture of `state` as SVG: the same moment, the same picture."""
        raise NotImplementedError

    def tell(self, state: M) -> str:
        """Returns the picture in words, without ids, addresses or times."""
        raise NotImplementedError

    def controls(self) -> Sequence[ipywidgets.Widget]:
        """Makes the widgets that stand above the picture, anew for each display."""
        return ()

    def refresh(self, state: M) -> None:
        """Fits the controls to `state`; called after each frame, on any thread."""

    def picked(self, name: str) -> None:
        """Hears that the reader clicked a group with `pick=name`."""

    @property
    def state(self) -> M:
        """The moment that is shown."""
        return self._state

    def attach(self, source: Source[M]) -> Self:
        """Follows a source, as a Watcher, from now on; returns the view."""
        self.detach()
        with self._lock:
            self._closed = False
            self._source = source
            self._leave = source.subscribe(self.show)
        self.show(source.state)
        return self

    def detach(self) -> None:
        """Follows nothing any more; the picture stays."""
        with self._lock:
            leave, self._leave, self._source = self._leave, None, None
        if leave is not None:
            leave()

    def show(self, state: M) -> None:
        """Shows `state`, soon and on the picture's own thread; later moments go first."""
        with self._lock:
            if state.seq < self._state.seq:
                return  # settle() may have shown a newer one already
            self._state, live = state, self._live
        if live is not None:
            live.offer(partial(self.draw, state), partial(self.refresh, state))

    def snapshot(self) -> Picture:
        """Returns the still of this moment."""
        return self._still(self._settled())

    def close(self) -> None:
        """Ends the live picture, which stays on the page as it is, and follows nothing."""
        self._closed = True
        self.detach()
        self._retire()

    def _settled(self) -> M:
        source = self._source
        if source is not None:
            self.show(source.settle())
        return self._state

    def _still(self, state: M) -> Picture:
        return Picture(self.draw(state), f"{self.title}: {self.tell(state)}")

    def _retire(self) -> None:
        with self._lock:
            live, self._live = self._live, None
            box, self._box = self._box, None
        if live is None or box is None:
            return
        live.end()
        box.children, controls = (live,), [child for child in box.children if child is not live]
        for control in controls:
            control.close()

    def _renew(self, still: Picture) -> ipywidgets.VBox:
        self._retire()
        live = LiveView(still.svg)
        if self._closed:
            live.end()
            return ipywidgets.VBox([live])
        live.on_pick(self.picked)
        # The picture is the first child, though the last on the page: without the controls it is
        # first still, and the page keeps it. Elsewhere it would be made anew, and that of a view
        # that has ended tells Python that it is gone.
        order = ipywidgets.Layout(flex_flow="column-reverse")
        box = ipywidgets.VBox([live, *reversed(self.controls())], layout=order)
        with self._lock:
            self._live, self._box = live, box
        self.refresh(self._state)
        self.show(self._state)
        return box

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        still = self._still(self._settled())
        box = apart(partial(self._renew, still))
        view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
        return {**still._repr_mimebundle_(), WIDGET: view}

    def __repr__(self) -> str:
        return f"{self.title}: {self.tell(self._state)}"
