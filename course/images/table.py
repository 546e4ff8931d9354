"""What `course images list` shows."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from course.images.inventory import Inventory, inventory

COLUMNS = ["REFERENCE", "ALSO", "SOURCE", "MB", "CHAPTERS", "WHY"]


def frame(
    source: str, sizes: Mapping[str, int] | None = None, listed: Inventory | None = None
) -> pd.DataFrame:
    """Every image that the course pulls.

    Args:
        source: Where they come from, "kit", "hub" or "room".
        sizes: Reference → bytes, for those whose size is known.
        listed: What to list, images.toml unless given.

    Returns:
        Columns REFERENCE, ALSO (further tags), SOURCE, MB (missing where the size is not known),
        CHAPTERS, WHY; one row an image, in the order of images.toml.
    """
    known = sizes or {}
    rows = [
        (
            image.reference,
            ", ".join(image.tags),
            source,
            round(known[image.reference] / 1e6, 2) if image.reference in known else None,
            ", ".join(image.chapters),
            image.why,
        )
        for image in (listed or inventory()).images
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"MB": "Float64"})
