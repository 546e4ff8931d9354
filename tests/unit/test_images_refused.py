"""How a registry's refusal is told; the words are the engine's own, as it passes them on."""

from __future__ import annotations

import pytest

from course.images.hub import _ABSENT, _LIMITED, _UNREACHABLE, _refused


@pytest.mark.parametrize(
    ("said", "todo"),
    [
        ("toomanyrequests: You have reached your pull rate limit.", _LIMITED),
        ("manifest for nope:1 not found: manifest unknown: manifest unknown", _ABSENT),
        ("dial tcp 127.0.0.1:9: connect: connection refused", _UNREACHABLE),
    ],
)
def test_each_refusal_has_its_own_way_out(said: str, todo: str) -> None:
    error = _refused("nginx:alpine", said)
    assert error.todo == todo
    assert said in str(error)
    assert len({_LIMITED, _ABSENT, _UNREACHABLE}) == 3
