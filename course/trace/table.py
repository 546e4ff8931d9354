"""Trace: what a block of docker-py calls looked like to the engine."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import pandas as pd
from docker import APIClient, DockerClient
from IPython.core.getipython import get_ipython
from IPython.display import display

from course.trace.call import Call
from course.trace.commands import Command, commands
from course.trace.explain import Explanation, explain
from course.trace.recorder import Recorder
from course.trace.style import STYLE

COLUMNS = ["#", "METHOD", "PATH", "STATUS", "MS", "PURPOSE"]


class Trace:
    """Context manager: lists the HTTP calls of its block when the block ends.

    Args:
        client: A docker-py client.
        show: Whether a notebook shows the table at the end of the block.
        on_change: Called when a call starts and when it ends.
    """

    def __init__(
        self,
        client: DockerClient | APIClient,
        show: bool = True,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._recorder = Recorder(client, on_change)
        self._show = show

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls, in the order they were started."""
        return self._recorder.calls

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """The calls, each with its purpose, its `docker` command and its `curl` command."""
        return explain(self.calls)

    @property
    def commands(self) -> tuple[Command, ...]:
        """The `docker run` that several of the calls amount to, for each container run."""
        return commands(self.calls)

    def __enter__(self) -> Trace:
        self._recorder.__enter__()
        return self

    def __exit__(self, *fault: object) -> None:
        self._recorder.__exit__(*fault)
        if self._show and get_ipython() is not None:
            display(self)  # type: ignore[no-untyped-call]  # IPython has no types here

    def frame(self) -> pd.DataFrame:
        """Returns one row a call; columns #, METHOD, PATH, STATUS, MS (milliseconds), PURPOSE."""
        rows = [
            (
                item.call.number,
                item.call.method,
                item.path,
                item.call.status,
                item.call.ms,
                item.purpose,
            )
            for item in self.explanations
        ]
        frame = pd.DataFrame(rows, columns=COLUMNS).astype({"STATUS": "Int64", "MS": "float64"})
        return frame.set_index("#")

    def __repr__(self) -> str:
        lines = [self._count(), *(_line(item) for item in self.explanations)]
        return "\n".join([*lines, *(_amount(command) for command in self.commands)])

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{name}</th>" for name in ("#", "call", "status", "time", "what it is for")
        )
        rows = "".join(_row(item) for item in self.explanations)
        sums = "".join(f"<p>{_amount_html(command)}</p>" for command in self.commands)
        return (
            f'{STYLE}<div class="dk-trace"><table><caption>{self._count()}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{sums}</div>"
        )

    def _count(self) -> str:
        count = len(self.calls)
        return f"{count} call to the engine" if count == 1 else f"{count} calls to the engine"


def _milliseconds(call: Call) -> str:
    return "still open" if call.ms is None else f"{call.ms:.1f} ms"


def _status(call: Call) -> str:
    return "—" if call.status is None else str(call.status)


def _line(item: Explanation) -> str:
    """One line of text; the time, which differs from run to run, is the last thing in it."""
    call = item.call
    words = [f"{call.number:>2} {call.method:<6} {_status(call):>3} {item.path}", item.purpose]
    words += [f"✗ {call.error}"] if call.error else []
    return " · ".join([*words, *([item.cli] if item.cli else []), _milliseconds(call)])


def _amount(command: Command) -> str:
    return f"{_span(command)} together: {command.cli}"


def _amount_html(command: Command) -> str:
    return f"{_span(command)} together: <code>{escape(command.cli)}</code>"


def _span(command: Command) -> str:
    return f"Calls {command.first} to {command.last}"


def _row(item: Explanation) -> str:
    call = item.call
    failed = call.error or (call.status or 0) >= 400
    error = f'<div class="error">✗ {escape(call.error)}</div>' if call.error else ""
    cells: list[Any] = [
        f"<td>{call.number}</td>",
        f"<td><code><b>{escape(call.method)}</b> {escape(item.path)}</code></td>",
        f'<td class="{"bad" if failed else "good"}">{_status(call)}</td>',
        f'<td class="ms">{_milliseconds(call)}</td>',
        f"<td>{escape(item.purpose)}{error}{_details(item)}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _details(item: Explanation) -> str:
    shown = f"<code>{escape(item.cli)}</code>" if item.cli else "no <code>docker</code> command"
    return f"<details><summary>{shown}</summary><pre>{escape(item.curl)}</pre></details>"
