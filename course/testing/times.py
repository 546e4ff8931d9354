"""The sanitiser's rules for times: when something was, and how long it took."""

from __future__ import annotations

from course.testing.rule import Rule, rule

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_AGE = (
    r"(?:Less than a second|About an? (?:minute|hour)"
    r"|\d+ (?:second|minute|hour|day|week|month|year)s?)"
)

TIMES: tuple[Rule, ...] = (
    rule(
        "timestamp",
        rf"\b(?!0001-)\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}"
        r"(?: ?(?:Z|[+-]\d\d:?\d\d))?(?: [A-Z]{3,4}\b)?",
        "{time}",
        "ISO and log times; year 1 stays, it is the engine's word for never",
    ),
    rule(
        "http-date",
        rf"\b{_DAY}, \d\d {_MONTH} \d{{4}} {_CLOCK} GMT",
        "{time}",
        "dates of HTTP headers",
    ),
    rule(
        "ctime",
        rf"\b{_DAY} {_MONTH} +\d{{1,2}} {_CLOCK}(?: [A-Z]{{3,4}})? \d{{4}}",
        "{time}",
        "dates of `date` and `docker version`",
    ),
    rule(
        "log-date",
        rf"\b\d{{1,2}}[ /]{_MONTH}[ /]\d{{4}}[ :]{_CLOCK}(?: [+-]\d{{4}})?",
        "{time}",
        "dates in the logs of nginx and redis",
    ),
    rule(
        "file-date",
        rf"\b{_MONTH} +\d{{1,2}} +(?:\d\d:\d\d|\d{{4}})\b",
        "{date}",
        "what `ls -l` says of files that an image was built with",
    ),
    rule("clock", rf"(?<![\d:]){_CLOCK}(?![\d:])", "{clock}", "a time of day, or CPU time in ps"),
    rule(
        "epoch",
        r"(['\"](?:time|timeNano|Created|created)['\"]: ?)\d{10,19}\b",
        r"\1{time}",
        "seconds or nanoseconds since 1970 in the API's answers",
    ),
    rule("age", rf"\b{_AGE} ago\b", "{age} ago", "when something was made or ended"),
    rule("up", rf"\bUp {_AGE}\b", "Up {age}", "how long a container runs; its health stays"),
    rule(
        "grace-period",
        r"^(?:9|\d\d)\.\d s(?=, \{'(?:Error': None, ')?StatusCode': \d+\}$)",
        "{grace period}",
        "a stop that took all of its ten seconds; one that took a moment is any other duration",
    ),
    rule(
        "duration",
        r"(?<![\w.])(?<!, wait )"
        r"(?:\d+\.\d+ ?(?:ns|µs|us|ms|s|sec|seconds|m|min|minutes)|\d+ ?(?:ns|µs|us|ms))\b(?!/)",
        "{duration}",
        "measured times have decimals or are short; whole seconds are an author's choice and stay, "
        "and so do the waits of *Restarts*, which are those of the rule: each twice the one before",
    ),
)
