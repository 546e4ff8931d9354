"""What `%%host` and `%%trace` answer to a first line that they cannot read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from IPython.core.error import UsageError

from course.notebook import host_magic, trace_magic


class Shell:
    """Keeps the magic that is registered."""

    def __init__(self) -> None:
        self.magics_manager = self
        self.magics: dict[str, Callable[[str, str], Any]] = {}

    def register_function(self, function: Any, magic_kind: str, magic_name: str) -> None:
        self.magics[magic_name] = function


@pytest.fixture
def magics() -> dict[str, Callable[[str, str], Any]]:
    shell: Any = Shell()
    host_magic.register(shell)
    trace_magic.register(shell)
    return shell.magics


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("host", '"node1', "No closing quotation; usage: %%host"),
        ("host", "--foo", "unrecognized arguments: --foo; usage: %%host"),
        ("trace", "--foo", "unrecognized arguments: --foo; usage: %%trace"),
        ("trace", " node2", "unrecognized arguments: node2; usage: %%trace"),
    ],
)
def test_the_magic_says_how_it_is_used(
    magics: dict[str, Callable[[str, str], Any]], name: str, line: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        magics[name](line, "docker ps")
