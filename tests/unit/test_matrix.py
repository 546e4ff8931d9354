"""The engine matrix: what it makes of real runs of pytest on small notebooks without an engine."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import nbformat
import pytest
import typer
from nbformat.v4 import new_code_cell, new_notebook, new_output
from rich.console import Console

from course.dev import matrix
from course.dev.matrix import Cells, Run, run, table, tell
from course.images.inventory import inventory

SAYS_ENGINE = "import os; print(os.environ['COURSE_ENGINE'])"


def notebook(folder: Path, name: str, *cells: tuple[str, str]) -> Path:
    """Writes a notebook of cells: source, and the output that is stored."""
    made = [
        new_code_cell(
            source,
            outputs=[new_output("stream", name="stdout", text=f"{said}\n")],
            execution_count=n,
            id=f"cell-{n}",
        )
        for n, (source, said) in enumerate(cells, 1)
    ]
    nbformat.write(new_notebook(cells=made), folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("notebooks")
    notebooks = {
        "02": notebook(folder, "02-good", (SAYS_ENGINE, "bookworm"), ("print(2)", "2")),
        "03": notebook(folder, "03-bad", ("print(1)", "1"), ("print(2)", "3")),
        "06": folder / "06-lost.ipynb",
    }
    there = {number: path for number, path in notebooks.items() if path.exists()}
    one = run("20.10", there, {"COURSE_ENGINE": "bookworm"}, ["-n", "2", "--dist", "loadfile"])
    return Run(one.engine, one.code, {**one.cells, "06": Cells()})


def shown(made: object) -> str:
    console = Console(width=120, record=True, file=StringIO())
    console.print(made)
    return console.export_text()


def test_cells_are_counted_by_chapter_and_the_engine_is_asked_for(ran: Run) -> None:
    assert ran.code == 1
    assert ran.cells["02"].passed == 2
    assert ran.cells["02"].is_good
    assert ran.cells["03"].passed == 1
    assert [name.split()[-1] for name in ran.cells["03"].failed] == ["[cell-2]"]
    assert ran.cells["03"].seconds > 0


def test_one_failing_cell_fails_the_matrix(ran: Run, capsys: pytest.CaptureFixture[str]) -> None:
    good = Run("26.1", 0, {"02": Cells(2, (), 1), "03": Cells(2, (), 1), "06": Cells(1, (), 1)})
    assert tell([good]) == 0
    capsys.readouterr()
    assert tell([good, ran]) == 1
    assert "20.10, 03: Cell 1 [cell-2]" in capsys.readouterr().out


def test_the_table_has_engines_and_chapters(ran: Run) -> None:
    text = shown(table([ran], ["12a"]))
    rows = [line.split("│")[1:3] for line in text.splitlines() if line.startswith("│")]
    cells = {number.strip(): said.strip() for number, said in rows}
    assert cells["02"].startswith("2 passed, ")
    assert cells["03"].startswith("1 passed, 1 failed, ")
    assert cells["06"] == "nothing ran"
    assert cells["12a"] == "no notebook"
    assert "20.10" in text


@pytest.mark.parametrize(
    ("runs", "missing"),
    [
        ([Run("26.1", 0, {"02": Cells(3, (), 1)})], ["12a"]),
        ([Run("26.1", 0, {"02": Cells()})], []),
        ([Run("26.1", 2, {"02": Cells(3, (), 1)})], []),  # stopped, or broken while it collected
        ([], []),
    ],
)
def test_what_did_not_run_is_no_success(runs: list[Run], missing: list[str]) -> None:
    assert tell(runs, missing) == 1


def test_a_notebook_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "02-broken.ipynb"
    broken.write_text("{")
    one = run("26.1", {"02": broken}, {}, ["-q"])
    assert one.code != 0
    assert not one.is_good


def test_the_default_is_every_engine_and_chapters_are_known() -> None:
    assert set(inventory().engine.suites) == {"bookworm", "trixie", "forky"}
    there, missing = matrix._found(matrix.CHAPTERS)
    assert [*there, *missing] == list(matrix.CHAPTERS)


@pytest.mark.parametrize(("suite", "chapter"), [("sid", "02"), ("forky", "77")])
def test_an_unknown_chapter_or_engine_is_told_in_one_paragraph(
    suite: str, chapter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        matrix.main(suite=[suite], chapter=[chapter], arguments=None)
    assert left.value.code == 1
    assert "✗ Looked for " in capsys.readouterr().err


def test_arguments_narrow_it_and_the_rest_goes_to_pytest() -> None:
    app = typer.Typer()
    app.command()(matrix.main)
    command = typer.main.get_command(app)
    words = ["--suite", "forky", "--chapter", "03", "--chapter", "06", "--", "-n", "2", "-x"]
    context = command.make_context("matrix", words)
    given = [context.params[name] for name in ("suite", "chapter", "arguments")]
    assert given == [["forky"], ["03", "06"], ["-n", "2", "-x"]]
