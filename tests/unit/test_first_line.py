"""A cell magic of ours below comments, as IPython itself takes the cell."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from course.notebook.first_line import below_comments


@pytest.fixture
def transform() -> TransformerManager:
    manager = TransformerManager()  # type: ignore[no-untyped-call]
    manager.cleanup_transforms.append(below_comments)
    return manager


@pytest.mark.parametrize("above", ["", "# Your turn\n", "# Your turn\n\n# two\n", "\n\n"])
@pytest.mark.parametrize("magic", ["%%host", "%%host node2 --may-fail", "%%trace"])
def test_our_magics_are_found_below_comments(
    transform: TransformerManager, above: str, magic: str
) -> None:
    taken = transform.transform_cell(f"{above}{magic}\ndocker ps\n")
    assert taken.startswith("get_ipython().run_cell_magic(")
    assert taken.rstrip().endswith("'docker ps\\n')")


@pytest.mark.parametrize(
    "cell",
    ["# Your turn\n", "# Your turn\nx = 1\n%%host\n", "x = 1\n", "# a\n%%time\nx = 1\n", ""],
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    lines = cell.splitlines(keepends=True)
    assert below_comments(lines) == lines
