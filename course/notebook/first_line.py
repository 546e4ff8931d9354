"""`%%host` and `%%trace` below comments: they are the cell's first line all the same."""

from __future__ import annotations

from itertools import dropwhile

from IPython.core.interactiveshell import InteractiveShell

MAGICS = ("%%host", "%%trace")


def below_comments(lines: list[str]) -> list[str]:
    """Drops comments and empty lines above one of our cell magics.

    IPython knows a cell magic only in a cell's very first line. Whoever writes below the words
    "# Your turn", as the page asks, would get a SyntaxError of the shell's commands.

    Args:
        lines: Of a cell, each with its end.

    Returns:
        The lines from the magic on; all of them where the first line of code is another.
    """
    code = list(dropwhile(_is_bare, lines))
    is_ours = bool(code) and code[0].split(maxsplit=1)[0] in MAGICS
    return code if is_ours else lines


def _is_bare(line: str) -> bool:
    return not line.strip() or line.startswith("#")


def register(shell: InteractiveShell) -> None:
    """Makes this kernel look below comments, once."""
    found = shell.input_transformers_cleanup
    if below_comments not in found:
        found.append(below_comments)
