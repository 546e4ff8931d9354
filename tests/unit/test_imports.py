from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.catalogue import ROOT

# Each room may import the rooms before it on the list's own lines, and itself.
MAY_IMPORT = {
    "catalogue": {"errors"},
    "errors": set(),
    "report": set(),
    "engine": {"catalogue", "errors", "report"},
    "images": {"catalogue", "errors", "report", "engine"},
    "watch": {"catalogue", "errors", "report", "engine"},
    "checks": {"catalogue", "errors", "report", "engine"},
    "views": {"catalogue", "errors", "report", "engine", "watch", "trace"},
    "trace": {"catalogue", "errors", "report", "engine"},
    "notebook": {
        *("catalogue", "errors", "report", "engine"),
        *("images", "watch", "checks", "views", "trace"),
    },
    "console": {"errors", "report"},
}
EVERYTHING = {*MAY_IMPORT, "cli"}
MAY_IMPORT |= {
    "cli": EVERYTHING,
    "dev": EVERYTHING | {"testing"},
    "testing": EVERYTHING,
    "__init__": {"notebook"},
}


def room(path: Path) -> str:
    first = path.relative_to(ROOT / "course").parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("course."):
                yield node.lineno, name.split(".")[1]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "course").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_imports_run_one_way(path: Path) -> None:
    allowed = MAY_IMPORT[room(path)] | {room(path)}
    wrong = [f"line {line}: {name}" for line, name in imported(path) if name not in allowed]
    assert not wrong


def test_the_rule_sees_a_wrong_import(tmp_path: Path) -> None:
    path = tmp_path / "state.py"
    path.write_text("from course.views import svg\nimport course.cli\n")
    assert [name for _, name in imported(path)] == ["views", "cli"]


def test_importing_the_course_loads_no_engine_library() -> None:
    script = "import course, sys; sys.exit('docker' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
