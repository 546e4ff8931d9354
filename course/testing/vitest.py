"""The sanitiser's rules for what Vite and Vitest print, and for tags that are commits."""

from __future__ import annotations

from course.testing.rule import Rule, rule

VITEST: tuple[Rule, ...] = (
    rule(
        "vitest-passed",
        r"^   ✓ \S.* \d+m?s\n",
        "",
        "a single test that passed is listed where a busy machine made it slow",
    ),
    rule(
        "vitest-duration",
        r"^(   Duration  )\d+(?:\.\d+)?m?s(?: \((?:[a-z]+ \d+%(?:, )?)+\))?$",
        r"\1{duration}",
        "what a run of tests took, and what of that went where, the longest first",
    ),
    rule(
        "vite-clock",
        r"^\d{1,2}:\d\d:\d\d [AP]M(?= \[vite\])",
        "{clock}",
        "the time of day before a line of Vite's log",
    ),
)
