"""Processes of the lab's Docker host, as its kernel lists them."""

from __future__ import annotations

from dataclasses import dataclass

# Not `ps`: it differs between procps and busybox, and this reads the same everywhere.
SCRIPT = "cat /proc/[0-9]*/stat || true"  # one that ended meanwhile must not spoil the rest


@dataclass(frozen=True)
class Process:
    """One process, numbered as the Docker host numbers it (proc_pid_stat(5)).

    Attributes:
        name: The program's, cut to 15 characters.
        state: R running, S sleeping, D waiting for a disk, T stopped, Z a zombie …
        parent: The PID of its parent; 0 for none that the Docker host can see.
    """

    pid: int
    name: str
    state: str
    parent: int


def parse(output: str) -> list[Process]:
    """Returns the processes of what SCRIPT printed."""
    return [_process(line) for line in output.splitlines() if ") " in line]


def _process(line: str) -> Process:
    # A name may hold spaces and brackets: what follows it starts after the last bracket.
    head, _, tail = line.rpartition(")")
    pid, _, name = head.partition(" (")
    state, parent = tail.split()[:2]
    return Process(int(pid), name, state, int(parent))
