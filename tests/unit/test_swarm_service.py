"""How the last update of a service began, by states as engines told them."""

import pytest

from course.checks.swarm_service import began_as_rollback

PAUSED = ["updating", "paused"]
BACK = [*PAUSED, "rollback_started", "rollback_completed"]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (BACK, "rollback_completed"),
        (BACK[:-1], "rollback_started"),
        ([*BACK, "completed"], "completed"),  # the swarm looked the service over once more
        ([], "rollback_completed"),  # the engine has forgotten its events
        (["", "paused"], "rollback_paused"),
    ],
)
def test_a_rollback(told: list[str], state: str) -> None:
    assert began_as_rollback(told, state)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (PAUSED, "paused"),
        ([*PAUSED, "", "updating", "completed"], "completed"),
        ([*BACK, "completed", "", "updating"], "updating"),  # forward again
        ([], "completed"),
        ([], ""),  # never updated
    ],
)
def test_no_rollback(told: list[str], state: str) -> None:
    assert not began_as_rollback(told, state)
