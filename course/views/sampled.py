"""SampledView: a picture of what a Sampler reads."""

from __future__ import annotations

from typing import Any, TypeVar

from course.views.engine import GONE
from course.views.view import View
from course.watch.sampler import Sample

T = TypeVar("T")


class SampledView(View[Sample[T]]):
    """A view of what nobody tells and must be read again and again."""

    @staticmethod
    def notice(sample: Sample[Any]) -> str:
        """Returns what is wrong with the picture, for `document`; empty when nothing is."""
        return GONE if sample.problem and not sample.connected else ""
