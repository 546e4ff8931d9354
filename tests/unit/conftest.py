"""Every picture that a unit test draws: the page finds its elements again by their keys."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from course.views import svg


def twice(picture: str) -> list[str]:
    """Returns the keys that two siblings of a picture share."""
    found = []
    for element in ElementTree.fromstring(picture).iter():
        keys = Counter(key for child in element if (key := child.get("data-key")))
        found += [key for key, count in keys.items() if count > 1]
    return found


@pytest.fixture(autouse=True)
def one_key_one_sibling(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Looks afterwards: some are drawn on threads, where nobody would see it fail."""
    drawn: list[str] = []
    draw: Callable[..., str] = svg.document

    def document(*args: Any, **options: Any) -> str:
        drawn.append(draw(*args, **options))
        return drawn[-1]

    for name, module in list(sys.modules.items()):
        if name.startswith("course.views.") and getattr(module, "document", None) is draw:
            monkeypatch.setattr(module, "document", document)
    yield
    assert not [key for picture in set(drawn) for key in twice(picture)]
