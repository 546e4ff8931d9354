"""A fault of the command line is one paragraph and an exit code, from the program's own mouth."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course.catalogue import ROOT

RUN = "from course.cli import main; main()"
# Wherever an engine of this machine listens: nobody finds it.
NOWHERE = f"from course.engine import host; host.well_known_sockets = lambda: iter(()); {RUN}"


def course(*words: str, script: str = RUN, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs `course WORDS` in a process of its own, with these variables."""
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        env=os.environ | env,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )


def paragraph(done: subprocess.CompletedProcess[str]) -> str:
    """The error that was shown, on one line; fails where it was none of ours."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("✗ "), done.stderr
    assert "\n\n" not in done.stderr.strip()
    return " ".join(done.stderr.split())


@pytest.mark.parametrize("command", ["up", "clean"])
def test_a_silent_engine_is_one_paragraph(command: str, tmp_path: Path) -> None:
    done = course(command, DOCKER_HOST="tcp://127.0.0.1:9", COURSE_DATA=str(tmp_path))
    said = paragraph(done)
    assert "tcp://127.0.0.1:9, because DOCKER_HOST names it" in said
    assert "unset DOCKER_HOST" in said


def without_engine(tmp_path: Path) -> dict[str, str]:
    """The variables of a machine that has neither an engine nor what installs one."""
    (tmp_path / "bin").mkdir()
    folders = {"COURSE_DATA": tmp_path / "data", "DOCKER_CONFIG": tmp_path / "config"}
    return {
        "PATH": str(tmp_path / "bin"),
        "DOCKER_HOST": "",
        **{name: str(folder) for name, folder in folders.items()},
    }


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Docker Desktop is asked for")
def test_no_engine_and_none_to_be_had_says_what_to_type(tmp_path: Path) -> None:
    said = paragraph(course("up", script=NOWHERE, **without_engine(tmp_path)))
    assert "None is running and the program `dockerd` is not installed." in said
    assert "docs.docker.com/engine/install" in said
    assert said.endswith("then try again.")


def test_the_doctor_of_such_a_machine_says_so_too(tmp_path: Path) -> None:
    done = course("doctor", script=NOWHERE, **without_engine(tmp_path))
    assert done.returncode == 1
    assert "none answers" in done.stdout
    assert done.stderr == ""
