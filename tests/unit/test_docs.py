from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from course.catalogue import ROOT, catalogue
from course.cli import app

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


@pytest.mark.parametrize("chapter", catalogue().chapters, ids=lambda c: c.number)
def test_the_readme_lists_each_chapter_with_its_minutes(chapter) -> None:
    row = f"| [{chapter.number} {chapter.title}](notebooks/{chapter.notebook.name}) "
    line = next(line for line in README.splitlines() if line.startswith(row))
    assert line.split("|")[2].strip() == str(chapter.minutes)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    missing = [name for name in targets if "://" not in name and not (ROOT / name).exists()]
    assert not missing


@pytest.mark.parametrize("chapter", catalogue().chapters, ids=lambda c: c.number)
def test_every_picture_of_a_notebook_exists(chapter) -> None:
    cells = json.loads(chapter.notebook.read_text(encoding="utf-8"))["cells"]
    prose = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    targets = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", prose)
    assert [name for name in targets if not (chapter.notebook.parent / name).exists()] == []


def test_every_command_that_the_readme_names_exists() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in set(re.findall(r"`course ([a-z]+)", README)):
        assert re.search(rf"\b{name}\b", shown), name


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE))
        assert named <= targets, page


def test_each_module_of_the_course_is_short() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "course").rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 250
    }
    assert not long
