"""What check authors write with: small expectations of a live engine.

`check(at)` asks `at` for what the task wants. What is missing raises `NotAttempted` or `NotYet`
with words for the learner. Everything here only reads: the engine through GET and HEAD, the lab's
Docker host through `cat`, `stat`, `readlink` and one HTTP GET. There is no `exec`: it would make an
object on the engine and an event that the learner did not cause.
"""

from __future__ import annotations

import contextlib
import difflib
import shlex
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import docker
import requests
from docker.errors import NotFound

from course.checks.answer import Answer, fetch
from course.checks.budget import Budget
from course.checks.container import ContainerAt
from course.checks.events import happened
from course.checks.lab import Lab
from course.checks.processes import SCRIPT, Process, parse
from course.checks.readonly import readonly
from course.checks.verdict import NotAttempted, NotYet

T = TypeVar("T")

PATIENCE = 2.0  # seconds for one HTTP answer, so that a silent port leaves time for a verdict


class At:
    """A live engine to hold a task's expectations against.

    Args:
        lab: Whose engine and Docker host.
        client: A client of this check's own, read-only.
        budget: How long the check may take.
    """

    def __init__(self, lab: Lab, client: docker.DockerClient, budget: Budget) -> None:
        self._lab, self._budget, self.client = lab, budget, client

    def not_yet(self, message: str, look: str = "") -> NoReturn:
        """Raises NotYet: begun, and this is still wrong."""
        raise NotYet(message, look)

    def not_attempted(self, message: str, look: str = "") -> NoReturn:
        """Raises NotAttempted: nothing says that the learner has begun."""
        raise NotAttempted(message, look)

    def ask(self, question: Callable[[docker.APIClient], T], node: str = "node1") -> T | None:
        """Returns what a node's engine answers; None while it is off, or silent for 2 seconds.

        Args:
            question: Asked of a client that can only look.
            node: Which of the lab's engines.
        """
        patience, found = min(self._budget.left(), PATIENCE), self._lab.node(node)
        if not found.is_on:
            return None
        with contextlib.closing(found.connect(max(1, round(patience)))) as client:
            try:
                return question(readonly(client).api)
            except requests.Timeout:
                return None

    def info(self, node: str = "node1") -> dict[str, Any] | None:
        """Returns what a node's engine says of itself, as `ask` does."""
        return self.ask(lambda api: dict(api.info()), node)

    def find(self, name: str) -> ContainerAt | None:
        """Returns the container with this name, or None."""
        found = self._inspect(name)
        # The engine also finds a container by the first letters of its id.
        return found if found and found.name == name else None

    def _inspect(self, key: str) -> ContainerAt | None:
        self._budget.left()
        try:
            return ContainerAt(self.client, self._budget, self.client.api.inspect_container(key))
        except NotFound:
            return None

    def containers(self) -> list[ContainerAt]:
        """Returns every container, whatever its state, newest first."""
        ids = [entry["Id"] for entry in self.client.api.containers(all=True)]
        return [found for key in ids if (found := self._inspect(key))]

    def destroyed(self, **filters: str) -> list[str]:
        """Returns the names of containers that were removed, as far as the engine remembers.

        Args:
            filters: Of the events call, such as `label="key=value"`.
        """
        self._budget.left()
        gone = happened(self.client, 1, event="destroy", **filters)
        return [event.attributes.get("name", "") for event in gone]

    def container(
        self, name: str, like: Callable[[ContainerAt], bool] | None = None
    ) -> ContainerAt:
        """Expects a container with this name.

        Args:
            name: As given at its creation.
            like: Tells a container that would do but for its name.

        Raises:
            NotYet: Another container has nearly this name, or would do.
            NotAttempted: There is none.
        """
        found = self.find(name)
        if found is None:
            self._missing(name, like)
        return found

    def _missing(self, name: str, like: Callable[[ContainerAt], bool] | None) -> NoReturn:
        others = self.containers()
        near = difflib.get_close_matches(name, [other.name for other in others], 1, 0.7)
        if near:
            self.not_yet(
                f"There is a container `{near[0]}`, but none named `{name}`.", "docker ps -a"
            )
        for other in others:
            if like and like(other):
                self.not_yet(
                    f"A container does what is asked, but its name is `{other.name}`, "
                    f"not `{name}`. Without a name of yours the engine makes one up.",
                    'docker ps -a --format "{{.Names}}  {{.Command}}"',
                )
        self.not_attempted(f"There is no container named `{name}` yet.", "docker ps -a")

    def answers(self, port: int, text: str = "", path: str = "/") -> str:
        """Expects an HTTP answer that holds `text` on a port of the lab's Docker host.

        Waits at most 2 seconds, and returns the first 64 KiB of the answer.
        """
        url = self._lab.url(port).rstrip("/") + path
        try:
            body = self._get(url)
        except (OSError, urllib.error.URLError) as error:
            self.not_yet(
                f"Port {port} does not answer: {error}.", f"docker ps --filter publish={port}"
            )
        if text not in body:
            self.not_yet(f"Port {port} answers, but without `{text}`.", f"curl {url}")
        return body

    def asked(
        self, port: int, path: str = "/", node: str = "node1", **headers: str
    ) -> Answer | None:
        """Returns what a port of one of the lab's Docker hosts says to a GET, whatever the status.

        None where nobody answers within 2 seconds.
        """
        url = self._lab.node(node).url(port).rstrip("/") + path
        return fetch(url, headers, min(self._budget.left(), PATIENCE))

    def _get(self, url: str) -> str:
        # No proxies: the address is on this machine, whatever the environment says.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=min(self._budget.left(), PATIENCE)) as answer:
            return bytes(answer.read(1 << 16)).decode(errors="replace")

    def _host(self, script: str, node: str = "node1") -> str | None:
        """Runs a script that only reads on one of the lab's Docker hosts; None where it fails."""
        self._budget.left()
        code, output = self._lab.run(f"({script}) 2>/dev/null", node)
        return output.decode(errors="replace") if code == 0 else None

    def host_file(self, path: str) -> str | None:
        """Returns a text file of the lab's Docker host, or None; `~/` is root's home there."""
        home = "~/" if path.startswith("~/") else ""
        return self._host(f"cat {home}{shlex.quote(path.removeprefix(home))}")

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
        # The kit's sandboxes have curl, Docker's own image has only wget.
        curl = f"curl -sf --noproxy '*' -m {PATIENCE:.0f} -o /dev/null -H {header} {address}"
        wget = f"wget -q -Y off -T {PATIENCE:.0f} -O /dev/null --header {header} {address}"
        return self._host(f"if command -v curl; then {curl}; else {wget}; fi") is not None

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
