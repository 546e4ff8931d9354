from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.answers import number_of, text_of
from course.checks.stage import remove

LIMIT = 64 * 1024 * 1024
# Version 2 of control groups has the one file, version 1 the other.
READ = "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null"
SMALL = 'lab.client.containers.get("small")'
LOOK = f'cgroup({SMALL}, "memory.max", "memory/memory.limit_in_bytes")'


def check(at: At, answer: object) -> str:
    small = at.container("small", like=lambda other: limit(other) == LIMIT)
    check_limit(small)
    small.running()
    if answer is None:
        at.not_yet(
            "`small` has its limit. Now prove it: give what the container's own cgroup file says.",
            'lab.check("2.2", answer=...)',
        )
    check_proof(at, answer)
    return "The kernel itself holds `small` to 67,108,864 bytes."


def limit(container: ContainerAt) -> int:
    return int(container.attrs["HostConfig"]["Memory"])


def check_limit(small: ContainerAt) -> None:
    if limit(small) == LIMIT:
        return
    if limit(small) == 64_000_000:
        small.not_yet(
            "`small` may use 64,000,000 bytes: those are 64 MB. A MiB is 1,048,576 bytes, and "
            'Docker\'s "64m" means MiB.'
        )
    if small.attrs["HostConfig"]["MemoryReservation"] == LIMIT:
        small.not_yet(
            "`small` has a memory reservation. That is a soft limit, which the kernel enforces "
            "only when memory is short: ask for `mem_limit`."
        )
    small.memory(LIMIT)


def check_proof(at: At, answer: object) -> None:
    number = number_of(answer)
    if number == LIMIT:
        return
    if text_of(answer) == "max" or (number or 0) > 1 << 50:
        at.not_yet(
            f"`{text_of(answer)}` is what a cgroup without a limit says. Read the file inside "
            "`small`, not on the host.",
            LOOK,
        )
    if number is None:
        at.not_yet("The proof is one number, in bytes, as the cgroup file holds it.", LOOK)
    bytes_please = number in (64, 64_000_000, 64 * 1024)
    hint = " It counts in bytes, and 1 MiB is 1024 * 1024 of them." if bytes_please else ""
    at.not_yet(f"The cgroup file of `small` does not say {number:,}.{hint}", LOOK)


def setup(lab: Lab) -> None:
    remove(lab, "small")


def run(lab: Lab, **options: Any) -> None:
    lab.client.containers.run("busybox", "sleep 3600", name="small", detach=True, **options)


def solve(lab: Lab) -> object:
    run(lab, mem_limit="64m")
    return lab.client.containers.get("small").exec_run(["sh", "-c", READ])


def no_limit(lab: Lab) -> object:
    run(lab)
    return LIMIT


def decimal(lab: Lab) -> object:
    run(lab, mem_limit=64_000_000)
    return 64_000_000


def reservation(lab: Lab) -> object:
    run(lab, mem_reservation="64m")
    return LIMIT


def ended_at_once(lab: Lab) -> object:
    lab.client.containers.run("busybox", "true", name="small", mem_limit="64m")
    return LIMIT


def no_proof(lab: Lab) -> object:
    run(lab, mem_limit="64m")
    return None


def hosts_file(lab: Lab) -> object:
    run(lab, mem_limit="64m")
    return "9223372036854771712"


def in_mebibytes(lab: Lab) -> object:
    run(lab, mem_limit="64m")
    return 64


def guessed(lab: Lab) -> object:
    run(lab, mem_limit="64m")
    return 4096


WRONG = (
    (no_limit, "no memory limit"),
    (decimal, "64 MB"),
    (reservation, "soft limit"),
    (ended_at_once, "exited with code 0"),
    (no_proof, "prove it"),
    (hosts_file, "without a limit"),
    (in_mebibytes, "counts in bytes"),
    (guessed, "does not say 4,096"),
)
