"""Expectations of one container. Each raises what is wrong, or returns the container again."""

from __future__ import annotations

import io
import shlex
import tarfile
from typing import Any, NoReturn

import docker
from docker.errors import NotFound

from course.checks.budget import Budget
from course.checks.events import Happened, epoch, happened
from course.checks.verdict import NotYet

FILE_LIMIT = 1 << 20  # bytes of a file's archive that a check reads
LOG_LIMIT = 2000  # lines of a container's log that a check reads


class ContainerAt:
    """One container as the engine has it at the moment of the check.

    Attributes:
        name: Without the slash that the engine puts before it.
        attrs: What GET /containers/{id}/json said.
    """

    def __init__(self, client: docker.DockerClient, budget: Budget, attrs: dict[str, Any]) -> None:
        self._client, self._budget, self.attrs = client, budget, attrs
        self.name = str(attrs["Name"]).lstrip("/")

    @property
    def status(self) -> str:
        """One of created, running, paused, restarting, removing, exited, dead."""
        return str(self.attrs["State"]["Status"])

    @property
    def exit_code(self) -> int:
        """Of the last run; 0 while there is none."""
        return int(self.attrs["State"]["ExitCode"])

    @property
    def words(self) -> list[str]:
        """The command: what was asked for, or the image's own."""
        return list(self.attrs["Config"]["Cmd"] or [])

    @property
    def labels(self) -> dict[str, str]:
        """The container's labels."""
        return dict(self.attrs["Config"]["Labels"] or {})

    @property
    def cpus(self) -> float:
        """How many processors it may use; 0 for no limit."""
        # `--cpus` is NanoCpus; docker-py's `update` can only set a quota in a period.
        host = self.attrs["HostConfig"]
        if host["CpuQuota"] > 0:
            return float(host["CpuQuota"] / (host["CpuPeriod"] or 100_000))
        return float(host["NanoCpus"] / 1e9)

    def not_yet(self, message: str, look: str = "") -> NoReturn:
        """Raises NotYet, pointing at `docker inspect` unless told where to look."""
        raise NotYet(message, look or f"docker inspect {self.name}")

    def running(self) -> ContainerAt:
        """Expects a running container."""
        if self.status == "created":
            self.not_yet(
                f"`{self.name}` is created but was never started.",
                f'lab.client.containers.get("{self.name}").start()',
            )
        if self.status == "exited":
            self.not_yet(
                f"`{self.name}` is not running: it has exited with code {self.exit_code}.",
                f"docker logs {self.name}",
            )
        if self.status != "running":
            self.not_yet(f"`{self.name}` is {self.status}, not running.", "docker ps -a")
        return self

    def exited(self, code: int | None = None) -> ContainerAt:
        """Expects a container that has exited, with this code if one is given."""
        if self.status != "exited":
            self.not_yet(f"`{self.name}` is {self.status}, it has not exited.", "docker ps -a")
        if code is not None and self.exit_code != code:
            self.not_yet(f"`{self.name}` exited with code {self.exit_code}, not with {code}.")
        return self

    def command(self, *words: str) -> ContainerAt:
        """Expects exactly this command."""
        if self.words != list(words):
            self.not_yet(
                f"The command of `{self.name}` is `{shlex.join(self.words)}`, "
                f"not `{shlex.join(words)}`."
            )
        return self

    def image(self, reference: str) -> ContainerAt:
        """Expects a container made from this image, whatever tag it was asked for by."""
        asked = str(self.attrs["Config"]["Image"])
        try:
            wanted = self._client.images.get(reference).id
        except NotFound:
            self.not_yet(f"`{self.name}` is made from `{asked}`, not from `{reference}`.")
        if self.attrs["Image"] != wanted:
            self.not_yet(f"`{self.name}` is made from `{asked}`, not from `{reference}`.")
        return self

    def env(self, name: str, value: str) -> ContainerAt:
        """Expects an environment variable with this value."""
        found = dict(pair.partition("=")[::2] for pair in self.attrs["Config"]["Env"] or [])
        if name not in found:
            self.not_yet(f"`{self.name}` has no environment variable `{name}`.")
        if found[name] != value:
            self.not_yet(f"In `{self.name}`, `{name}` is `{found[name]}`, not `{value}`.")
        return self

    def memory(self, size: int) -> ContainerAt:
        """Expects a memory limit of `size` bytes."""
        limit = int(self.attrs["HostConfig"]["Memory"])
        if limit == 0:
            self.not_yet(f"`{self.name}` has no memory limit.")
        if limit != size:
            self.not_yet(f"The memory limit of `{self.name}` is {limit:,} bytes, not {size:,}.")
        return self

    def logs(self, *, stdout: bool = True, stderr: bool = True, **window: Any) -> list[str]:
        """Returns the lines of the log, the last 2000 of them.

        Args:
            stdout: Whether to give what went there.
            stderr: Whether to give what went there.
            window: `since`, `until` and `timestamps` as docker-py's `logs` takes them.
        """
        self._budget.left()
        raw = self._client.api.logs(
            self.attrs["Id"], stdout=stdout, stderr=stderr, tail=LOG_LIMIT, **window
        )
        return bytes(raw).decode(errors="replace").splitlines()

    def logged(self, text: str) -> ContainerAt:
        """Expects a line of the log that contains `text`."""
        if not any(text in line for line in self.logs()):
            self.not_yet(f"The log of `{self.name}` lacks `{text}`.", f"docker logs {self.name}")
        return self

    def read(self, path: str) -> bytes | None:
        """Returns the first 512 KiB of a file, also of a stopped container; None for no file."""
        self._budget.left()
        try:
            chunks, _ = self._client.api.get_archive(self.attrs["Id"], path)
        except NotFound:
            return None
        archive = bytearray()
        for chunk in chunks:
            archive += chunk
            self._budget.left()
            if len(archive) > FILE_LIMIT:
                break
        return _first_file(bytes(archive))

    def file(self, path: str) -> bytes:
        """Expects a file and returns what is in it."""
        content = self.read(path)
        if content is None:
            self.not_yet(
                f"There is no file `{path}` in `{self.name}`.",
                f'lab.client.containers.get("{self.name}").get_archive("{path}")',
            )
        return content

    def happened(self, *actions: str) -> list[Happened]:
        """Returns what happened to the container, oldest first; all of it, or these actions."""
        self._budget.left()
        since = epoch(self.attrs["Created"])
        everything = happened(self._client, since, container=self.attrs["Id"])
        return [event for event in everything if not actions or event.action in actions]


def _first_file(archive: bytes) -> bytes | None:
    """Returns the file that a tar archive begins with; None for a folder or a link."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r|") as tar:
        member = tar.next()
        stream = tar.extractfile(member) if member and member.isfile() else None
        # Half of the limit: a bigger file's archive was cut off, and reading on would fail.
        return stream.read(FILE_LIMIT // 2) if stream else None
