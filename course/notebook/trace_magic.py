"""`%%trace`: runs a cell and lists the HTTP calls that it made."""

from __future__ import annotations

import ast
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from course.notebook.current import current
from course.trace.table import Trace


def run_traced(shell: InteractiveShell, cell: str) -> Any:
    """Runs the cell, lists its calls to the lab's engine, and returns the cell's last value."""
    source = shell.transform_cell(cell)  # type: ignore[no-untyped-call]
    name = shell.compile.cache(source)  # so that a traceback shows the cell's own lines
    body = ast.parse(source, name)
    last = body.body.pop() if _ends_in_value(body, cell) else None
    with Trace(current().client):
        exec(compile(body, name, "exec"), shell.user_ns)
        if isinstance(last, ast.Expr):
            return eval(compile(ast.Expression(last.value), name, "eval"), shell.user_ns)
    return None


def _ends_in_value(body: ast.Module, cell: str) -> bool:
    quiet = cell.rstrip().endswith(";")
    return bool(body.body) and isinstance(body.body[-1], ast.Expr) and not quiet


def register(shell: InteractiveShell) -> None:
    """Makes `%%trace` known to this kernel."""

    def trace(line: str, cell: str) -> Any:
        """Runs the cell and lists its calls to the lab's engine."""
        if line.strip():
            raise UsageError(f"%%trace: unrecognized arguments: {line.strip()}; usage: %%trace")
        return run_traced(shell, cell)

    shell.magics_manager.register_function(trace, magic_kind="cell", magic_name="trace")
