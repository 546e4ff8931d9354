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


_TIMEOUT = "CellTimeout"


class TookTooLong(Exception):  # noqa: N818  # reads as what happened
    """A cell did not end in time.

    Attributes:
        cell: The cell, with what it had shown by then.
    """

    def __init__(self, seconds: int, cell: NotebookNode) -> None:
        super().__init__(f"The cell took longer than {seconds} s")
        self.cell = cell


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
            # The interrupt shows in a traceback where the cell hung, and lets the cells after it
            # run; the stand-in for a reply bounds the wait for a cell that ignores interrupts.
            interrupt_on_timeout=True,
            error_on_timeout={"ename": _TIMEOUT, "evalue": "", "traceback": []},
            on_cell_executed=self._note_timeout,
            iopub_timeout=output_timeout,
            raise_on_iopub_timeout=True,
            allow_errors=True,  # who runs the session judges errors
            store_widget_state=False,
            record_timing=False,
            coalesce_streams=True,
        )
        self.folder, self.cell_timeout = folder, cell_timeout
        self._is_late = False
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
            TookTooLong: The cell took too long; it is interrupted.
            nbclient.exceptions.DeadKernelError: The kernel died.
        """
        cell = self.client.nb.cells[index]
        self._is_late = False
        try:
            done = deepcopy(self.client.execute_cell(cell, index))
        except TimeoutError as error:  # it ignored the interrupt
            run_sync(self.manager.shutdown_kernel)(now=True)
            raise TookTooLong(self.cell_timeout, cell) from error
        if self._is_late:
            raise TookTooLong(self.cell_timeout, done)
        return done

    def _note_timeout(self, execute_reply: dict[str, Any], **_: Any) -> None:
        self._is_late = execute_reply["content"].get("ename") == _TIMEOUT


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
