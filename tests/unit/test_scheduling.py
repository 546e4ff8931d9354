"""How tests are dealt out to workers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from scheduling import LONG, order, scope

pytest_plugins = ["pytester"]

TASKS = "tests/engine/test_tasks.py"
PAGES = "tests/browser/test_jupyterlab.py"


@pytest.mark.parametrize(
    ("node_id", "expected"),
    [
        ("tests/engine/test_lab.py::test_a[5.2]", "tests/engine/test_lab.py"),
        ("notebooks/05-volumes.ipynb::Cell 3", "notebooks/05-volumes.ipynb"),
        (f"{TASKS}::test_a_wrong_answer_is_told_why[5.2-none]", f"{TASKS}::5"),
        (f"{TASKS}::test_the_solution_solves_it_and_one_can_start_over[5.6]", f"{TASKS}::5"),
        (f"{TASKS}::test_the_stages_of_other_tasks_are_no_attempt_at_one", TASKS),
        (
            "tests/engine/test_swarm_tasks.py::test_a[12a.3-x]",
            "tests/engine/test_swarm_tasks.py::12a",
        ),
        (f"{PAGES}::test_a_notebook_runs_without_an_error[05-volumes]", f"{PAGES}::05-volumes"),
        (f"{PAGES}::test_a_stranger_is_seen", PAGES),
    ],
)
def test_what_shares_a_lab_stays_together(node_id: str, expected: str) -> None:
    assert scope(node_id) == expected


def test_the_long_begin_and_the_short_end() -> None:
    short = [f"tests/engine/test_short.py::test_{n}" for n in range(2)]
    many = [f"tests/engine/test_many.py::test_{n}" for n in range(9)]
    long = ["tests/engine/test_nodes.py::test_one"]
    found = [*short, *many, *long]
    assert sorted(found, key=order(found)) == [*long, *many, *short]


def test_pieces_of_the_same_size_are_not_mixed() -> None:
    found = [f"{TASKS}::test_{name}[{n}.1]" for name in "ab" for n in range(4)]
    pieces = [scope(each) for each in sorted(found, key=order(found))]
    assert pieces == sorted(pieces)
    assert len(set(pieces)) == 4


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_is_there(name: str) -> None:
    root = Path(__file__).parents[2]
    paths = [*root.glob("tests/*/*.py"), *root.glob("notebooks/*.ipynb")]
    assert any(path.name.startswith(name) for path in paths)


def test_workers_get_their_pieces_whole(pytester: pytest.Pytester) -> None:
    tests = Path(__file__).parents[1]
    for name in ("conftest.py", "scheduling.py"):
        shutil.copy(tests / name, pytester.path)
    pytester.mkdir("engine")
    (pytester.path / "engine" / "test_tasks.py").write_text(
        "import os, pathlib, time, pytest\n"
        "@pytest.mark.parametrize('again', range(5))\n"
        "@pytest.mark.parametrize('task', ['1.1', '2.1', '3.1', '4.1'])\n"
        "def test_it(task, again):\n"
        "    time.sleep(0.05)\n"
        "    with pathlib.Path(os.environ['SEEN']).open('a') as seen:\n"
        "        print(task, os.environ['PYTEST_XDIST_WORKER'], file=seen)\n"
    )
    pytester.makeini("[pytest]\nmarkers = engine\n")
    seen = pytester.path / "seen"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEEN", str(seen))
        result = pytester.runpytest_subprocess("-n", "2", "--dist", "loadfile", "engine")
    result.assert_outcomes(passed=20)
    pairs = {tuple(line.split()) for line in seen.read_text().splitlines()}
    assert len(pairs) == 4, "a chapter was torn apart"
    assert {worker for _, worker in pairs} == {"gw0", "gw1"}
