"""The sanitiser's rules for what BuildKit prints with `--progress=plain`."""

from __future__ import annotations

from course.testing.rule import Rule, rule

_UNITS = r"[\d.]+(?:B|[kMG]B)"

BUILDS: tuple[Rule, ...] = (
    rule(
        "buildkit-transfer",
        rf"^#\d+ (?:transferring [a-z]+|sha256:[0-9a-f]{{64}})(?:: ?| ){_UNITS}"
        rf"(?: / {_UNITS})?(?: \d+\.\d+s)?\n",
        "",
        "how far a transfer was, told every so often; the last line, with `done`, stays",
    ),
    rule(
        "buildkit-under-way",
        r"^(#\d+ (?:exporting [a-z]+|writing image \S+|naming to \S+|unpacking to \S+"
        r"|transferring [a-z]+:?))(?: \d+\.\d+s)?\n(?=\1)",
        "",
        "what takes longer than a moment is told twice: begun, and done",
    ),
    rule(
        "buildkit-took",
        r"^(#\d+ [a-z].*?) \d+\.\d+s( done)$",
        r"\1\2",
        "what took less than a moment is told without its seconds",
    ),
    rule(
        "buildkit-output",
        r"^(#\d+ )\d+\.\d+ (?=.)",
        r"\1{seconds} ",
        "the seconds at which a command printed a line",
    ),
    rule(
        "buildkit-last-words",
        r"^\d+\.\d{2,3} (?=.*\n(?:\d+\.\d{2,3} .*\n)*-{6}$)",
        "{seconds} ",
        "the same, where the lines are told once more below an error",
    ),
)
