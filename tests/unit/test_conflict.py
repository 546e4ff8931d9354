"""A change that another one came before is made anew; any other refusal is passed on."""

import pytest
from docker.errors import APIError

from course.engine import conflict


class Change:
    """Refused with these words, one after the other, then taken."""

    def __init__(self, *refusals: str) -> None:
        self.refusals, self.calls = list(refusals), 0

    def __call__(self) -> None:
        self.calls += 1
        if self.refusals:
            raise APIError(self.refusals.pop(0))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conflict, "PAUSE", 0)


LATE = "rpc error: code = Unknown desc = update out of sequence"


@pytest.mark.parametrize("late", [0, 1, conflict.TRIES - 1])
def test_is_made_anew(late: int) -> None:
    change = Change(*[LATE] * late)
    conflict.again(change)
    assert change.calls == late + 1


def test_another_refusal_is_passed_on_at_once() -> None:
    change = Change("name conflicts with an existing object", LATE)
    with pytest.raises(APIError, match="name conflicts"):
        conflict.again(change)
    assert change.calls == 1


def test_does_not_go_on_for_ever() -> None:
    change = Change(*[LATE] * conflict.TRIES, "never")
    with pytest.raises(APIError, match="out of sequence"):
        conflict.again(change)
    assert change.calls == conflict.TRIES
