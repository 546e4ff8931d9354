"""The pipeline of exercises/frontend: its scripts, and the same steps as a GitHub workflow."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode

from course.catalogue import ROOT, catalogue
from course.dev.normalise import parsed

NOTEBOOK = catalogue().chapter("10").notebook
# A commit where the notebook shows one: what is built and tagged, what serves, what is refused.
COMMIT = re.compile(r"(?:\bweb-|== build |frontend:|^')([0-9a-f]{12})\b", re.MULTILINE)
EXAMPLE = "0123456789ab"  # in deploy.sh, which the notebook prints
FRONTEND = ROOT / "exercises" / "frontend"
WORKFLOW = FRONTEND / ".github" / "workflows" / "pipeline.yaml"
# The schema inside the package, not the one on the web: a test needs no network.
LINT = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
# What somebody may get wrong, and what the linter calls it by.
BROKEN = {
    "a step that does nothing": ("        run: docker tag", "        walk: docker tag", "walk"),
    "an event that does not exist": ("  pull_request:", "  pull_requests:", "pull_requests"),
    "a job without a machine": ("    runs-on: ubuntu-latest\n", "", "runs-on"),
    "minutes in words": ("timeout-minutes: 10", "timeout-minutes: ten", "ten"),
    "a permission that does not exist": ("packages: write", "packages: push", "push"),
}


def lint(path: Path) -> tuple[int, str]:
    done = subprocess.run([*LINT, str(path)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_the_workflow_is_one_that_github_accepts() -> None:
    code, said = lint(WORKFLOW)
    assert code == 0, said


@pytest.mark.parametrize("fault", BROKEN)
def test_the_linter_finds(fault: str, tmp_path: Path) -> None:
    right, wrong, word = BROKEN[fault]
    text = WORKFLOW.read_text(encoding="utf-8")
    assert right in text
    copy = tmp_path / "pipeline.yaml"
    copy.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    code, said = lint(copy)
    assert code == 1
    assert word in said


def test_the_workflow_has_the_steps_of_the_script() -> None:
    script = (FRONTEND / "pipeline.sh").read_text(encoding="utf-8")
    steps = re.findall(r'^echo "== (\w+)', script, re.MULTILINE)
    named = re.findall(r"- name: (.+)", WORKFLOW.read_text(encoding="utf-8"))
    assert steps == ["build", "test", "tag", "push", "deploy"]
    assert [name.lower() for name in named if name != "Check out"] == steps


@pytest.mark.parametrize("name", ["pipeline.sh", "deploy.sh"])
def test_a_script_is_posix_shell_and_stops_at_the_first_failure(name: str) -> None:
    script = FRONTEND / name
    subprocess.run(["sh", "-n", str(script)], check=True, timeout=20)
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "#!/bin/sh"
    assert "set -eu" in lines
    assert script.stat().st_mode & 0o111


def test_what_a_commit_changes_beside_the_source_builds_nothing_anew() -> None:
    ignored = (FRONTEND / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".github", "*.sh"} <= set(ignored)


def read_notebook() -> NotebookNode:
    return parsed(NOTEBOOK.read_text(encoding="utf-8"))


def shown() -> dict[str, str]:
    """What each cell of the notebook shows, as text, by the cell's id."""
    texts: dict[str, str] = {}
    for cell in read_notebook().cells:
        outputs = cell.get("outputs", ())
        told = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs]
        texts[cell["id"]] = "\n".join(told)
    return texts


def test_the_notebook_builds_and_serves_commits_that_are_in_its_history() -> None:
    """Their ids are masked when outputs are compared, so a stored one may be of another run."""
    cells = shown()
    history = re.findall(r"^\d+ +([0-9a-f]{12}) ", cells["rollback-history"], re.MULTILINE)
    assert len(history) == 7
    named = {found for text in cells.values() for found in COMMIT.findall(text)} - {EXAMPLE}
    assert len(named) >= 4
    assert named <= set(history), "run `python -m course.dev.outputs --anew 10`"
    assert cells["pipeline-version"][:12] in named


def test_the_log_of_git_in_the_notebook_is_one_history() -> None:
    cells = shown()
    table = cells["rollback-history"]
    for cell in ("git-init", "watch-commit", "test-gate-revert"):
        for line in cells[cell].splitlines():
            commit, _, message = line.partition(" ")
            assert re.search(rf" {commit} .*{re.escape(message)}", table), cell


def test_the_first_commit_in_the_notebook_is_that_of_the_exercise(tmp_path: Path) -> None:
    """The notebook sets the time and who it was, so the name hangs on the files alone."""
    copy = shutil.copytree(
        FRONTEND, tmp_path / "copy", ignore=shutil.ignore_patterns("node_modules")
    )
    cell = next(cell.source for cell in read_notebook().cells if cell["id"] == "git-init")
    script = cell.replace("%%host\n", "").replace("cd /exercises/frontend", f"cd {copy}")
    script = script.replace("~/when", str(tmp_path / "when"))
    assert "/root" not in script
    done = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == shown()["git-init"], "run `python -m course.dev.outputs --anew 10`"
