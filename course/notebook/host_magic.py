"""`%%host`: runs a cell as a shell script on the lab's Docker host."""

from __future__ import annotations

import codecs
import re
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any, NoReturn

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from course.errors import CourseError
from course.notebook.current import current

# What a terminal takes as "erase this line"; a cell has nothing to erase, and would show it.
# Compose writes it before each line of a log, whoever reads.
_ERASE = re.compile(r"\x1b\[[0-2]?K")
_ERASE_BEGUN = re.compile(r"\x1b(?:\[[0-2]?)?\Z")


class Screen:
    """Writes a script's output to the cell as it comes.

    Both streams go to the cell's stdout, in the order they came: two streams would be two
    outputs, cut at moments that differ from run to run.

    Args:
        write: Takes text.
    """

    def __init__(self, write: Callable[[str], Any]) -> None:
        self._write = write
        # A chunk may end inside a character, and each stream has its own next chunk.
        make = codecs.getincrementaldecoder("utf-8")
        self._decoders = {False: make("replace"), True: make("replace")}
        self._last, self._held = "\n", ""

    def take(self, chunk: bytes, is_stderr: bool) -> None:
        """Shows a chunk of one of the two streams."""
        self._show(self._decoders[is_stderr].decode(chunk))

    def end(self) -> None:
        """Shows what is left of characters that never ended."""
        for decoder in self._decoders.values():
            self._show(decoder.decode(b"", final=True))
        held, self._held = self._held, ""
        self._print(held)

    def line(self, text: str) -> None:
        """Shows a line of ours, on a line of its own."""
        self._show(("" if self._last == "\n" else "\n") + text + "\n")

    def _show(self, text: str) -> None:
        text = _ERASE.sub("", self._held + text)
        begun = _ERASE_BEGUN.search(text)  # the rest may come with the next chunk
        end = begun.start() if begun else len(text)
        self._held = text[end:]
        self._print(text[:end])

    def _print(self, text: str) -> None:
        if text:
            self._write(text)
            self._last = text[-1]


class _Parser(ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"%%host: {message}; usage: %%host [node] [--may-fail] [--quiet]")


def _options(line: str) -> Namespace:
    parser = _Parser(prog="%%host", add_help=False)
    parser.add_argument("node", nargs="?", default="node1")
    parser.add_argument("--may-fail", action="store_true")
    parser.add_argument("--quiet", action="store_true")
    try:
        words = shlex.split(line)
    except ValueError as error:  # a quotation that never ends
        parser.error(str(error))
    return parser.parse_args(words)


def host(line: str, cell: str) -> None:
    """Runs the cell with `sh` on the lab's Docker host, where docker, ps, curl and ip are.

    `%%host [node] [--may-fail] [--quiet]`: which host of the lab; show the exit code instead of
    raising; show the output only if the script fails.
    """
    options = _options(line)
    screen = Screen(sys.stdout.write)
    show = None if options.quiet else screen.take
    try:
        code, output = current().run(cell, options.node, show)
    except KeyboardInterrupt:
        raise _interrupted(options.node) from None
    if options.quiet and code:
        screen.take(output, False)
    screen.end()
    if options.may_fail:
        screen.line(f"exit code {code}")
    elif code:
        raise _failed(code, shown=bool(output))


def _interrupted(node: str) -> CourseError:
    return CourseError(
        f"You interrupted the wait for a script on {node}.",
        "The script itself may go on there.",
        "Look with `ps -ef` in a %%host cell, and end it with `kill`.",
    )


def _failed(code: int, shown: bool) -> CourseError:
    where = "What it said is above." if shown else "It said nothing."
    return CourseError(
        f"The script ended with exit code {code}.",
        where,
        "Where that is what you expect, write `%%host --may-fail`.",
    )


def register(shell: InteractiveShell) -> None:
    """Makes `%%host` known to this kernel."""
    shell.magics_manager.register_function(host, magic_kind="cell", magic_name="host")
