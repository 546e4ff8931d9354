"""Spare sandboxes that are left to the test that boots them."""

from __future__ import annotations

from course.engine.mirror import Mirror
from course.images.supply import Supply


def mine_only(have: Supply) -> Mirror:
    """The mirror by another name: a spare that pulls through it is taken by no other worker."""
    return Mirror(have.host, have.mirror.container, "mine")
