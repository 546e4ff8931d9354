"""The sanitiser's rules for what the applications of the exercises log, and keep in Redis."""

from __future__ import annotations

from course.testing.rule import Rule, rule

LOGS: tuple[Rule, ...] = (
    rule(
        "request-id",
        r"(?<![0-9a-fA-F-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{32}(?![0-9a-fA-F-])",
        "request id",
        "nginx draws `$request_id` by lot; numbered, so that one request stays one",
        numbered=True,
    ),
    rule(
        "request-seconds",
        r'(?<="seconds":")\d+\.\d{3}(?=")',
        "{seconds}",
        "nginx's `$request_time`",
    ),
    rule(
        "stream-id",
        r"(?<![\d-])1\d{12}-\d+(?![\d-])",
        "{stream id}",
        "Redis names an entry of a stream by the clock, in milliseconds",
    ),
)
