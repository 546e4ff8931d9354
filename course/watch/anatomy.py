"""What one container is made of, read from the engine and, through it, from its host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from docker import DockerClient
from docker.errors import NotFound

from course.errors import CourseError

NO_LIMIT = 2**62  # cgroup v1 says "no limit" with a number near 2**63


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


class Source(Protocol):
    """What is read: a lab."""

    @property
    def client(self) -> DockerClient:
        """A docker-py client."""

    @property
    def run(self) -> Callable[[str], tuple[int, bytes]]:
        """Runs a shell script on the engine's host; returns exit code and output."""


def anatomy_of(lab: Source, name: str, client: DockerClient | None = None) -> Anatomy:
    """Takes a container apart; of a running one it takes about two seconds to measure its CPU.

    Args:
        lab: Whose engine and host to ask.
        name: The container's name or id.
        client: Used instead of the lab's own, for another thread.

    Raises:
        CourseError: There is no such container.
    """
    api = (client or lab.client).api
    try:
        found = api.inspect_container(name)
    except NotFound as error:
        raise CourseError(
            f"Looked for the container {name!r}.",
            str(error.explanation),
            "`docker ps -a` lists them.",
        ) from None
    own = api.containers(all=True, size=True, filters={"id": found["Id"]})
    steps = [Layer(step["CreatedBy"], step["Size"]) for step in _history(api, found["Image"])]
    pid = found["State"]["Pid"]
    facts: dict[str, Any] = {
        "name": found["Name"].lstrip("/"),
        "image": found["Config"]["Image"],
        "state": found["State"]["Status"],
        "command": " ".join([found["Path"], *found["Args"]]),
        "layers": tuple(steps),
        "writable": own[0].get("SizeRw", 0) if own else 0,
    }
    if not pid:
        return Anatomy(**facts)
    others = _pids(api, found["Id"])
    code, output = lab.run(_script([pid, *others.values()]))
    if code == 0:
        facts |= _inside(output.decode(errors="replace"), pid, others)
    facts |= _gauges(api.stats(found["Id"], stream=False), found["HostConfig"])
    return Anatomy(**facts)


def _history(api: Any, image: str) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = api.history(image)
    return steps


def _pids(api: Any, without: str) -> dict[str, int]:
    """Name → PID on the host of each other running container."""
    pids = {}
    for entry in api.containers():
        if entry["Id"] != without:
            pid = api.inspect_container(entry["Id"])["State"]["Pid"]
            pids[entry["Names"][0].lstrip("/")] = pid
    return pids


def _script(pids: list[int]) -> str:
    """Prints `PID NAME INODE` for each namespace, and the container's PIDs outside and inside.

    The host's own are those of the shell that runs this.
    """
    wanted = " ".join(["self", *map(str, pids)])
    return (
        f"for p in {wanted}; do for n in /proc/$p/ns/*; do "
        'echo "$p ${n##*/} $(readlink $n)"; done; done 2>/dev/null; '
        f"grep NSpid /proc/{pids[0]}/status || true"
    )


def _inside(output: str, pid: int, others: Mapping[str, int]) -> dict[str, Any]:
    inodes: dict[tuple[str, str], str] = {}
    inner = 0
    for words in (line.split() for line in output.splitlines()):
        if words[:1] == ["NSpid:"]:
            inner = int(words[-1])
        elif len(words) == 3 and not words[1].endswith("_for_children"):
            inodes[words[0], words[1]] = words[2].partition("[")[2].rstrip("]")
    mine = {kind: inode for (who, kind), inode in inodes.items() if who == str(pid)}
    spaces = [
        Namespace(
            kind,
            inode,
            host=inodes.get(("self", kind)) == inode,
            shared=tuple(n for n, p in others.items() if inodes.get((str(p), kind)) == inode),
        )
        for kind, inode in mine.items()
    ]
    return {"pid": pid, "inner_pid": inner, "namespaces": tuple(spaces)}


def _gauges(stats: dict[str, Any], host: dict[str, Any]) -> dict[str, Gauge]:
    memory = stats.get("memory_stats", {})
    cache = memory.get("stats", {})
    idle = cache.get("total_inactive_file", cache.get("inactive_file", 0))  # as docker stats does
    pids = stats.get("pids_stats", {})
    return {
        "memory": Gauge(max(memory.get("usage", 0) - idle, 0), host.get("Memory") or None),
        "cpu": Gauge(_cpus(stats), _cpu_limit(host)),
        "pids": Gauge(pids.get("current", 0), _limit(host.get("PidsLimit"))),
    }


def _cpus(stats: dict[str, Any]) -> float:
    now, before = stats["cpu_stats"], stats["precpu_stats"]
    spent = now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"]
    passed = now.get("system_cpu_usage", 0) - before.get("system_cpu_usage", 0)
    return float(spent / passed * now.get("online_cpus", 1)) if passed > 0 else 0.0


def _cpu_limit(host: dict[str, Any]) -> float | None:
    if host.get("NanoCpus"):
        return float(host["NanoCpus"] / 1e9)
    quota = host.get("CpuQuota") or 0
    return float(quota / (host.get("CpuPeriod") or 100_000)) if quota > 0 else None


def _limit(value: int | None) -> float | None:
    return float(value) if value and 0 < value < NO_LIMIT else None
