"""What one container is made of: image layers, a writable layer, namespaces, limits, a process."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACES = {
    "pid": "which processes it sees",
    "net": "interfaces, addresses, ports",
    "mnt": "which files it sees",
    "uts": "its host name",
    "ipc": "shared memory, queues",
    "cgroup": "its view of the limits",
    "user": "which user ids it has",
    "time": "its view of the clock",
}


@dataclass(frozen=True)
class Layer:
    """One step of the image's history; size in bytes, 0 for a step that changed no file."""

    command: str
    size: int


@dataclass(frozen=True)
class Namespace:
    """One namespace of the process.

    Attributes:
        name: As in `/proc/PID/ns`, "pid".
        inode: Its number; processes with one number are in one namespace.
        host: Whether the host's processes are in it, too.
        shared: Names of other containers that are in it.
    """

    name: str
    inode: str
    host: bool = False
    shared: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gauge:
    """What is used of a limit; `limit` is None without one."""

    used: float
    limit: float | None = None


@dataclass(frozen=True)
class Anatomy:
    """A container, taken apart.

    Attributes:
        state: As in `docker ps`: running, exited …
        command: What its process is, as in `docker inspect`.
        layers: Of its image, the newest first.
        writable: Bytes in its own layer.
        pid: On the host; 0 while it does not run.
        inner_pid: Of the same process, seen from inside; 0 while it does not run.
        memory: Bytes, None while it does not run; likewise the two others.
        cpu: CPUs.
        pids: Processes and threads.
    """

    name: str
    image: str
    state: str
    command: str
    layers: tuple[Layer, ...] = ()
    writable: int = 0
    pid: int = 0
    inner_pid: int = 0
    namespaces: tuple[Namespace, ...] = ()
    memory: Gauge | None = None
    cpu: Gauge | None = None
    pids: Gauge | None = None
