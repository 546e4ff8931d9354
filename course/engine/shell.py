"""An interactive shell on a lab's Docker host, for a JupyterLab terminal."""

from __future__ import annotations

import shutil
import subprocess
import sys

from course.engine import host, sandbox
from course.engine.cluster import Cluster, of_sandboxes
from course.engine.sandbox import Sandbox
from course.errors import CourseError

DETACH = "ctrl-@,ctrl-^,ctrl-_"  # keys that nobody types; there is no way to have none


def last_opened() -> Cluster:
    """The engines of the lab that was opened last by this learner.

    Raises:
        CourseError: No lab is open.
    """
    engine = host.find()
    claimed = [entry for entry in sandbox.known(engine) if entry.owned_since()] if engine else []
    # A node that is switched off answers nobody; it still is one of its lab's nodes.
    running = [entry for entry in claimed if entry.is_running()]
    alive = [entry for entry in running if entry.answers()]
    if not alive:
        raise CourseError(
            "Looked for an open lab.", "There is none.", "Run the first cell of a notebook first."
        )
    last = max(alive, key=lambda entry: entry.owned_since() or 0)
    if not last.address.cluster:
        return of_sandboxes([last])
    return of_sandboxes(
        [entry for entry in running if entry.address.cluster == last.address.cluster]
    )


def command(lab: Sandbox, program: str, *, terminal: bool) -> list[str]:
    """The docker CLI call that opens a shell in a sandbox."""
    words = ["docker", "--host", lab.host.endpoint.url, "exec", "--interactive"]
    if terminal:
        # Ctrl-P Ctrl-Q is for the containers in there, not for this shell.
        words += ["--tty", "--env", "TERM=xterm-256color", "--detach-keys", DETACH]
    return [*words, "--workdir", "/root", lab.address.container, *program.split()]


def open_shell(node: str) -> int:
    """Opens a shell on the Docker host; returns its exit code.

    Raises:
        CourseError: No lab is open, it has no such node, or there is no docker CLI here.
    """
    lab = last_opened().node(node).machine
    assert isinstance(lab, Sandbox)
    if not shutil.which("docker"):
        raise CourseError(
            "Opened a shell on the lab's Docker host.",
            "There is no `docker` program on this machine to do it with.",
            "Use `%%host` cells, or install the Docker CLI.",
        )
    code, _ = lab.run("command -v bash")
    program = "bash" if code == 0 else "sh"
    return subprocess.run(
        command(lab, program, terminal=sys.stdin.isatty()), check=False
    ).returncode
