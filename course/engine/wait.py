"""Waiting for what runs in a container: bounded, and with an end that says what was seen.

A loop of our own and not a library's: retrying is five lines of it. The rest is what no library
knows, that a container which has ended will never answer, and why it ended.
"""

from __future__ import annotations

import queue
import shlex
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import docker
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container

from course.errors import CourseError
from course.report import Report, silent

EVERY = 0.2
LAST_LINES = 6
NO_SUCH_PROGRAM = (126, 127)  # as every shell says it
OVER = ("exited", "dead")
Connect = Callable[[], docker.DockerClient]


@dataclass(frozen=True)
class Seen:
    """What one look saw.

    Attributes:
        ready: Whether it was what one waits for.
        words: What was seen, for a person; empty where that it is ready says all.
        hopeless: Whether to look again is of no use.
    """

    ready: bool
    words: str
    hopeless: bool = False


def command_succeeds(container: Container, command: str | Sequence[str]) -> Seen:
    """Runs a command in the container, without a shell, as `docker exec` does."""
    words = shlex.split(command) if isinstance(command, str) else list(command)
    try:
        code, output = container.exec_run(words)
        assert isinstance(output, bytes)  # an iterator only where one asks for a stream
    except APIError as error:
        # A container that ended meanwhile says 409; the next look tells how it ended.
        return Seen(False, str(error.explanation), hopeless=error.status_code not in (404, 409))
    said = output.decode(errors="replace").strip()
    if code == 0 and not said:
        return Seen(True, "")
    told = f"exit code {code}, and said: {said or 'nothing'}"
    return Seen(code == 0, told, code in NO_SUCH_PROGRAM)


def is_healthy(container: Container) -> Seen:
    """Looks at the container's health check; where it has none, running is enough."""
    state = container.attrs["State"]
    health = (state.get("Health") or {}).get("Status")
    return Seen(state["Status"] == "running" and health in (None, "healthy"), _told(container))


def wait(
    connect: Connect,
    name: str,
    command: str | Sequence[str] | None = None,
    timeout: float = 60,
    report: Report = silent,
) -> tuple[float, str]:
    """Waits until a command in a container succeeds, or until the container is healthy.

    Args:
        connect: Gives a new client of the engine: the looking is done on a thread of its own.
        name: Of the container.
        command: For the container; its exit code 0 ends the waiting. Without one, the container's
            health check does.
        timeout: Seconds.
        report: Told the seconds that have gone by.

    Returns:
        The seconds that it took, and what the last look saw; empty for a command that said nothing.

    Raises:
        CourseError: The container ended or is not there, it has no such program, or the time is
            over. It says what was seen last, the container's state and its log's last lines.
    """
    began = time.monotonic()
    looks: queue.Queue[Seen | CourseError] = queue.Queue()
    enough = threading.Event()
    look = _Looks(connect, name, command, looks, enough)
    # A thread: a command that never returns must not hold up the one who waits.
    threading.Thread(target=look, name=f"wait-{name}", daemon=True).start()
    step = look.title
    last = Seen(False, "the command did not return" if command else "nothing")
    try:
        while (gone := time.monotonic() - began) < timeout:
            report(step, gone, timeout)
            try:
                found = looks.get(timeout=min(EVERY, timeout - gone))
            except queue.Empty:
                continue
            if isinstance(found, CourseError):
                raise found
            last = found
            if last.ready:
                return time.monotonic() - began, last.words
            if last.hopeless:
                break
    finally:
        enough.set()
        report(step, timeout, timeout)
    raise _gave_up(connect, look, last, time.monotonic() - began)


@dataclass(frozen=True)
class _Looks:
    """Looks again and again, and tells each one, until somebody has had enough."""

    connect: Connect
    name: str
    command: str | Sequence[str] | None
    tell: queue.Queue[Seen | CourseError]
    enough: threading.Event

    @property
    def title(self) -> str:
        if self.command is None:
            return f"Waited for {self.name} to be healthy"
        words = self.command if isinstance(self.command, str) else shlex.join(self.command)
        return f"Waited for {self.name} until `{words}` succeeds"

    def __call__(self) -> None:
        try:
            client = self.connect()
            try:
                while not self.enough.is_set():
                    self.tell.put(self.once(client))
                    self.enough.wait(EVERY)
            finally:
                client.close()
        except CourseError as error:
            self.tell.put(error)
        except (DockerException, OSError) as error:
            self.tell.put(CourseError(f"{self.title}.", f"The engine said: {error}"))

    def once(self, client: docker.DockerClient) -> Seen:
        try:
            container = client.containers.get(self.name)
        except NotFound as error:
            raise CourseError(
                f"{self.title}.",
                "The lab has no container of this name.",
                "Start it first; `lab.ps(all=True)` lists those that there are.",
            ) from error
        if container.status in OVER:
            return Seen(False, "", hopeless=True)
        if self.command is None:
            return is_healthy(container)
        return command_succeeds(container, self.command)


def _gave_up(connect: Connect, look: _Looks, last: Seen, seconds: float) -> CourseError:
    client = connect()
    try:
        container = client.containers.get(look.name)
        over = container.status in OVER
        got = "The container ended meanwhile" if over else f"Not after {seconds:.0f} s"
        if last.words:
            got += f"; the last look saw {last.words}"
        got = f"{got.rstrip('.')}. The container is {_told(container)}. {_log(container)}"
    except DockerException as error:
        got = f"Last seen: {last.words}; and now the engine says {error}"
        over = True
    finally:
        client.close()
    return CourseError(f"{look.title}.", got, _ADVICE[over])


_ADVICE = {
    True: "Its log says why; mend that, remove the container and start it again.",
    False: "If it is only slow, wait again with a longer `timeout=`; else look into its log.",
}


def _told(container: Container) -> str:
    state = container.attrs["State"]
    if state["Status"] in OVER:
        return f"{state['Status']} with exit code {state['ExitCode']}"
    health = (state.get("Health") or {}).get("Status")
    return f"{state['Status']} ({health})" if health else str(state["Status"])


def _log(container: Container) -> str:
    lines = container.logs(tail=LAST_LINES).decode(errors="replace").strip()
    return f"The end of its log: {' | '.join(lines.splitlines())}" if lines else "Its log is empty."
