from __future__ import annotations

from course.checks.processes import Process, parse

# /proc/PID/stat of a shell, of a program with an odd name, and of a zombie.
OUTPUT = """\
1 (sh) S 0 1 1 34816 1 4194560 120 0 0 0 1 2 0 0 20 0 1 0 100
27 (a) (Z 1) odd) R 1 27 1 34816 1 4194560 120 0 0 0 1 2 0 0 20 0 1 0 101
28 (sleep) Z 27 1 1 34816 1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 102
"""


def test_each_line_is_a_process_whatever_its_name() -> None:
    assert parse(OUTPUT) == [
        Process(1, "sh", "S", 0),
        Process(27, "a) (Z 1) odd", "R", 1),
        Process(28, "sleep", "Z", 27),
    ]


def test_a_process_that_ended_meanwhile_is_none() -> None:
    assert parse("cat: /proc/77/stat: No such process\n") == []
