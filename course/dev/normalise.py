"""One form for notebook files, so that a diff shows thought and no noise.

`python -m course.dev.normalise [--check] [FILE …]`: without files, every notebook of the course.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from hashlib import sha1
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from course.catalogue import ROOT
from course.testing.streams import merge

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# Of a cell's metadata only what an author sets on purpose; the rest are traces of a front end.
_KEPT = frozenset({"tags", "jupyter"})
# A stored view has no model behind it: JupyterLab would show an error in place of the still.
_DROPPED = "application/vnd.jupyter.widget-view+json"


def notebooks() -> list[Path]:
    """Returns the course's notebook files that are there, in order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def normalised(notebook: NotebookNode) -> str:
    """Returns the text of a notebook file in the one form; the argument is changed on the way.

    Sorted keys, one kernel, no state or times of a front end, whole streams, no tracebacks but
    their last line (the rest are paths of one machine), ids on all cells, a newline at the end.
    """
    notebook.metadata = nbformat.from_dict(METADATA)  # type: ignore[no-untyped-call]
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: set[str] = set()
    for cell in notebook.cells:
        _normalise(cell)
        cell.id = _fresh_id(cell, seen)
        seen.add(cell.id)
    nbformat.validate(notebook)
    return _written(notebook).rstrip("\n") + "\n"


def parsed(text: str) -> NotebookNode:
    """Returns the notebook of a file's text, in the newest format."""
    return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call, no-any-return]


def _written(notebook: NotebookNode) -> str:
    return str(nbformat.writes(notebook, nbformat.NO_CONVERT))  # type: ignore[no-untyped-call]


def _fresh_id(cell: NotebookNode, seen: set[str]) -> str:
    """Returns the cell's own id, or one made from its source where it has none of its own."""
    name, salt = cell.get("id"), 0
    while not name or name in seen:
        name = sha1(f"{salt}{cell.source}".encode(), usedforsecurity=False).hexdigest()[:8]
        salt += 1
    return str(name)


def _normalise(cell: NotebookNode) -> None:
    kept = {key: value for key, value in cell.metadata.items() if key in _KEPT and value}
    cell.metadata = nbformat.from_dict(kept)  # type: ignore[no-untyped-call]
    cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines()).strip("\n")
    if cell.cell_type == "code":
        cell.outputs = clean_outputs(cell.outputs)


def clean_outputs(outputs: Iterable[Any]) -> list[Any]:
    """Returns a cell's outputs as they are stored."""
    merged = merge(outputs)
    for output in merged:
        if output["output_type"] == "error":
            output["traceback"] = [f"{output['ename']}: {output['evalue']}"]
        elif data := output.get("data"):
            data.pop(_DROPPED, None)
            output["metadata"] = type(output)()
    return [output for output in merged if output.get("data") != {}]


def normalise(path: Path, *, check: bool = False) -> bool:
    """Brings a file into the one form.

    Args:
        path: The notebook.
        check: Only look.

    Returns:
        Whether it was in another form.
    """
    before = path.read_text(encoding="utf-8")
    after = normalised(parsed(before))
    if before == after:
        return False
    if not check:
        path.write_text(after, encoding="utf-8", newline="\n")
    return True


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code: 1 where a file was (with --check: is) not normal."""
    parser = argparse.ArgumentParser(prog="course.dev.normalise", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing, only tell")
    given = parser.parse_args(arguments)
    changed = [path for path in given.files or notebooks() if normalise(path, check=given.check)]
    for path in changed:
        print(f"{path}: {'is not normalised' if given.check else 'normalised'}")
    return int(bool(changed))


if __name__ == "__main__":
    sys.exit(main())
