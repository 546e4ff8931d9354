"""What is built beside what, and what a failed build leaves waiting."""

from __future__ import annotations

import io
import threading
import time

import pytest

from course.errors import CourseError
from course.images import kit


def test_a_recipe_that_fails_is_told_while_another_still_builds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()
    begun: set[str] = set()

    def make(_client: object, image: kit.Listed, *_rest: object) -> None:
        begun.add(image.reference)
        if image.reference == "redis:alpine":
            is_over.wait(10)
        elif image.reference == "nginx:alpine":
            while "redis:alpine" not in begun:
                time.sleep(0.01)
            raise CourseError("Built nginx:alpine.", "It did not go.")

    monkeypatch.setattr(kit, "make", make)
    began = time.monotonic()
    with pytest.raises(CourseError, match="It did not go"):
        kit.build(
            io.BytesIO,  # type: ignore[arg-type]  # all that is asked of a client is to close
            push_to=None,
            only=["nginx:alpine", "redis:alpine"],
            present=lambda _repository, _tag: None,
        )
    took = time.monotonic() - began
    is_over.set()
    assert took < 5
