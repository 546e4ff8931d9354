"""One rule of the sanitiser: what is replaced by what, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True)
class Rule:
    """One thing that differs from run to run.

    Attributes:
        name: Unique, for messages and tests.
        pattern: What is replaced; multi-line mode, so `^` and `$` are those of a line.
        replacement: As in `re.sub`; it may use the pattern's groups.
        reason: Why two right runs differ here.
        numbered: The replacement gets a number for each different match (`{id 2}`), so that what
            was the same stays the same and what differed still differs. Matches are told apart
            by their first `key` characters.
        key: See `numbered`; 12 makes a short id the same as its long one.
    """

    name: str
    pattern: re.Pattern[str]
    replacement: str
    reason: str
    numbered: bool = False
    key: int | None = None

    def apply(self, text: str) -> str:
        """Returns the text with every match replaced."""
        if not self.numbered:
            return self.pattern.sub(self.replacement, text)
        return self.pattern.sub(partial(self._number, {}), text)

    def _number(self, seen: dict[str, int], match: re.Match[str]) -> str:
        found = match[0][: self.key]
        return f"{{{self.replacement} {seen.setdefault(found, len(seen) + 1)}}}"


def rule(
    name: str, pattern: str, replacement: str, reason: str, numbered: bool = False, key: int = 0
) -> Rule:
    """Returns a rule from the source of its pattern; `key` 0 tells matches apart by all of them."""
    return Rule(name, re.compile(pattern, re.MULTILINE), replacement, reason, numbered, key or None)
