"""The rows as a table, for a terminal and for a file."""

from __future__ import annotations

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from tests.bench.row import Row

HEADINGS = ("What", "Measured", "Bound", "Ok")
MARKS = {True: "✓", False: "✗", None: ""}
COLOURS = {True: "green", False: "red", None: "default"}


def rich(rows: Sequence[Row], caption: str) -> Table:
    """Returns the table for a terminal."""
    table = Table(*HEADINGS, caption=escape(caption))
    for row in rows:
        mark = f"[{COLOURS[row.ok]}]{MARKS[row.ok]}[/]"
        table.add_row(escape(row.what), escape(row.measured), row.bound, mark)
    return table


def markdown(rows: Sequence[Row], caption: str) -> str:
    """Returns the table as Markdown."""
    lines = [_line(HEADINGS), "|---" * len(HEADINGS) + "|"]
    lines += [_line((row.what, row.measured, row.bound, MARKS[row.ok])) for row in rows]
    return "\n".join([*lines, "", caption, ""])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
