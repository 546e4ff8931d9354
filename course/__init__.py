"""The interactive Docker course. Importing it never touches an engine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.notebook.lab import Lab

__all__ = ["open"]


def open(chapter: str, nodes: int | None = None) -> Lab:
    """Opens the lab of a chapter: a clean engine of your own, and the views on it.

    Args:
        chapter: Its number, as "03".
        nodes: How many engines, 1 to 7; without it, as many as the chapter needs.

    Returns:
        The lab; its `.client` is an ordinary `docker.DockerClient`.

    Raises:
        CourseError: No engine can be had; one paragraph says why and what to do.
    """
    # Here and not above: importing the course must stay cheap and touch nothing.
    from course.notebook.lab import open_lab

    return open_lab(chapter, nodes)


def _prepare_kernel() -> None:
    """In a kernel, `%%host` must be known before the first lab is: it then says what to do."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        from course.notebook.lab import prepare

        prepare(shell)


_prepare_kernel()
