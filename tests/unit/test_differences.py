"""What a cell shows on another engine or kernel: compared as strictly as stored outputs are."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import course.testing.plugin  # noqa: F401  # once for all runs of pytest below, not once each
from course.catalogue import ROOT
from course.errors import CourseError
from course.testing import differences, kernel, sanitise
from course.testing.differences import read
from course.views.view import Picture

pytest_plugins = ["pytester"]

LIST = Path("tests", "notebooks", "engines.toml")
ENTRY = {
    "notebook": "one.ipynb",
    "cell": "c1",
    "engines": ["bookworm"],
    "why": "it says so",
    "shows": "on 20.10: 7\n",
}
STORED = "on 26.1: 7\n"


def entries(folder: Path, *changes: dict[str, object]) -> Path:
    path = folder / LIST
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for change in changes:
        fields = {key: value for key, value in {**ENTRY, **change}.items() if value is not None}
        lines += ["[[cell]]", *(f"{key} = {json.dumps(value)}" for key, value in fields.items())]
    path.write_text("\n".join(lines))
    return path


def run(pytester: pytest.Pytester, says: str, *changes: dict[str, object]) -> pytest.RunResult:
    """Runs a notebook with one cell, which prints `says` and has another output stored."""
    pytester.makeini("[pytest]\n")
    entries(pytester.path, *changes)
    stored = new_output("stream", name="stdout", text=STORED)
    cell = new_code_cell(f"print({says!r})", outputs=[stored], execution_count=1, id="c1")
    nbformat.write(new_notebook(cells=[cell]), pytester.path / "one.ipynb")
    return pytester.runpytest_inprocess("-p", "course.testing.plugin", "--nbval", "one.ipynb")


@pytest.mark.parametrize(
    ("engine", "says", "passed"),
    [
        ("bookworm", "on 20.10: 7", 1),
        ("bookworm", "on 20.10: 8", 0),  # listed is not exempt
        ("bookworm", "on 26.1: 7", 0),  # it does not differ any more
        ("forky", "on 20.10: 7", 0),
        ("forky", "on 26.1: 7", 1),
        ("", "on 26.1: 7", 1),
    ],
)
def test_only_that_engine_must_show_only_that(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    says: str,
    passed: int,
) -> None:
    monkeypatch.setenv("COURSE_ENGINE", engine)
    run(pytester, says, {}).assert_outcomes(passed=passed, failed=1 - passed)


ON_IPVS = {"engines": None, "kernel": "ipvs", "shows": "with IPVS: 7\n"}
BOTH = {"kernel": "ipvs", "shows": "with both: 7\n"}


@pytest.mark.parametrize(
    ("engine", "kind", "says", "passed"),
    [
        ("", "ipvs", "with IPVS: 7", 1),
        ("", "ipvs", "with IPVS: 8", 0),
        ("", "ipvs", "on 26.1: 7", 0),
        ("forky", "ipvs", "with IPVS: 7", 1),
        ("bookworm", "ipvs", "with both: 7", 1),
        ("bookworm", "ipvs", "with IPVS: 7", 0),
        ("bookworm", "", "on 20.10: 7", 1),
        ("", "", "on 26.1: 7", 1),
        ("", "", "with IPVS: 7", 0),
    ],
)
def test_only_that_kernel_must_show_only_that(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    kind: str,
    says: str,
    passed: int,
) -> None:
    monkeypatch.setenv("COURSE_ENGINE", engine)
    monkeypatch.setattr(kernel, "kind", lambda: kind)
    result = run(pytester, says, {}, ON_IPVS, BOTH)
    result.assert_outcomes(passed=passed, failed=1 - passed)


def test_a_kernel_is_asked_only_where_an_entry_depends_on_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_ENGINE", "bookworm")
    monkeypatch.setattr(kernel, "kind", lambda: pytest.fail("nobody needs to know"))
    run(pytester, "on 20.10: 7", {}).assert_outcomes(passed=1)


def test_a_picture_is_compared_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(differences, "ROOT", tmp_path)
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>{} answered</text></svg>'
    (tmp_path / "mesh.svg").write_text(svg.format(10))
    (entry,) = read(entries(tmp_path, ON_IPVS | {"shows": "Ten.\n", "picture": "mesh.svg"}))

    def shown(count: int, words: str) -> list[dict]:
        data = Picture(svg.format(count), words)._repr_mimebundle_()
        return sanitise.outputs([{"output_type": "display_data", "data": data, "metadata": {}}])

    assert entry.expected(shown(0, "None.")) == shown(10, "Ten.")
    assert entry.expected(shown(0, "None.")) != shown(9, "Ten.")
    assert entry.expected(shown(0, "None.")) != shown(10, "Nine.")


def test_what_differs_from_run_to_run_is_free_and_the_rest_is_not(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_ENGINE", "bookworm")
    free = {"free": r"\d$"}
    run(pytester, "on 20.10: 9", free).assert_outcomes(passed=1)
    run(pytester, "on 20.11: 9", free).assert_outcomes(failed=1)


def test_a_cell_that_is_not_there_is_told(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_ENGINE", "bookworm")
    result = run(pytester, "on 26.1: 7", {"cell": "gone"})
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("*listed or exempt cells that are not there: {'gone'}*")


@pytest.mark.parametrize(
    "change",
    [
        {"why": " "},
        {"shows": None},
        {"engines": ["trixie"]},  # the one whose outputs are stored
        {"engines": ["sid"]},
        {"engines": None},
        {"engines": [], "kernel": ""},
        {"kernel": "iptables"},
        {"reason": "x"},
    ],
)
def test_a_broken_entry_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(CourseError, match="c1"):
        read(entries(tmp_path, change))


def test_an_entry_stands_there_once(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Twice"):
        read(entries(tmp_path, {}, {"engines": ["forky", "bookworm"]}))
    assert len(read(entries(tmp_path, {}, {"engines": ["forky"]}))) == 2


def test_of_an_engine_and_a_kernel_neither_counts_before_the_other(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"Twice.*'c1', 'bookworm', 'ipvs'"):
        read(entries(tmp_path, {}, ON_IPVS))
    with pytest.raises(CourseError, match="Twice"):
        read(entries(tmp_path, ON_IPVS, ON_IPVS))
    assert len(read(entries(tmp_path, {}, ON_IPVS, BOTH))) == 3


def _stored(notebook: str) -> dict[str, list[dict]]:
    parsed = nbformat.read(ROOT / "notebooks" / notebook, as_version=4)
    code = [cell for cell in parsed.cells if cell.cell_type == "code"]
    return {cell.id: sanitise.outputs(cell.outputs) for cell in code}


def test_each_entry_of_the_course_differs_from_what_its_cell_has_stored() -> None:
    listed = read(ROOT / LIST)
    assert len(listed) == len(tomllib.loads((ROOT / LIST).read_text())["cell"])
    for one in listed:
        stored = _stored(one.notebook)[one.cell]
        assert one.expected(stored) != one.freed(stored), (one.notebook, one.cell)
