from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.stage import make, remove

NAME, MARK = "mill", {"course.stage": "14.3"}
SET = 'lab.task("14.3")'
MEMORY, PIDS, CPUS = 128 << 20, 40, 0.5
MORE = "docker update --help"
# It stops growing by itself at 120, should nobody stop it.
PROGRAM = """
import subprocess, time
running = []
while True:
    try:
        if len(running) < 120:
            running.append(subprocess.Popen(["sleep", "3600"]))
        print("processes:", len(running) + 1, flush=True)
    except BlockingIOError:
        print("no more than", len(running) + 1, flush=True)
    time.sleep(1)
"""


def check(at: At) -> str:
    mill = at.find(NAME)
    if mill is None:
        at.not_attempted(f"There is no `{NAME}`. Set the stage first.", SET)
    if not MARK.items() <= mill.labels.items():
        mill.not_yet(
            f"This `{NAME}` is another container: the first one, and what it had ground, is gone. "
            "Start over, and leave it running.",
            SET,
        )
    host = mill.running().attrs["HostConfig"]
    limits = (host["Memory"], host["PidsLimit"], mill.cpus)
    if not any(limits):
        at.not_attempted(f"`{NAME}` has no limit yet.", f"docker stats --no-stream {NAME}")
    if len(mill.happened("start")) > 1:
        mill.not_yet(f"`{NAME}` was started again, and began from nothing. Start over.", SET)
    check_limits(mill, *limits)
    return "The mill goes on, and from now on nobody else has to pay for it."


def check_limits(mill: ContainerAt, memory: int, pids: int | None, cpus: float) -> None:
    mill.memory(MEMORY)
    if (pids or 0) <= 0:
        mill.not_yet(f"Nothing limits how many processes `{NAME}` starts.", MORE)
    if pids != PIDS:
        mill.not_yet(f"`{NAME}` may have {pids} processes, not {PIDS}.", MORE)
    if not cpus:
        mill.not_yet(f"`{NAME}` may still use every processor of the host.", MORE)
    if cpus != CPUS:
        mill.not_yet(f"`{NAME}` may use {cpus:g} processors, not {CPUS:g}.", MORE)


def setup(lab: Lab) -> None:
    lab.client.images.pull("python:3.13-slim")
    mill(lab, labels=MARK)


def mill(lab: Lab, **options: Any) -> None:
    # `init`, so that all of it ends at once.
    command = ["python", "-c", PROGRAM]
    make(lab, NAME, "python:3.13-slim", command, init=True, **options).start()


def update(lab: Lab, options: str) -> None:
    # docker-py's `update` knows no limit for processes.
    lab.run(f"docker update {options} {NAME}")


def solve(lab: Lab) -> None:
    update(lab, f"--memory 128m --memory-swap 256m --pids-limit {PIDS} --cpus {CPUS}")


def quota(lab: Lab, microseconds: int = 50_000) -> None:
    limits = {"mem_limit": "128m", "memswap_limit": "256m", "cpu_period": 100_000}
    lab.client.containers.get(NAME).update(**limits, cpu_quota=microseconds)
    update(lab, f"--pids-limit {PIDS}")


def only_memory(lab: Lab) -> None:
    update(lab, "--memory 128m --memory-swap 256m")


def only_processes(lab: Lab) -> None:
    update(lab, f"--pids-limit {PIDS}")


def too_many(lab: Lab) -> None:
    update(lab, f"--memory 128m --memory-swap 256m --pids-limit 400 --cpus {CPUS}")


def every_processor(lab: Lab) -> None:
    update(lab, f"--memory 128m --memory-swap 256m --pids-limit {PIDS}")


def a_quarter(lab: Lab) -> None:
    quota(lab, 25_000)


def made_anew(lab: Lab) -> None:
    remove(lab, NAME)
    mill(lab, mem_limit=MEMORY, pids_limit=PIDS, nano_cpus=int(CPUS * 1e9))


def started_again(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get(NAME).restart(timeout=0)


def stopped(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get(NAME).kill()


RIGHT = (quota,)
WRONG = (
    (only_memory, "Nothing limits how many processes"),
    (only_processes, "has no memory limit"),
    (too_many, "may have 400 processes"),
    (every_processor, "every processor"),
    (a_quarter, "may use 0.25 processors"),
    (made_anew, "is another container"),
    (started_again, "was started again"),
    (stopped, "is not running"),
)
