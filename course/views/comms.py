"""Lets widgets hear the page while a cell runs."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from IPython.core.getipython import get_ipython

T = TypeVar("T")


def apart(call: Callable[[], T]) -> T:
    """Calls `call` so that what its widgets send belongs to no cell.

    JupyterLab sends the clicks of widgets to a thread of their own in the kernel (a subshell).
    But ipykernel 7.4 hands them back to the thread whose cell the widget last spoke for, and
    there they wait until that cell ends. A widget that spoke for no cell keeps its own thread:
    so make and change widgets in here. Outside a kernel this is a plain call.
    """
    context = copy_context()
    parent = getattr(getattr(get_ipython(), "kernel", None), "_shell_parent", None)
    if parent is not None:
        context.run(parent.set, {})
    return context.run(call)
