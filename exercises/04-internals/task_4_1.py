from __future__ import annotations

from course.checks import At, ContainerAt, Lab
from course.checks.answers import need, number_of
from course.checks.stage import start, until_runs

SET = 'lab.task("4.1")'
LOOK = "docker top front"


def check(at: At, answer: object) -> str:
    front = at.find("front")
    if front is None:
        at.not_attempted("There is no container `front`. Set the stage first.", SET)
    need("4.1", answer, "a PID")
    front.running()
    number = number_of(answer)
    if number is None:
        at.not_yet("The answer is one number: the PID on the Docker host.", LOOK)
    judge(at, front, number)
    return f"{number} on the Docker host is PID 1 in `front`: one process, two numbers."


def judge(at: At, front: ContainerAt, number: int) -> None:
    master = pid(front)
    if number == master:
        return
    if number == 1:
        at.not_yet(
            "1 is its number inside the container. On the Docker host, 1 is another process.", LOOK
        )
    processes = {process.pid: process for process in at.processes()}
    found = processes.get(number)
    if found is None:
        at.not_yet(f"No process of the Docker host has the PID {number} now.", LOOK)
    if found.parent == master:
        at.not_yet(f"{number} is a worker: the master is its parent.", LOOK)
    if number == processes[master].parent:
        at.not_yet(f"{number} is the master's parent, `{found.name}`, which is no nginx.", LOOK)
    check_other(at, number, found.parent)
    at.not_yet(f"{number} is `{found.name}`, which is not in `front`.", LOOK)


def check_other(at: At, number: int, parent: int) -> None:
    for other in at.containers():
        if pid(other) in (number, parent):
            at.not_yet(
                f"{number} is in `{other.name}`, not in `front`. Who tells them apart?", LOOK
            )


def pid(container: ContainerAt) -> int:
    return int(container.attrs["State"]["Pid"])


def setup(lab: Lab) -> None:
    for name in ("side", "front"):
        start(lab, name, "nginx:alpine", None)
    for name in ("side", "front"):
        until_runs(lab, name, "nginx: worker process")


def processes(lab: Lab, name: str) -> list[list[str]]:
    top = lab.client.containers.get(name).top()
    columns = [top["Titles"].index(title) for title in ("PID", "PPID", "CMD")]
    return [[process[column] for column in columns] for process in top["Processes"]]


def solve(lab: Lab) -> object:
    return next(pid for pid, _, command in processes(lab, "front") if "master" in command)


def inside(lab: Lab) -> object:
    return 1


def worker(lab: Lab) -> object:
    return next(pid for pid, _, command in processes(lab, "front") if "worker" in command)


def shim(lab: Lab) -> object:
    return int(
        next(parent for _, parent, command in processes(lab, "front") if "master" in command)
    )


def neighbour(lab: Lab) -> object:
    return int(lab.client.containers.get("side").attrs["State"]["Pid"])


def engine(lab: Lab) -> object:
    return lab.run("pidof dockerd")


def nobody(lab: Lab) -> object:
    return 4194304


def a_list(lab: Lab) -> object:
    return lab.client.containers.get("front").top()["Processes"]


def stopped(lab: Lab) -> object:
    answer = solve(lab)
    lab.client.containers.get("front").kill()
    lab.client.containers.get("front").wait()
    return answer


WRONG = (
    (inside, "its number inside the container"),
    (worker, "is a worker"),
    (shim, "which is no nginx"),
    (neighbour, "is in `side`"),
    (engine, "is `dockerd`"),
    (nobody, "No process of the Docker host"),
    (a_list, "one number"),
    (stopped, "exited with code 137"),
)
