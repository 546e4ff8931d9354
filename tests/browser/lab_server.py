"""A JupyterLab server of the tests' own, that knows and touches no learner's files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Self

from course.catalogue import ROOT

START_SECONDS = 90
COPIED = ("notebooks", "assets", "exercises", "course.toml")
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # what a test runs is for looking at, not for keeping
    "docmanager-extension/plugin": {"autosave": False},
}


class Server:
    """JupyterLab on a free port of 127.0.0.1, working on a copy of the course.

    Args:
        home: An empty folder for the copy, and for Jupyter's config, data and runtime files.

    Attributes:
        folder: The server's root; a notebook written here can be opened.
        url: Where it answers.
    """

    def __init__(self, home: Path) -> None:
        self.home, self.folder = home, home / "root"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._copy()
        self._write_settings()
        with (self.home / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                cwd=self.folder,
                start_new_session=True,
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the server and the kernels that it started."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def log(self) -> str:
        """What the server said."""
        return (self.home / "server.log").read_text(errors="replace")

    def _copy(self) -> None:
        self.folder.mkdir(parents=True)
        for name in COPIED:
            source, target = ROOT / name, self.folder / name
            if source.is_dir():
                shutil.copytree(source, target)
            elif source.exists():
                shutil.copy(source, target)

    def _write_settings(self) -> None:
        for name, settings in SETTINGS.items():
            path = self.home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings))

    def _command(self) -> list[str]:
        root = ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", *root),
            *(f"--port={self.port}", "--ServerApp.port_retries=0"),
            f"--ServerApp.root_dir={self.folder}",
            # nobody else reaches this port for the minute that it is open
            *("--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"),
            "--expose-app-in-browser",
            "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        paths = filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])
        return (
            os.environ
            | {name: str(self.home / folder) for name, folder in own.items()}
            | {"PYTHONPATH": os.pathsep.join(paths)}
        )

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.__exit__()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
