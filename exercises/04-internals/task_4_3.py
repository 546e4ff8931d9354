from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.stage import forget_events, remove, start

MARK = {"course.stage": "4.3"}
SET = 'lab.task("4.3")'
LIMIT = 64 * 1024 * 1024
CPUS = 0.5
LOOK = "docker inspect greedy | grep -E 'Memory|Cpu'"


def check(at: At) -> str:
    greedy = at.container("greedy")
    if not MARK.items() <= greedy.labels.items():
        greedy.not_yet(
            "This `greedy` is a new container. The task is to limit the one that runs: `update`. "
            "Set the stage anew.",
            SET,
        )
    greedy.running()
    if len(greedy.happened("start")) > 1:  # none: the engine has forgotten it
        greedy.not_yet("`greedy` was started again. It must not even notice. Start over.", SET)
    settings = greedy.attrs["HostConfig"]
    check_begun(at, settings)
    check_memory(greedy, settings)
    check_cpus(greedy, settings)
    return "New limits, same process: the engine wrote two numbers into the kernel's files."


def check_begun(at: At, settings: dict[str, Any]) -> None:
    limits = ("Memory", "MemoryReservation", "NanoCpus", "CpuQuota", "CpuShares", "CpusetCpus")
    if not any(settings[limit] for limit in limits):
        at.not_attempted("`greedy` runs without any limit.", LOOK)


def check_memory(greedy: ContainerAt, settings: dict[str, Any]) -> None:
    if settings["Memory"] == 64_000_000:
        greedy.not_yet("`greedy` may use 64,000,000 bytes, which is 64 MB. A MiB is more.", LOOK)
    if not settings["Memory"] and settings["MemoryReservation"]:
        greedy.not_yet("A memory reservation is a soft limit. Ask for the hard one.", LOOK)
    greedy.memory(LIMIT)


def check_cpus(greedy: ContainerAt, settings: dict[str, Any]) -> None:
    if greedy.cpus == CPUS:
        return
    if greedy.cpus:
        greedy.not_yet(f"`greedy` may use {greedy.cpus:g} of a processor, not {CPUS:g}.", LOOK)
    if settings["CpuShares"]:
        greedy.not_yet(
            "CPU shares only say who goes first when several want the processor. Alone, `greedy` "
            "still gets all of it.",
            LOOK,
        )
    if settings["CpusetCpus"]:
        greedy.not_yet("A CPU set says on which processors, not how much of them.", LOOK)
    greedy.not_yet("The memory has its limit. The processor has none yet.", LOOK)


def setup(lab: Lab) -> None:
    start(lab, "greedy", "busybox", ["sleep", "3600"], labels=MARK)


def update(lab: Lab, **limits: Any) -> None:
    lab.client.containers.get("greedy").update(**limits)


def solve(lab: Lab) -> None:
    update(lab, mem_limit="64m", memswap_limit="64m", cpu_period=100_000, cpu_quota=50_000)


def long_ago(lab: Lab) -> None:
    solve(lab)
    forget_events(lab)


def made_anew(lab: Lab) -> None:
    remove(lab, "greedy")
    lab.client.containers.run(
        "busybox", "sleep 3600", name="greedy", mem_limit="64m", nano_cpus=500_000_000, detach=True
    )


def restarted(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get("greedy").restart(timeout=0)


def decimal(lab: Lab) -> None:
    update(
        lab, mem_limit=64_000_000, memswap_limit=64_000_000, cpu_period=100_000, cpu_quota=50_000
    )


def only_memory(lab: Lab) -> None:
    update(lab, mem_limit="64m", memswap_limit="64m")


def only_cpus(lab: Lab) -> None:
    lab.run("docker update --cpus 0.5 greedy")


def soft(lab: Lab) -> None:
    update(lab, mem_reservation="64m")


def shares(lab: Lab) -> None:
    update(lab, mem_limit="64m", memswap_limit="64m", cpu_shares=512)


def too_little(lab: Lab) -> None:
    lab.run("docker update --memory 64m --memory-swap 64m --cpus 0.05 greedy")


def stopped(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get("greedy").stop(timeout=0)


RIGHT = (long_ago,)
WRONG = (
    (made_anew, "is a new container"),
    (restarted, "was started again"),
    (decimal, "64 MB. A MiB is more"),
    (only_memory, "The processor has none yet"),
    (only_cpus, "`greedy` has no memory limit"),
    (soft, "is a soft limit"),
    (shares, "who goes first"),
    (too_little, "0.05 of a processor"),
    (stopped, "has exited"),
)
