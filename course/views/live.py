"""LiveView, the one widget class: shows a picture and keeps it current, frame by frame."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course.views.comms import apart
from course.views.pace import Pace
from course.views.svg import document, text

LOG = logging.getLogger(__name__)
LOG.addHandler(logging.NullHandler())  # else Python prints warnings into whichever cell runs

Frame = tuple[Callable[[], str], Callable[[], None]]
"""What draws a picture, and what is to be done when it is on its way."""

PATIENCE = 0.1  # seconds to wait for a page that may be closed

EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" class="dk" role="img" aria-label="empty"></svg>'


def _nothing() -> None:
    """What follows a frame that nothing follows."""


def _undrawn(problem: Exception) -> str:
    """Returns what stands for a picture that could not be drawn: the old one would seem true."""
    told = (
        f"Drawing it ended with {type(problem).__name__}: {problem}. The engine goes on without "
        "it, and the next change is drawn again. If this stays, run the cell that shows the view "
        "once more; it is a fault of the course, and worth a report."
    )
    title = "This picture cannot be drawn"
    heading = text(18, 36, title, size=16, cls="bold")
    return document([heading], width=720, height=56, title=title, desc=told, notice=told)


def _pack(picture: str, view: LiveView) -> bytes:
    """Returns the picture as it travels: a fifth of its size, or less."""
    data = zlib.compress(picture.encode(errors="replace"))
    view.sent = len(data)
    return data


class LiveView(anywidget.AnyWidget):
    """A picture on the page that follows what is offered to it.

    At most one frame is under way: the page answers each one that it has drawn, and only then
    (or when it stays silent for 0.1 s) does the latest frame follow. Frames between are never
    drawn. One thread of its own writes; it starts with the first frame and ends with `end`.

    Attributes:
        picture: The SVG, made with `course.views.svg`, which escapes.
        seq: Number of the frame.
        live: False once no frame will follow.
        sent: Bytes of the last picture as it travelled.
        problem: What drawing the last frame raised, else None. The page says so.
    """

    # The text and not the path: anywidget watches a path, and that keeps every instance alive.
    _esm = (Path(__file__).parent / "live.js").read_text(encoding="utf-8")
    _css = (Path(__file__).parent / "live.css").read_text(encoding="utf-8")
    picture = traitlets.Unicode(EMPTY).tag(sync=True, to_json=_pack)
    seq = traitlets.Int(0).tag(sync=True)
    live = traitlets.Bool(True).tag(sync=True)
    sent = 0

    def __init__(self, picture: str = EMPTY, **traits: Any) -> None:
        super().__init__(picture=picture, **traits)
        self._wake = threading.Condition()
        self._next: Frame | None = None
        self._drawn = 0
        self._over = False
        self._pace = Pace()
        self._thread: threading.Thread | None = None
        self._on_pick: Callable[[str], None] | None = None
        self.problem: Exception | None = None
        self.on_msg(self._hear)

    def offer(self, draw: Callable[[], str], after: Callable[[], None] = _nothing) -> None:
        """Takes the next frame, unless a later one comes before it is drawn.

        Args:
            draw: Returns the picture; runs on the writer's thread.
            after: Runs there when the picture is on its way: what can wait, so that it need not.
        """
        with self._wake:
            if self._over:
                return
            self._next = draw, after
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="view", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def on_pick(self, heard: Callable[[str], None]) -> None:
        """Sets what is called with the `pick` of a group that the reader clicks."""
        self._on_pick = heard

    def end(self, timeout: float = 1.0) -> None:
        """Lets the picture stand as it is, or as the frame that still waits has it.

        Args:
            timeout: Seconds that the writer gets for that frame.
        """
        with self._wake:
            self._over = True
            self._wake.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        apart(partial(self.set_trait, "live", False))

    def _write(self) -> None:
        while (frame := self._take()) is not None:
            try:
                sent = apart(partial(self._push, *frame))
            except Exception:
                LOG.exception("a frame could not be sent")
            else:
                if sent:
                    self._wait_drawn()

    def _take(self) -> Frame | None:
        with self._wake:
            self._wake.wait_for(lambda: self._over or self._next is not None)
            frame, self._next = self._next, None
            return frame

    def _push(self, draw: Callable[[], str], after: Callable[[], None]) -> bool:
        try:
            picture = self._draw(draw)
            is_new = picture != self.picture
            if is_new:
                with self.hold_sync():  # one message for both
                    self.seq += 1
                    self.picture = picture
            return is_new
        finally:
            after()

    def _draw(self, draw: Callable[[], str]) -> str:
        try:
            picture = draw()
        except Exception as problem:
            self.problem = problem
            LOG.exception("a frame could not be drawn")
            return _undrawn(problem)
        self.problem = None
        return picture

    def _wait_drawn(self) -> None:
        started, pause = time.monotonic(), self._pace.spend(self.sent)
        with self._wake:
            self._wake.wait_for(lambda: self._over or self._drawn >= self.seq, PATIENCE)
            left = pause - (time.monotonic() - started)
            if left > 0:
                self._wake.wait_for(lambda: self._over, left)

    def _hear(self, _: Any, content: Any, __: Any) -> None:
        message = content if isinstance(content, dict) else {}
        if "drawn" in message:
            with self._wake:
                self._drawn = max(self._drawn, int(message["drawn"]))
                self._wake.notify_all()
        elif "pick" in message and self._on_pick is not None:
            self._on_pick(str(message["pick"]))
        elif "gone" in message and self._over:
            self.close()
