"""normalise, lint and outputs, on notebooks made here; outputs runs real kernels, no engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course.catalogue import ROOT, Chapter, Task
from course.dev import lint_notebooks, normalise, outputs
from course.dev.references import foreign_images
from course.errors import CourseError

TASKS = tuple(Task(f"3.{n}", "Do it", "Do it.", ("Do.", "It."), ROOT / "x.py") for n in (1, 2))
CHAPTER = Chapter("03", "containers", "Containers", 75, ("busybox", "nginx:alpine"), TASKS)
STILL = '<img alt="a" src="data:image/svg+xml;base64,AA==">'
VIEW = "application/vnd.jupyter.widget-view+json"


def code(
    source: str, *shown: NotebookNode, name: str = "", tags: tuple[str, ...] = ()
) -> NotebookNode:
    cell = new_code_cell(source, outputs=list(shown), execution_count=1)
    cell.id = name or cell.id
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def said(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def messy() -> NotebookNode:
    bundle = {VIEW: {"model_id": "x"}, "text/html": STILL}
    error = new_output("error", ename="E", evalue="no", traceback=["File /opt/x.py", "E: no"])
    cells = [
        new_markdown_cell("# Title  \n\n\n"),
        code("print(1)\n", said("1\n"), said("2", "stderr"), said("3\n")),
        code("view", new_output("display_data", data=bundle, metadata={"x": 1})),
        code("view", new_output("display_data", data={VIEW: {"model_id": "y"}})),
        code("boom", error, tags=("raises-exception",)),
    ]
    cells[1].metadata |= {"execution": {"iopub.status.busy": "now"}, "tags": [], "vscode": {}}
    metadata = {"widgets": {"state": {}}, "kernelspec": {"name": "mine", "display_name": "Mine"}}
    return new_notebook(cells=cells, metadata=metadata)


def test_a_notebook_is_normalised_once_and_for_all() -> None:
    copied = messy()
    copied.cells[0].id = copied.cells[1].id = "same"  # as a copied cell has
    text = normalise.normalised(copied)
    assert normalise.normalised(normalise.parsed(text)) == text
    assert text.endswith("}\n")
    notebook = json.loads(text)
    first, printed, view, bare, error = notebook["cells"]
    assert notebook["metadata"] == normalise.METADATA
    assert first["source"] == ["# Title"]
    assert first["id"] == "same" != printed["id"]
    assert printed["metadata"] == {}
    assert [(out["name"], out["text"]) for out in printed["outputs"]] == [
        ("stdout", ["1\n", "3\n"]),
        ("stderr", ["2"]),
    ]
    assert view["outputs"][0]["data"] == {"text/html": [STILL]}
    assert bare["outputs"] == []
    assert error["outputs"][0]["traceback"] == ["E: no"]
    assert error["metadata"] == {"tags": ["raises-exception"]}


def test_normalise_checks_writes_and_is_then_content(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.ipynb"
    nbformat.write(messy(), path)
    before = path.read_bytes()
    assert normalise.main([str(path), "--check"]) == 1
    assert path.read_bytes() == before
    assert normalise.main([str(path)]) == 1
    assert normalise.main([str(path)]) == 0
    assert "is not normalised" in capsys.readouterr().out


def good() -> NotebookNode:
    return new_notebook(
        cells=[
            new_markdown_cell("# 3 · Containers\n\n75 minutes.", id="top"),
            code('import course\n\nlab = course.open("03")', name="open"),
            new_markdown_cell(
                "## Run\n\n![a box](box.svg)\n\n> **Correction.** It is so.", id="run"
            ),
            code('lab.client.containers.run("busybox:latest", "ls")', said("bin\n"), name="ls"),
            code('lab.task("3.1")', name="one"),
            code('lab.task("3.2")', name="two"),
            code("lab.close()", name="close"),
        ]
    )


def test_a_good_notebook_has_no_findings() -> None:
    assert lint_notebooks.lint(good(), CHAPTER) == []


LONG = "\n".join(f"x{n} = {n}" for n in range(13))
MARK = "> **Correction.** One.\n\n"
FAULTS = {
    "minutes": (0, "# 3 · Containers\n\n70 minutes", "catalogue's time"),
    "title": (0, "# Something\n\n75 minutes", "the first cell is the title"),
    "open": (1, 'lab = course.open("02")', "imports, then lab"),
    "open-more": (1, 'import course\nlab = course.open("03")\nlab.client', "imports, then lab"),
    "close": (6, "lab.close()\nprint(1)", "lab.close()"),
    "long": (3, LONG, "13 lines"),
    "empty": (3, "", "0 lines"),
    "home": (3, "open('/home/ann/x')", "/home/ann"),
    "tree": (2, f"See {ROOT}", "path of this tree"),
    "image": (3, 'c.containers.run("alpine")', "'alpine'"),
    "level": (2, "### Run", "level 3 follows one of level 1"),
    "two-titles": (2, "# Run", "level 1 follows one of level 1"),
    "no-alt": (2, "![](x.svg)", "alternative text"),
    "no-alt-html": (2, '<img src="x.svg" alt="">', "alternative text"),
    "task-twice": (5, 'lab.task("3.1")', "sets task 3.1 where 3.2 is due"),
    "correction": (2, "**Correction:** It is so.", "marks a correction"),
    "correction-two": (2, f"{MARK}Correction: another.", "marks a correction"),
    "cell-id": (2, "As in the cell `run-py`.", "points at cell `run-py`"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_rule_is_told_with_its_cell(fault: str) -> None:
    index, source, message = FAULTS[fault]
    notebook = good()
    notebook.cells[index].source = source
    (finding,) = lint_notebooks.lint(notebook, CHAPTER)
    assert finding[0] == notebook.cells[index].id
    assert message in finding[1]


def test_a_hint_that_names_a_cell_is_told() -> None:
    hints = ("A `%%host` cell will do.", "As in the cell `run-py`.")
    chapter = replace(CHAPTER, tasks=(replace(TASKS[0], hints=hints), TASKS[1]))
    (finding,) = lint_notebooks.lint(good(), chapter)
    assert finding[0] == "-"
    assert "`run-py`" in finding[1]


def test_a_task_that_is_left_out_is_told() -> None:
    notebook = good()
    del notebook.cells[5]
    assert lint_notebooks.lint(notebook, CHAPTER) == [("-", "sets task none where 3.2 is due")]


def test_errors_and_tags_belong_together() -> None:
    notebook = good()
    error = new_output("error", ename="E", evalue="", traceback=[])
    notebook.cells[3].outputs = [error]
    assert lint_notebooks.lint(notebook, CHAPTER)[0][1].startswith("shows an error")
    notebook.cells[3].metadata["tags"] = ["raises-exception"]
    assert lint_notebooks.lint(notebook, CHAPTER) == []
    notebook.cells[3].outputs = []
    assert lint_notebooks.lint(notebook, CHAPTER)[0][1].endswith("shows no error")


def test_state_and_missing_runs_are_told() -> None:
    notebook = good()
    notebook.metadata["widgets"] = {}
    notebook.cells[3].execution_count = None
    messages = [message for _, message in lint_notebooks.lint(notebook, CHAPTER)]
    assert [m.split(":")[0] for m in messages] == [
        "was never run",
        "has widget state in its metadata",
    ]


def test_the_median_cell_is_short() -> None:
    notebook = good()
    for n in range(6):
        notebook.cells.insert(3, code("a = 1\nb = 2\nc = 3\nd = 4\ne = 5", name=f"n{n}"))
    (finding,) = lint_notebooks.lint(notebook, CHAPTER)
    assert finding == ("-", "the median code cell has 5 lines; at most 4 are allowed")


def test_code_in_prose_has_no_headings() -> None:
    notebook = good()
    notebook.cells[2].source += "\n\n```sh\n# a comment\n```"
    assert lint_notebooks.lint(notebook, CHAPTER) == []


def test_images_that_the_notebook_makes_are_known() -> None:
    cells = [
        ("a", 'client.images.build(path=".", tag="mine:1")'),
        ("b", 'image.tag("localhost:5000/me", tag="2")\nc.commit("kept")'),
        ("c", 'client.containers.run("mine:1"); client.containers.create("localhost:5000/me:2")'),
        ("d", 'client.images.pull("nginx", tag="alpine"); client.containers.run(image="kept")'),
        ("e", 'client.containers.run(name); client.containers.run("nginx:alpine@sha256:00")'),
        ("f", "%%host\ndocker run redis"),
        ("g", 'client.images.pull("redis")'),
        ("h", 'build("helped:1", "FROM busybox"); client.containers.run("helped:1")'),
    ]
    assert list(foreign_images(cells, CHAPTER.images)) == [("g", "redis")]


def test_a_file_of_no_chapter_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "99-none.ipynb"
    path.write_text(normalise.normalised(good()))
    assert lint_notebooks.main([str(path)]) == 1
    assert capsys.readouterr().out == f"{path}:-: no chapter of course.toml has this notebook\n"


# -- outputs: one notebook, run by a kernel each time


def runnable(folder: Path) -> Path:
    cells = [
        new_code_cell("n = 3", id="set"),
        new_code_cell("print(n, 'containers')", id="count"),
        new_code_cell("import secrets; print('a1' + secrets.token_hex(5))", id="hex"),
        new_code_cell("import sys; print('a', file=sys.stderr); print('b'); n", id="both"),
    ]
    path = folder / "one.ipynb"
    path.write_text(normalise.normalised(new_notebook(cells=cells)))
    return path


def test_outputs_are_stored_once_and_then_only_where_they_changed(tmp_path: Path) -> None:
    path = runnable(tmp_path)
    assert [change.cell for change in outputs.refresh(path)] == ["count", "hex", "both"]
    first = path.read_bytes()
    assert outputs.refresh(path) == []
    assert path.read_bytes() == first

    edited = first.replace(b'"n = 3"', b'"n = 4"')
    path.write_bytes(edited)
    changes = outputs.refresh(path, check=True)
    assert path.read_bytes() == edited
    assert [change.cell for change in changes] == ["count", "both"]
    assert '- "text": "3 containers' in changes[0].diff
    assert '+ "text": "4 containers' in changes[0].diff

    outputs.refresh(path)
    mixed = path.read_bytes()
    after = json.loads(mixed)["cells"]
    before = json.loads(first)["cells"]
    assert after[2] == before[2]
    assert after[1]["outputs"][0]["text"] == ["4 containers\n"]
    assert [cell["execution_count"] for cell in after] == [1, 2, 3, 4]

    assert outputs.refresh(path, anew=True) == []
    assert path.read_bytes() != mixed
    assert json.loads(path.read_bytes())["cells"][2] != after[2]
    assert normalise.normalise(path, check=True) is False


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import time; time.sleep(60)", "longer than 4 s"),
        ("import os; os._exit(1)", "ernel died"),
    ],
)
def test_a_cell_that_fails_is_told_and_nothing_is_written(
    tmp_path: Path, source: str, told: str
) -> None:
    path = tmp_path / "one.ipynb"
    cells = [new_code_cell("print(1)", id="a"), new_code_cell(source, id="bad")]
    path.write_text(normalise.normalised(new_notebook(cells=cells)))
    before = path.read_bytes()
    with pytest.raises(CourseError) as caught:
        outputs.refresh(path, cell_timeout=4)  # a busy machine needs a second
    assert path.read_bytes() == before
    assert "one.ipynb, cell bad" in str(caught.value)
    assert source in str(caught.value)
    assert told in str(caught.value)


def test_an_unknown_chapter_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert outputs.main(["77"]) == 2
    assert "77" in capsys.readouterr().err


@pytest.mark.parametrize("path", normalise.notebooks(), ids=lambda path: path.stem)
def test_the_course_s_notebooks_keep_the_rules(path: Path) -> None:
    assert lint_notebooks.lint_file(path) == []
    assert not normalise.normalise(path, check=True)
