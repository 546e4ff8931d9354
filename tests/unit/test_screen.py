"""What a %%host cell shows of a script's output."""

from __future__ import annotations

import pytest

from course.notebook.host_magic import Screen


def shown(*chunks: bytes) -> str:
    written: list[str] = []
    screen = Screen(written.append)
    for chunk in chunks:
        screen.take(chunk, is_stderr=False)
    screen.end()
    return "".join(written)


@pytest.mark.parametrize(
    "chunks",
    [
        (b"\x1b[2Kapp-1  | one\n",),
        (b"\x1b", b"[2Kapp-1  | one\n"),
        (b"\x1b[", b"2Kapp-1  | one\n"),
        (b"\x1b[2", b"Kapp-1  ", b"| one\n"),
        (b"app-1  | \x1b[Kone\x1b[0K\n",),
    ],
)
def test_erasing_a_line_leaves_no_trace(chunks: tuple[bytes, ...]) -> None:
    assert shown(*chunks) == "app-1  | one\n"


def test_colours_and_all_else_stay() -> None:
    assert shown(b"\x1b[31mred\x1b[0m [2K\n") == "\x1b[31mred\x1b[0m [2K\n"


def test_what_only_began_like_it_is_shown_in_the_end() -> None:
    assert shown(b"cut off \x1b[2") == "cut off \x1b[2"


def test_a_character_may_be_cut_by_a_chunk() -> None:
    assert shown("é".encode()[:1], "é".encode()[1:]) == "é"
