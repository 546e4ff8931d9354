"""A fresh kernel that runs the cells of one notebook and keeps what a front end would show.

nbval and `course.dev.outputs` both run cells here, so what one commits the other compares:
`clear_output`, updates of displays and Output widgets are replayed by nbclient, streams are
merged, and messages are read while the cell runs, so that a burst is not lost.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from subprocess import DEVNULL
from types import TracebackType
from typing import Any, Self

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbformat import NotebookNode

from course.catalogue import ROOT

CELL_TIMEOUT = 120  # seconds
OUTPUT_TIMEOUT = 60  # seconds from a cell's end to its last message


class _ThisPython(KernelSpecManager):
    """Any kernel name is the kernel of the Python that runs this, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class Session:
    """Runs cells one by one; a context manager that starts and ends the kernel.

    Args:
        notebook: What to run; it is copied and never changed.
        folder: The kernel's working directory, the notebook's own.
        cell_timeout: Seconds that one cell may take.
        output_timeout: Seconds to wait for the messages of a cell that is done.
        environment: Variables that the kernel gets besides ours.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        folder: Path,
        cell_timeout: int = CELL_TIMEOUT,
        output_timeout: int = OUTPUT_TIMEOUT,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=_ThisPython())
        self.client = NotebookClient(
            deepcopy(notebook),
            km=self.manager,
            timeout=cell_timeout,
            iopub_timeout=output_timeout,
            raise_on_iopub_timeout=True,
            allow_errors=True,  # who runs the session judges errors
            store_widget_state=False,
            record_timing=False,
            coalesce_streams=True,
        )
        self.folder = folder
        self.environment = _environment() | (environment or {})
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(
            self.client.setup_kernel(
                cwd=str(self.folder), env=self.environment, stderr=DEVNULL, cleanup_kc=True
            )
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    @property
    def pid(self) -> int:
        """The kernel's process id; 0 where the kernel is none of this machine's processes."""
        return int(getattr(self.manager.provisioner, "pid", None) or 0)

    def run(self, index: int) -> NotebookNode:
        """Runs one cell and returns it as it is right then, with its fresh outputs.

        What a later cell changes in this cell's outputs is not seen: both who commits and who
        compares would have to wait for the notebook's end.

        Raises:
            nbclient.exceptions.CellTimeoutError: The cell took too long; it is interrupted.
            nbclient.exceptions.DeadKernelError: The kernel died.
        """
        cell = self.client.nb.cells[index]
        try:
            return deepcopy(self.client.execute_cell(cell, index))
        except TimeoutError:
            run_sync(self.manager.interrupt_kernel)()
            raise


def error_of(cell: NotebookNode) -> NotebookNode | None:
    """Returns the error output of a cell that was run, or None."""
    return next((out for out in cell.outputs if out.output_type == "error"), None)


def may_raise(cell: Any) -> bool:
    """Says whether a cell is there to show an error."""
    return "raises-exception" in cell.metadata.get("tags", [])


def _environment() -> dict[str, str]:
    """The kernel imports `course` from this tree, wherever another one is installed."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
