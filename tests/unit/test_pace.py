"""The pace of frames: a few at once, an endless stream evenly."""

from __future__ import annotations

import pytest

from course.views.pace import BYTES_PER_SECOND, FRAME, SAVED, Pace

SIZE = 3000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_few_frames_wait_for_nothing() -> None:
    pace = Pace(Clock())
    assert [pace.spend(SIZE) for _ in range(int(SAVED / (SIZE + FRAME)))] == [0.0] * 20


def test_an_endless_stream_goes_evenly() -> None:
    clock = Clock()
    pace = Pace(clock)
    frames = 0
    while clock.now < 60:
        clock.now += max(0.05, pace.spend(SIZE))
        frames += 1
    assert frames * (SIZE + FRAME) == pytest.approx(SAVED + 60 * BYTES_PER_SECOND, rel=0.05)


def test_quiet_times_save_up_and_no_more_than_that() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.spend(int(SAVED)) > 0
    clock.now += 3600
    assert pace.spend(int(SAVED) - FRAME) == 0
    assert pace.spend(0) == pytest.approx(FRAME / BYTES_PER_SECOND)
