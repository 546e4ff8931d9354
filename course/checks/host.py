"""What a check asks of the lab's Docker hosts: files, processes, and who answers there."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from typing import TypeVar

from course.checks.answer import Answer, fetch
from course.checks.budget import Budget
from course.checks.container import ContainerAt
from course.checks.lab import Lab
from course.checks.processes import SCRIPT, Process, parse

T = TypeVar("T")

PATIENCE = 2.0  # seconds for one HTTP answer, so that a silent port leaves time for a verdict
AGAIN = 0.1  # seconds between two attempts


class HostAt:
    """The lab's Docker hosts, only to be read: by `cat`, `stat`, `readlink` and one HTTP GET.

    Args:
        lab: Whose hosts.
        budget: How long the check may take.
    """

    def __init__(self, lab: Lab, budget: Budget) -> None:
        self._lab, self._budget = lab, budget
        self._listens_by = time.monotonic() + PATIENCE

    def asked(
        self, port: int, path: str = "/", node: str = "node1", **headers: str
    ) -> Answer | None:
        """Returns what a port of one of the lab's Docker hosts says to a GET, whatever the status.

        None where nobody answers within 2 seconds.
        """
        url = self._lab.node(node).url(port).rstrip("/") + path
        return self._heard(lambda: fetch(url, headers, min(self._budget.left(), PATIENCE)))

    def _heard(self, ask: Callable[[], T | None]) -> T | None:
        """Asks again where nobody answers, until 2 seconds after the check began.

        What was started in the cell before does not listen at once.
        """
        while (answer := ask()) is None and time.monotonic() < self._listens_by:
            time.sleep(AGAIN)
        return answer

    def _host(self, script: str, node: str = "node1") -> str | None:
        """Runs a script that only reads on one of the lab's Docker hosts; None where it fails."""
        self._budget.left()
        code, output = self._lab.run(f"({script}) 2>/dev/null", node)
        return output.decode(errors="replace") if code == 0 else None

    def host_file(self, path: str) -> str | None:
        """Returns a text file of the lab's Docker host, or None; `~/` is root's home there."""
        home = "~/" if path.startswith("~/") else ""
        return self._host(f"cat {home}{shlex.quote(path.removeprefix(home))}")

    def host_files(self, folder: str, ending: str) -> str:
        """Returns the files of a folder of the host whose names end so, one after the other.

        Of a link it is what the link leads to.
        """
        # A link that leads nowhere must not spoil the rest.
        return self._host(f"cat {shlex.quote(folder)}/*{shlex.quote(ending)}; true") or ""

    def process_file(self, pid: int, path: str, node: str = "node1") -> str | None:
        """Returns a text file as a process of a node sees it, with all its mounts; or None."""
        return self._host(f"cat /proc/{pid}/root{shlex.quote(path)}", node)

    def host_mode(self, path: str) -> tuple[str, str, str]:
        """Returns owner, group and octal mode ("root", "docker", "660") of a file on the host."""
        found = self._host(f"stat -c '%U %G %a' {shlex.quote(path)}")
        owner, group, mode = (found or "? ? ?").split()
        return owner, group, mode

    def host_changed(self, path: str) -> int | None:
        """Returns when a file or folder of the host was changed (epoch seconds), or None."""
        found = self._host(f"stat -c %Y {shlex.quote(path)}")
        return int(found) if found else None

    def host_packed(self, archive: str, path: str) -> str | None:
        """Returns a text file out of a .tar.gz on the Docker host, or None."""
        return self._host(f"tar xzOf {shlex.quote(archive)} {shlex.quote(path)}")

    def host_find(self, text: str, *folders: str) -> str:
        """Returns the path of a file below folders of the host that holds `text`; else ""."""
        script = f"grep -rlF -e {shlex.quote(text)} {shlex.join(folders)} | head -n 1"
        return (self._host(script) or "").strip()

    def host_tree(self, folder: str) -> dict[str, str]:
        """Returns the files below a folder of the host (50 at most) and how each begins.

        Keys are paths relative to the folder, values the first 200 bytes without line breaks.
        """
        first = "$(head -c 200 \"$path\" | tr -d '\\0\\n')"
        each = f'while read -r path; do echo "$path {first}"; done'
        script = f"cd {shlex.quote(folder)} && find . -type f | head -n 50 | {each}"
        pairs = [line.partition(" ") for line in (self._host(script) or "").splitlines()]
        return {path.removeprefix("./"): content for path, _, content in pairs}

    def host_accepts(self, url: str, authorization: str) -> bool:
        """Tells whether `url` answers the Docker host with success, within 2 seconds.

        Args:
            url: As the Docker host reaches it.
            authorization: Value of the HTTP header of this name.
        """
        header, address = shlex.quote(f"Authorization: {authorization}"), shlex.quote(url)
        # The kit's sandboxes have curl, whose 22 is an answer without success; Docker's own image
        # has only wget.
        curl = f"curl -sf --noproxy '*' -m {PATIENCE:.0f} -o /dev/null -H {header} {address}"
        wget = f"wget -q -Y off -T {PATIENCE:.0f} -O /dev/null --header {header} {address}"
        script = f"if command -v curl >&2; then {curl}; else {wget}; fi; code=$?"
        told = f'{script}; test $code = 0 -o $code = 22 && echo "$code"'
        return (self._heard(lambda: self._host(told)) or "").strip() == "0"

    def processes(self) -> list[Process]:
        """Returns every process of the Docker host, zombies too, which `docker top` leaves out."""
        return parse(self._host(SCRIPT) or "")

    def namespaces(self, container: ContainerAt) -> dict[str, str]:
        """Returns the inode of each namespace of a running container's first process.

        Keys are the kernel's names: cgroup, ipc, mnt, net, pid, user, uts, and time where the
        kernel has it (see namespaces(7)).
        """
        folder = f"/proc/{int(container.attrs['State']['Pid'])}/ns"
        script = f'cd {folder} && for name in *; do echo "$name $(readlink $name)"; done'
        pairs = [line.split() for line in (self._host(script) or "").splitlines()]
        # pid_for_children and its like are where a child would go, not where the process is.
        return {name: target for name, target in pairs if not name.endswith("_for_children")}
