"""A folder of this machine on the lab's Docker host, at a place of the caller's choice."""

from __future__ import annotations

from pathlib import Path

from course.engine.sandbox import Sandbox
from course.engine.upload import upload


def test_a_copy_goes_where_it_is_told_and_replaces_what_was_there(
    box: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "app.js").write_text("1")
    place = "/exercises/copied"
    box.run(f"mkdir -p {place} && touch {place}/changed-by-hand")
    assert upload(box, tmp_path, place) == place
    assert box.run(f"ls {place}; cat {place}/app.js") == (0, b"app.js\n1")
