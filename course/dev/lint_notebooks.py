"""The rules that every notebook of the course keeps; what breaks one is told as file:cell: message.

`python -m course.dev.lint_notebooks [FILE …]`: without files, every notebook of the course.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

from nbformat import NotebookNode

from course.catalogue import ROOT, Chapter, catalogue
from course.dev.normalise import notebooks, parsed
from course.dev.references import foreign_images
from course.testing.session import may_raise

MEDIAN_LINES, MOST_LINES = 4, 12
_HEADING = re.compile(r"^(#{1,6}) +\S", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_NO_ALT = re.compile(r"!\[\s*\]\(|<img(?![^>]*\balt=[\"'][^\"'])[^>]*>")
_MARKER = re.compile(r"^> \*\*Correction\.?\*\*", re.MULTILINE)
_TASK = re.compile(r"""\blab\.task\(["'](\d+[a-z]?\.\d+)["']\)""")
_MENTION = re.compile(r"\bCorrections?\b")
_CELL_ID = re.compile(r"\bcells? `\w[\w-]*`")
# Homes of people; node and app are users of images.
_HOME = re.compile(r"/home/(?!node\b|app\b)\w+|/Users/\w+|[A-Z]:\\Users\\\w+")

Finding = tuple[str, str]
"""A cell's id (or "-") and what is wrong with it."""
Rule = Callable[[NotebookNode, Chapter], Iterator[Finding]]


def lines(source: str) -> int:
    """Returns how many lines of a cell a learner has to read; blank ones are none."""
    return sum(bool(line.strip()) for line in source.splitlines())


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Returns the code cells in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Returns id and Markdown of each text cell, without its fenced code."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    return [(cell.id, _FENCED.sub("", cell.source)) for cell in cells]


def short_cells(notebook: NotebookNode, _: Chapter) -> Iterator[Finding]:
    """Code cells have a median of at most 4 lines, none has over 12 and none has none."""
    counts = {cell.id: lines(cell.source) for cell in code_cells(notebook)}
    for cell, count in counts.items():
        if not 0 < count <= MOST_LINES:
            yield cell, f"has {count} lines of code; 1 to {MOST_LINES} are allowed"
    if counts and (median := statistics.median(counts.values())) > MEDIAN_LINES:
        yield "-", f"the median code cell has {median:g} lines; at most {MEDIAN_LINES} are allowed"


def opens_and_closes(notebook: NotebookNode, chapter: Chapter) -> Iterator[Finding]:
    """The first code cell opens the lab (after imports), the last one closes it."""
    cells = code_cells(notebook)
    if not cells:
        yield "-", "has no code cell"
        return
    opening = [line for line in cells[0].source.splitlines() if line.strip()]
    wanted = f'lab = course.open("{chapter.number}")'
    imports = [line for line in opening if line.startswith(("import ", "from "))]
    if [*imports, wanted] != opening:
        yield cells[0].id, f"the first code cell is imports, then {wanted}"
    if cells[-1].source.strip() != "lab.close()":
        yield cells[-1].id, "the last code cell is lab.close()"


def has_opening(notebook: NotebookNode, chapter: Chapter) -> Iterator[Finding]:
    """The first cell says title and minutes, and they are the catalogue's."""
    first = notebook.cells[0] if notebook.cells else None
    if first is None or not first.source.startswith("# ") or chapter.title not in first.source:
        yield first.id if first else "-", f"the first cell is the title, `# … {chapter.title}`"
    elif f"{chapter.minutes} min" not in first.source:
        yield first.id, f"the opening says the catalogue's time, `{chapter.minutes} minutes`"


def outputs_are_clean(notebook: NotebookNode, _: Chapter) -> Iterator[Finding]:
    """Each cell was run; only a cell tagged raises-exception shows an error, and it must."""
    for cell in code_cells(notebook):
        raised = any(output.output_type == "error" for output in cell.outputs)
        if cell.execution_count is None:
            yield cell.id, "was never run: `python -m course.dev.outputs`"
        elif raised and not may_raise(cell):
            yield cell.id, "shows an error and has no tag raises-exception"
        elif may_raise(cell) and not raised:
            yield cell.id, "has the tag raises-exception and shows no error"
    if "widgets" in notebook.metadata:
        yield "-", "has widget state in its metadata: `python -m course.dev.normalise`"


def no_homes(notebook: NotebookNode, _: Chapter) -> Iterator[Finding]:
    """No path of the machine that the notebook was written on, in code, prose or outputs."""
    for cell in notebook.cells:
        text = cell.source + str(cell.get("outputs", ""))
        if found := _HOME.search(text):
            yield cell.id, f"has somebody's path in it: {found[0]}"
        elif str(ROOT) in text:
            yield cell.id, f"has the path of this tree in it: {ROOT}"


def images_are_known(notebook: NotebookNode, chapter: Chapter) -> Iterator[Finding]:
    """Each image that the code uses is in the catalogue, or built or tagged in the notebook."""
    cells = [(cell.id, cell.source) for cell in code_cells(notebook) if not may_raise(cell)]
    for cell, image in foreign_images(cells, chapter.images):
        yield cell, f"uses the image {image!r}, which course.toml does not list for this chapter"


def tasks_in_order(notebook: NotebookNode, chapter: Chapter) -> Iterator[Finding]:
    """Each task of the chapter is set once, in the order of the catalogue."""
    cells = [
        (cell.id, found) for cell in code_cells(notebook) for found in _TASK.findall(cell.source)
    ]
    wanted = [task.id for task in chapter.tasks]
    for found, due in zip_longest(cells, wanted):
        cell, asked = found or ("-", "none")
        if asked != due:
            yield cell, f"sets task {asked} where {due or 'none'} is due"
            return


def headings_descend(notebook: NotebookNode, _: Chapter) -> Iterator[Finding]:
    """One heading of level 1, the first; after it no level is skipped on the way down."""
    level = 0
    for cell, text in prose(notebook):
        for found in _HEADING.finditer(text):
            deeper = len(found[1])
            if deeper > level + 1 or (deeper == 1 and level):
                yield cell, f"a heading of level {deeper} follows one of level {level}"
            level = deeper


def pictures_have_words(notebook: NotebookNode, _: Chapter) -> Iterator[Finding]:
    """Each picture in the prose has an alternative text."""
    for cell, text in prose(notebook):
        if _NO_ALT.search(text):
            yield cell, "has a picture without an alternative text"


def corrections_are_marked(notebook: NotebookNode, _: Chapter) -> Iterator[Finding]:
    """Each correction of the notes is one block quote that starts with its marker."""
    for cell, text in prose(notebook):
        if len(_MENTION.findall(text)) != len(_MARKER.findall(text)):
            yield cell, "marks a correction otherwise than as a quote, `> **Correction.** …`"


def names_no_cell(notebook: NotebookNode, chapter: Chapter) -> Iterator[Finding]:
    """No cell is told by its id, which a page does not show: its section is."""
    hints = [("-", hint) for task in chapter.tasks for hint in task.hints]
    for cell, text in [*prose(notebook), *hints]:
        if found := _CELL_ID.search(text):
            yield cell, f"points at {found[0]}, which nobody sees: name its section"


RULES: tuple[Rule, ...] = (
    has_opening,
    opens_and_closes,
    short_cells,
    outputs_are_clean,
    no_homes,
    images_are_known,
    tasks_in_order,
    headings_descend,
    pictures_have_words,
    corrections_are_marked,
    names_no_cell,
)


def lint(notebook: NotebookNode, chapter: Chapter) -> list[Finding]:
    """Returns everything that is wrong with a notebook."""
    return [finding for rule in RULES for finding in rule(notebook, chapter)]


def lint_file(path: Path) -> list[str]:
    """Returns everything that is wrong with a notebook file, as file:cell: message."""
    notebook = parsed(path.read_text(encoding="utf-8"))
    known = {chapter.notebook.name: chapter for chapter in catalogue().chapters}
    if path.name not in known:
        return [f"{path}:-: no chapter of course.toml has this notebook"]
    return [f"{path}:{cell}: {message}" for cell, message in lint(notebook, known[path.name])]


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code: 1 where a rule is broken."""
    parser = argparse.ArgumentParser(prog="course.dev.lint_notebooks", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args(arguments)
    found = [message for path in given.files or notebooks() for message in lint_file(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
