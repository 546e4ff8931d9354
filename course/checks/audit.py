"""The audit of a container: what its `inspect` data says about its walls, and what to do."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from course.checks.audit_looks import Attrs
from course.checks.audit_rules import RULES, Rule, Severity
from course.checks.verdict import prose

COLUMNS = ("SEVERITY", "RULE", "FOUND", "WHAT TO DO")
# A word and a shape beside the colour: colour alone tells nothing to some readers.
_SHAPE = {Severity.HIGH: "▲", Severity.MEDIUM: "◆", Severity.LOW: "○"}
_COLOUR = {
    Severity.HIGH: "var(--jp-error-color1, #c62828)",
    Severity.MEDIUM: "var(--jp-warn-color1, #e65100)",
    Severity.LOW: "var(--jp-info-color1, #0277bd)",
}
_CELL = "text-align:left;padding:3px 10px;vertical-align:top"


@dataclass(frozen=True)
class Finding:
    """One thing that an audit found.

    Attributes:
        rule: Its name, as "engine socket".
        found: What, as a sentence without a full stop.
        todo: What to do about it.
    """

    rule: str
    severity: Severity
    found: str
    todo: str


@dataclass(frozen=True, repr=False)
class Audit:
    """What an audit of one container found, the worst first.

    Attributes:
        name: The container's.
        findings: None of them high or medium where it passes.
    """

    name: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing worse than low was found."""
        return not self.worse

    @property
    def worse(self) -> tuple[Finding, ...]:
        """The findings that keep it from passing: high and medium."""
        return tuple(one for one in self.findings if one.severity is not Severity.LOW)

    def table(self) -> pd.DataFrame:
        """Returns the findings: columns SEVERITY, RULE, FOUND, WHAT TO DO."""
        rows = [(str(one.severity), one.rule, one.found, one.todo) for one in self.findings]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    @property
    def _head(self) -> str:
        counts = Counter(one.severity for one in self.findings)
        told = ", ".join(f"{counts[severity]} {severity}" for severity in Severity)
        return f"{self.name}: {'passes' if self.passed else 'does not pass'} ({told})"

    def __repr__(self) -> str:
        lines = [
            f"{_SHAPE[one.severity]} {one.severity:6}  {one.rule}: {one.found}. Do: {one.todo}."
            for one in self.findings
        ]
        return "\n".join([self._head, *lines])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="{_CELL}">{text.lower()}</th>' for text in COLUMNS)
        table = (
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(self._rows())}</tbody></table>"
        )
        return (
            '<div role="status" style="color:var(--jp-ui-font-color1, currentColor)">'
            f"<strong>{html.escape(self._head)}</strong>{table if self.findings else ''}</div>"
        )

    def _rows(self) -> Iterator[str]:
        for one in self.findings:
            shape = f'<span aria-hidden="true">{_SHAPE[one.severity]}</span>'
            cells = (html.escape(one.rule), prose(one.found), prose(one.todo))
            yield (
                f'<tr><td style="{_CELL};white-space:nowrap;color:{_COLOUR[one.severity]}">'
                f"{shape} {one.severity}</td>"
                + "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
                + "</tr>"
            )


def audit(attrs: Attrs) -> Audit:
    """Audits a container by what GET /containers/{id}/json said of it; nothing else is asked."""
    ranks = list(Severity)
    found = [one for rule in RULES for one in _findings(rule, attrs)]
    found.sort(key=lambda one: ranks.index(one.severity))
    return Audit(str(attrs["Name"]).lstrip("/"), tuple(found))


def _findings(rule: Rule, attrs: Attrs) -> Iterator[Finding]:
    for found in rule.look(attrs):
        yield Finding(rule.name, rule.severity, found, rule.todo)
