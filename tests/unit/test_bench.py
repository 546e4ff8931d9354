"""The benchmark's own sums: quantiles, bounds, and which change of the page shows which event."""

from __future__ import annotations

import pytest

from tests.bench.row import at_least, at_most, quantile
from tests.bench.steps import Step, late
from tests.bench.table import markdown


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile(range(1, 101), 0.95) == 95
    assert quantile([7.0], 0.95) == 7
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile(range(1, 21), 0.95) == 19


@pytest.mark.parametrize(("value", "ok"), [(2.9, True), (3.0, True), (3.1, False)])
def test_a_bound_is_kept_or_not(value: float, ok: bool) -> None:
    assert at_most("open", value, 3, "s").ok is ok
    assert at_least("open", -value, -3, "s").ok is ok


def test_the_table_in_a_file() -> None:
    row = at_most("a | b", 1234.5, 1000, "kB", "much")
    lines = markdown([row], "a caption").splitlines()
    assert lines[2] == "| a \\| b | 1234 kB (much) | ≤ 1000 kB | ✗ |"
    assert lines[-1] == "a caption"


def test_the_page_shows_an_event_when_it_first_says_so() -> None:
    steps = [Step(10.0, "pause", "web paused"), Step(11.0, "unpause", "web running")]
    events = [(10.1, "pause"), (11.2, "unpause")]
    seen = [
        (9_900.0, "web running"),
        (10_050.0, "web running"),
        (10_130.0, "web paused"),
        (10_500.0, "web paused"),
        (11_215.0, "web running"),
    ]
    assert late(steps, events, seen) == [
        ("pause", pytest.approx(30)),
        ("unpause", pytest.approx(15)),
    ]


def test_an_event_that_the_page_never_shows_is_no_number() -> None:
    with pytest.raises(StopIteration):
        late([Step(10.0, "pause", "web paused")], [(10.1, "pause")], [(10_200.0, "web running")])
