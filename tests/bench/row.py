"""One line of the table: what was measured, what came out, what it must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What one measurement says.

    Attributes:
        what: What was measured, and how.
        measured: As a reader wants it, "1.2 s (most 1.4 s)".
        bound: What the documentation promises, "≤ 3 s"; empty for information.
        ok: Whether it is kept; None where nothing is promised.
    """

    what: str
    measured: str
    bound: str = ""
    ok: bool | None = None


def at_most(what: str, value: float, bound: float, unit: str, note: str = "") -> Row:
    """Returns a row that is good up to the bound."""
    return _row(what, value, f"≤ {bound:g} {unit}", unit, note, value <= bound)


def at_least(what: str, value: float, bound: float, unit: str, note: str = "") -> Row:
    """Returns a row that is good from the bound on."""
    return _row(what, value, f"≥ {bound:g} {unit}", unit, note, value >= bound)


def told(what: str, value: float, unit: str, note: str = "") -> Row:
    """Returns a row that promises nothing."""
    return _row(what, value, "", unit, note, None)


def _row(what: str, value: float, bound: str, unit: str, note: str, ok: bool | None) -> Row:
    shown = f"{value:.3g}" if value < 1000 else f"{value:.0f}"
    return Row(what, f"{shown} {unit}{f' ({note})' if note else ''}", bound, ok)


def quantile(values: Sequence[float], part: float) -> float:
    """Returns the smallest value that `part` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(part * 1000) // 1000) - 1)]
