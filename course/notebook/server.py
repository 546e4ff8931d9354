"""JupyterLab, opened on the course's start page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from course.catalogue import ROOT
from course.errors import CourseError

START_PAGE = "notebooks/START.md"

SETTINGS = {
    # the start page opens as a page, not as its source
    "@jupyterlab/docmanager-extension:plugin": {
        "defaultViewers": {"markdown": "Markdown Preview"},
    },
    # a class should see the course, not the news
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


def _write_settings() -> None:
    """Sets the defaults of this environment's JupyterLab; the learner's own settings win."""
    path = Path(sys.prefix) / "share/jupyter/lab/settings/overrides.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(SETTINGS, indent=2))


def command(arguments: list[str]) -> list[str]:
    """The command line of the server.

    Args:
        arguments: More of JupyterLab's own, such as `--no-browser`.
    """
    words = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url=/lab/tree/{START_PAGE}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")  # a container or a class machine: Jupyter refuses otherwise
    return [*words, *arguments]


def serve(arguments: list[str]) -> int:
    """Runs JupyterLab until it is stopped; returns its exit code.

    Raises:
        CourseError: It is not installed.
    """
    if not shutil.which("jupyter", path=str(Path(sys.executable).parent)):
        raise CourseError("Started JupyterLab.", "It is not installed here.", "Run `make lab`.")
    _write_settings()
    try:
        return subprocess.run(command(arguments), check=False).returncode
    except KeyboardInterrupt:
        return 0
