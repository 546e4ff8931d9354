"""SampledView: a picture of what a Sampler reads."""

from __future__ import annotations

from typing import Any, TypeVar

from course.views.engine import GONE
from course.views.view import View
from course.watch.sampler import Sample

T = TypeVar("T")
UNREAD = "Nothing is read yet."


class SampledView(View[Sample[T]]):
    """A view of what nobody tells and must be read again and again."""

    @staticmethod
    def notice(sample: Sample[Any]) -> str:
        """Returns what is wrong with the picture, for `document`; empty when nothing is."""
        if not sample.problem or sample.connected:
            return ""
        if not sample.refused:
            return GONE
        last = "" if sample.unread else "This is the last that was read. "
        return f"{last}{sample.problem}"

    def unread(self, sample: Sample[T]) -> str:
        """Returns that nothing is read yet, and why, in words."""
        return f"{UNREAD} {self.notice(sample)}".strip()
