"""The lab as a notebook sees it: an engine, and the views, traces and checks on it."""

from __future__ import annotations

import threading

from course.catalogue import Chapter, catalogue
from course.engine import lab as engine_lab
from course.engine.lab import Node, attached, keep_spare, take_sandbox
from course.images import supply
from course.notebook.current import open_before, set_current
from course.notebook.progress import CellReport


class Lab(engine_lab.Lab):
    """A clean engine for one chapter, with everything a notebook shows of it."""


def _take(chapter: Chapter) -> tuple[Node, str]:
    if node := attached():
        node.stop()  # leaves it clean
        return node, "attached"
    have = supply.ready() or supply.ensure(CellReport())
    sandbox = take_sandbox(have.host, have.image, have.mirror, chapter.number)
    # The next notebook finds a warm one.
    arguments = (have.host, have.image, have.mirror)
    threading.Thread(target=keep_spare, args=arguments, daemon=True).start()
    return sandbox, have.source


def open_lab(number: str) -> Lab:
    """Opens the lab of a chapter; the one that was open in this kernel is closed."""
    chapter = catalogue().chapter(number)
    if before := open_before():
        before.close()
    lab = Lab(chapter, *_take(chapter))
    set_current(lab)
    return lab
