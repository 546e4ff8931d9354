"""What a container used between two answers of the engine, as `docker stats` computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from course.watch.parse import moment

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container uses at one moment; None is what its engine does not tell.

    Attributes:
        time: Seconds since the epoch, by this machine's clock.
        cpu: Percent of one CPU; 150 is one and a half.
        memory: Bytes, without the file cache that the kernel would give back first.
        received: Bytes per second over all its networks.
        sent: Likewise.
        read: Bytes per second from block devices.
        written: Likewise.
    """

    time: float
    cpu: float
    memory: int
    received: float | None = None
    sent: float | None = None
    read: float | None = None
    written: float | None = None


def usage(before: Payload, entry: Payload, now: float) -> Usage | None:
    """Returns what was used between two answers of `GET /containers/{id}/stats`.

    CPU and memory as `docker stats` computes them (docker/cli, `stats_helpers.go`).

    Args:
        before: The earlier answer.
        entry: The later one.
        now: When that was, in seconds since the epoch.

    Returns:
        None where counters went backwards: the container was started again between the two.
    """
    seconds = (moment(entry.get("read")) or 0.0) - (moment(before.get("read")) or 0.0)
    spent = _spent(entry) - _spent(before)
    if seconds <= 0 or spent < 0:
        return None

    def rate(count: Callable[[Payload], float | None]) -> float | None:
        earlier, later = count(before), count(entry)
        return None if earlier is None or later is None else max(later - earlier, 0) / seconds

    return Usage(
        now,
        _cpu(before, entry, spent),
        memory(entry),
        rate(lambda answer: _network(answer, "rx_bytes")),
        rate(lambda answer: _network(answer, "tx_bytes")),
        rate(lambda answer: _blocks(answer, "read")),
        rate(lambda answer: _blocks(answer, "write")),
    )


def memory(entry: Payload) -> int:
    """Returns the bytes in use, less the file cache that has not been used lately."""
    said = entry.get("memory_stats") or {}
    details = said.get("stats") or {}
    # v1 says it of the group and those below it, v2 of the group.
    idle = details.get("total_inactive_file", details.get("inactive_file", 0))
    used = said.get("usage") or 0
    return int(used - idle if idle < used else used)


def _spent(entry: Payload) -> int:
    """Nanoseconds of CPU time."""
    return int(entry["cpu_stats"]["cpu_usage"].get("total_usage") or 0)


def _cpu(before: Payload, entry: Payload, spent: int) -> float:
    now = entry["cpu_stats"]
    passed = (now.get("system_cpu_usage") or 0) - (before["cpu_stats"].get("system_cpu_usage") or 0)
    cpus = now.get("online_cpus") or len(now["cpu_usage"].get("percpu_usage") or ()) or 1
    return spent / passed * cpus * 100 if passed > 0 else 0.0


def _network(entry: Payload, key: str) -> float | None:
    """Bytes so far; None for a container in another's network, or in the host's."""
    networks = entry.get("networks")
    return None if networks is None else float(sum(one.get(key) or 0 for one in networks.values()))


def _blocks(entry: Payload, operation: str) -> float | None:
    """Bytes so far; None where the engine counts none (cgroup v1, nested)."""
    counted = (entry.get("blkio_stats") or {}).get("io_service_bytes_recursive")
    if not counted:
        return None
    return float(sum(one["value"] for one in counted if one.get("op", "").lower() == operation))
