"""The processes of the engine's host, each with its number inside its container."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from course.errors import CourseError
from course.watch.state import Container

# Three programs, however many processes there are: a reading takes the host about 10 ms.
# `grep -a` prints what has NULs in it; busybox's grep takes each NUL for the end of a line.
SCRIPT = """
cd /proc
grep -asE '^(Name|State|PPid|NSpid|Uid):' [0-9]*/status
grep -asE '^' /etc/passwd [0-9]*/cmdline
grep -asE '(:pids:|^0::).*[0-9a-f]{64}' [0-9]*/cgroup
stat -L -c '%n:%i' [0-9]*/ns/pid 2>/dev/null
echo self:$$
"""
KERNEL = 2  # PID of kthreadd, the parent of the kernel's own threads
ENGINE = ("dockerd", "containerd")
PASSING = "runc"  # makes a container's first process, and is gone
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Process:
    """One process.

    Attributes:
        pid: Its number on the engine's host.
        ppid: Of its parent there; 0 for one without.
        inner_pid: Its number in its own PID namespace; the same as `pid` in the host's.
        user: Name on the host, which knows nothing of names inside a container; else a number.
        name: Of the program, at most 15 letters.
        command: With its arguments; the name alone where it has none (a zombie).
        state: One letter, as in `ps`: R runs, S sleeps, D waits for a device, T stopped, Z zombie.
        container: Name of the container whose control group it is in; empty for the host's.
        namespace: The number of its PID namespace; equal numbers are one namespace.
        is_host: Whether that namespace is the host's.
    """

    pid: int
    ppid: int
    inner_pid: int
    user: str = ""
    name: str = ""
    command: str = ""
    state: str = "S"
    container: str = ""
    namespace: str = ""
    is_host: bool = True

    @property
    def is_zombie(self) -> bool:
        """Whether it has ended and its parent has not asked how."""
        return self.state in ("Z", "X")


@dataclass(frozen=True, slots=True)
class Processes:
    """All that belong to the engine and its containers.

    Attributes:
        shown: By PID: the containers' processes, those in a PID namespace of their own, the
            engine's programs, and the parents of all of these up to PID 1.
        others: How many more the host has.
    """

    shown: tuple[Process, ...] = ()
    others: int = 0

    def only(self, names: Collection[str]) -> Processes:
        """Returns the processes of these containers, with their parents and the engine."""
        found = {process.pid: process for process in self.shown}
        wanted = {
            pid
            for pid, one in found.items()
            if one.container in names or (one.name in ENGINE and not one.container)
        }
        for pid in tuple(wanted):
            wanted.update(_above(found[pid], found))
        return Processes(tuple(one for one in self.shown if one.pid in wanted), self.others)

    def of(self, container: str) -> tuple[Process, ...]:
        """Returns the processes of the container of this name."""
        return tuple(process for process in self.shown if process.container == container)


def read_processes(
    run: Callable[[str], tuple[int, bytes]], containers: Iterable[Container]
) -> Processes:
    """Reads the processes of the engine's host with one shell call.

    Args:
        run: Runs a script there; gives exit code and output.
        containers: Those the engine has, for their names.

    Raises:
        CourseError: The host has no `/proc`, or not the tools to read it.
    """
    code, output = run(SCRIPT)
    found = parse(output.decode(errors="replace"), {one.id: one.name for one in containers})
    if not found.shown:
        raise CourseError(
            "Read the processes of the engine's host.",
            f"The script ended with {code} and told of none.",
            "The host needs Linux's /proc, and the programs grep and stat.",
        )
    return found


@dataclass(slots=True)
class _Facts:
    """What the script's lines say of one PID; a file may have been there, and the next not."""

    status: dict[str, str] = field(default_factory=dict)
    cmdline: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    namespace: str = ""


def parse(output: str, names: Mapping[str, str]) -> Processes:
    """Returns the processes that the script's output tells of.

    Args:
        output: What `SCRIPT` printed.
        names: Container id → name.
    """
    facts: defaultdict[int, _Facts] = defaultdict(_Facts)
    users: dict[str, str] = {}
    reader = 0
    # Not splitlines(): a command may hold any of the other ends of a line that Python knows.
    for line in output.replace("\0", " ").split("\n"):
        path, _, words = line.partition(":")
        pid, _, file = path.partition("/")
        if path == "self" and words.isdigit():
            reader = int(words)
        elif path == "/etc/passwd":
            users.setdefault(
                words.split(":")[2] if words.count(":") > 1 else "", words.split(":")[0]
            )
        elif pid.isdigit():
            _note(facts[int(pid)], file, words)
    all_of = {pid: _process(pid, fact, users, names) for pid, fact in facts.items() if fact.status}
    return _select(_placed(all_of, reader))


def _note(fact: _Facts, file: str, words: str) -> None:
    if file == "status":
        key, _, value = words.partition(":")
        fact.status.setdefault(key, value.strip())
    elif file == "cmdline":
        fact.cmdline.append(words)
    elif file == "cgroup":
        fact.groups += _ID.findall(words)
    elif file == "ns/pid":
        fact.namespace = words


def _process(pid: int, fact: _Facts, users: Mapping[str, str], names: Mapping[str, str]) -> Process:
    status = fact.status
    uid = status.get("Uid", "").partition("\t")[0]
    inner = status.get("NSpid", "").split()[1:2]  # of an engine in a container, the first inside
    # An engine may itself run in a container: of several ids one is this engine's.
    mine = [names[ident] for ident in fact.groups if ident in names]
    name = status.get("Name", "")
    return Process(
        pid,
        int(status.get("PPid") or 0),
        int(inner[0]) if inner else pid,
        users.get(uid, uid),
        name,
        " ".join(" ".join(fact.cmdline).split()) or name,
        status.get("State", "S")[:1],
        mine[0] if mine else "",
        fact.namespace,
        not inner,
    )


def _placed(found: dict[int, Process], reader: int) -> dict[int, Process]:
    """Drops the reading itself and the kernel's threads; a zombie is where its parent is."""
    passing = {reader, KERNEL} if _has_kernel(found) else {reader}
    helpers = _helpers(found, reader)
    placed: dict[int, Process] = {}
    for pid, process in sorted(found.items()):
        above = _above(process, found)
        if passing & {pid, *above} or process.name.startswith(PASSING):
            continue
        # It has left its control group (v1), but its number is still in its namespace.
        if process.is_zombie and not process.container and not process.is_host:
            near = [found[up].container for up in above]
            process = replace(process, container=next(filter(None, near), ""))
        if process.container not in helpers:
            placed[pid] = process
    return placed


def _helpers(found: Mapping[int, Process], reader: int) -> set[str]:
    """The container that only does the reading, where the host is an engine of the class."""
    above = _above(found[reader], found) if reader in found else []
    return {found[pid].container for pid in above} - {""}


def _has_kernel(found: Mapping[int, Process]) -> bool:
    return KERNEL in found and found[KERNEL].name == "kthreadd"


def _above(process: Process, found: Mapping[int, Process]) -> list[int]:
    """Returns the PIDs of parent, grandparent and so on."""
    line: list[int] = []
    while process.ppid in found and process.ppid not in line:
        line.append(process.ppid)
        process = found[process.ppid]
    return line


def _select(found: dict[int, Process]) -> Processes:
    wanted = {pid for pid, one in found.items() if one.container or not one.is_host}
    for pid, one in found.items():
        line = [one, *(found[up] for up in _above(one, found))]
        if any(up.name in ENGINE and not up.container for up in line):
            wanted.add(pid)
    for pid in tuple(wanted):
        wanted.update(_above(found[pid], found))
    shown = tuple(one for pid, one in found.items() if pid in wanted)
    return Processes(shown, len(found) - len(shown))
