"""The nbval plugin, on notebooks made here and real kernels; no engine is needed."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

import course.testing.plugin  # noqa: F401  # once for all runs of pytest below, not once each
from course.catalogue import ROOT
from course.testing.exemptions import Exemption, read, unknown

pytest_plugins = ["pytester"]

Cells = list[tuple[str, list[NotebookNode]]]


def said(text: str, name: str = "stdout") -> NotebookNode:
    return new_output("stream", name=name, text=text)


def shown(**data: str) -> NotebookNode:
    return new_output("display_data", data={k.replace("_", "/"): v for k, v in data.items()})


def write(folder: Path, cells: Cells, name: str = "one.ipynb", tags: tuple[str, ...] = ()) -> None:
    made = [
        new_code_cell(source, outputs=outputs, execution_count=n, id=f"c{n}")
        for n, (source, outputs) in enumerate(cells, 1)
    ]
    for cell in made:
        if tags:
            cell.metadata.tags = list(tags)
    nbformat.write(new_notebook(cells=made), folder / name)


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\n")
    return pytester.runpytest_inprocess("-p", "course.testing.plugin", "--nbval", *arguments)


def check(pytester: pytest.Pytester, cells: Cells) -> dict[str, str]:
    """Runs the cells as one notebook; returns each cell's id and its outcome."""
    write(pytester.path, cells)
    result = run(pytester, "-rA", "-q")
    lines = [line.split(" - ")[0] for line in result.outlines if ".ipynb::" in line]
    found = [line.split() for line in lines if line.startswith(("PASSED", "FAILED"))]
    return {line[-1].strip("[]"): line[0] for line in found}


SVG = '<svg><text class="state">{}</text><text class="ms">{}</text></svg>'


def still(state: str, ms: str) -> str:
    code = base64.b64encode(SVG.format(state, ms).encode()).decode()
    return f'<img alt="" src="data:image/svg+xml;base64,{code}">'


def show(html: str) -> str:
    return f"from IPython.display import HTML, display\ndisplay(HTML({html!r}))"


ID, OTHER = "4f2a" * 16, "9be1" * 16


def test_what_differs_by_run_passes(pytester: pytest.Pytester) -> None:
    picture = show(still("running", "12"))
    cells = [
        (f"print({ID!r})", [said(OTHER + "\n")]),
        ("print('Up 3 minutes', '127.0.0.1:32769', '2 seconds ago', '172.17.0.3')",
         [said("Up 5 seconds 127.0.0.1:49000 1 second ago 172.18.0.2\n")]),
        ("import time; print(time.strftime('%FT%TZ'))", [said("2026-11-23T18:37:41Z\n")]),
        (picture, [shown(text_html=still("running", "9"), text_plain="<HTML>")]),
        ("print('a'); print('b')", [said("a\n"), said("b\n")]),
    ]  # fmt: skip
    assert check(pytester, cells) == dict.fromkeys(["c1", "c2", "c3", "c4", "c5"], "PASSED")


def test_what_matters_fails(pytester: pytest.Pytester) -> None:
    plain = {"text_plain": "<HTML>"}
    cells = [
        ("print(3, 'containers')", [said("4 containers\n")]),
        ("print('web')", [said("api\n")]),
        ("print('Exited (137) 2 seconds ago')", [said("Exited (0) 2 seconds ago\n")]),
        (show(still("exited", "9")), [shown(text_html=still("running", "9"), **plain)]),
        ("import sys; print('a'); print('no', file=sys.stderr)", [said("a\n")]),
        ("print('more')", []),
        ("pass", [said("less\n")]),
        ("1 / 0", []),
        ("print('good')", [said("good\n")]),
    ]
    expected = {f"c{n}": "FAILED" for n in range(1, 9)} | {"c9": "PASSED"}
    assert check(pytester, cells) == expected


def test_outputs_are_replayed_as_a_front_end_would(pytester: pytest.Pytester) -> None:
    cells = [
        ("from IPython.display import clear_output, display\n"
         "print('old'); clear_output(); print('new')", [said("new\n")]),
        ("print('old'); clear_output(wait=True); print('new')", [said("new\n")]),
        ("h = display('one', display_id=True); h.update('two')", [shown(text_plain="'two'")]),
        ("h = display('one', display_id=True); h.update('two')", [shown(text_plain="'one'")]),
        ("for i in range(3000): print(i)\nclear_output(); print('end')", [said("end\n")]),
    ]  # fmt: skip
    assert check(pytester, cells) == {
        **dict.fromkeys(["c1", "c2", "c3", "c5"], "PASSED"),
        "c4": "FAILED",
    }


def test_an_expected_error_is_compared(pytester: pytest.Pytester) -> None:
    error = new_output("error", ename="KeyError", evalue="'a'", traceback=["…"])
    write(pytester.path, [("{}['a']", [error]), ("{}['b']", [error])], tags=("raises-exception",))
    run(pytester).assert_outcomes(passed=1, failed=1)


@pytest.mark.parametrize("tag", ["nbval-ignore-output", "nbval-skip"])
def test_a_tag_lets_no_cell_out(pytester: pytest.Pytester, tag: str) -> None:
    write(pytester.path, [("print(1)", [said("1\n")])], tags=(tag,))
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*let no cell out*"])


def test_a_cell_that_was_never_run_fails(pytester: pytest.Pytester) -> None:
    cell = new_code_cell("print(1)", id="c1")
    nbformat.write(new_notebook(cells=[cell]), pytester.path / "one.ipynb")
    result = run(pytester)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Never run*"])


def exempt(pytester: pytest.Pytester, text: str) -> str:
    path = pytester.path / "list.toml"
    path.write_text(text)
    return f"--nbval-exemptions={path}"


ENTRY = '[[exempt]]\nnotebook = "one.ipynb"\ncell = "{}"\nreason = "{}"\n'


def test_an_exempt_cell_is_run_and_not_compared(pytester: pytest.Pytester) -> None:
    option = exempt(pytester, "at_most = 1\n" + ENTRY.format("c1", "drawn by lot"))
    write(pytester.path, [("x = 7; print(x)", [said("3\n")]), ("print(x)", [said("7\n")])])
    run(pytester, option).assert_outcomes(passed=2)


def test_an_exempt_cell_that_raises_fails(pytester: pytest.Pytester) -> None:
    option = exempt(pytester, "at_most = 1\n" + ENTRY.format("c1", "drawn by lot"))
    write(pytester.path, [("1 / 0", [said("3\n")])])
    run(pytester, option).assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("at_most = 1\n" + ENTRY.format("c9", "r"), "*exempt cells that are not there*c9*"),
        ("at_most = 1\n" + ENTRY.format("c1", ""), "*lacks reason*"),
        ("at_most = 0\n" + ENTRY.format("c1", "r"), "*1 entries, and at_most is 0*"),
        ("at_most = 2\n" + ENTRY.format("c1", "r") * 2, "*Twice there*"),
    ],
)
def test_a_wrong_exemption_is_refused(pytester: pytest.Pytester, text: str, message: str) -> None:
    option = exempt(pytester, text)
    write(pytester.path, [("print(1)", [said("1\n")])])
    result = run(pytester, option)
    assert result.ret != 0
    (result.stdout if "not there" in message else result.stderr).fnmatch_lines([message])


def test_a_cell_that_takes_too_long_fails_and_the_last_cell_runs(
    pytester: pytest.Pytester,
) -> None:
    marker = pytester.path / "closed"
    last = f"import pathlib; pathlib.Path({str(marker)!r}).touch()"
    write(pytester.path, [("import time; time.sleep(30)", []), (last, [])])
    result = run(pytester, "--nbval-cell-timeout=1")
    result.stdout.fnmatch_lines(["*took longer than 1 s*", "*time.sleep(30)*"])
    assert result.duration < 15
    assert marker.exists()


def test_a_kernel_that_dies_fails_its_cell_and_the_next(pytester: pytest.Pytester) -> None:
    write(pytester.path, [("import os; os._exit(1)", []), ("print(1)", [said("1\n")])])
    result = run(pytester)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*The kernel died*"])


def test_a_failure_tells_of_the_engine(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(pytester.path))
    claim = (
        "import json, os, pathlib\np = pathlib.Path(os.environ['COURSE_DATA'], 'sandboxes', 'x')\n"
        "p.mkdir(parents=True)\n(p / 'owner.json').write_text(json.dumps({'pid': os.getpid()}))\n"
        "(p / 'address.json').write_text(json.dumps({'url': 'https://127.0.0.1:9'}))\nprint(1)"
    )
    write(pytester.path, [("print(1)", [said("2\n")]), (claim, [said("2\n")])])
    result = run(pytester)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*Engine at the failure*", "*has no lab open*"])
    result.stdout.fnmatch_lines(["*Engine in */sandboxes/x: no answer:*"])


def test_workers_get_whole_notebooks_or_nothing(pytester: pytest.Pytester) -> None:
    for name in ("one.ipynb", "two.ipynb"):
        write(pytester.path, [("x = 1", []), ("print(x)", [said("1\n")])], name)
    run(pytester, "-n2", "--dist=loadfile").assert_outcomes(passed=4)
    refused = run(pytester, "-n2")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*--dist loadfile*"])


def test_lax_is_refused(pytester: pytest.Pytester) -> None:
    refused = run(pytester, "--nbval-lax")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["*compares nothing*"])


def test_the_list_of_this_course_names_cells_with_outputs() -> None:
    folder = ROOT / "notebooks"
    cells = {path.name: _with_outputs(path) for path in folder.glob("*.ipynb")}
    entries = read(ROOT / "tests" / "notebooks" / "exemptions.toml")
    assert unknown(entries, folder, cells) == []
    gone = (
        Exemption("00-gone.ipynb", "preflight", "no such notebook"),
        Exemption("01-installation.ipynb", "gone", "no such cell"),
    )
    assert len(unknown((*entries, *gone), folder, cells)) == len(gone)


def _with_outputs(path: Path) -> set[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"] for cell in cells if cell.get("outputs")}
