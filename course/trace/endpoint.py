"""One row of the table of API calls."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from course.trace.options import Options


@dataclass(frozen=True)
class Endpoint:
    """One method and path of the Engine API.

    Attributes:
        path: As "/containers/{id}/start"; `{name*}` may hold slashes.
        purpose: One sentence.
        cli: Template of the `docker` command; empty where no command makes this call.
        options: Query parameter or body path → flag.
        when: Switches of the query that must all be on: one path may be several commands.
    """

    method: str
    path: str
    purpose: str
    cli: str = ""
    options: Options = field(default_factory=dict)
    when: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression with named groups."""
        named = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", self.path)
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", named) + "$")
