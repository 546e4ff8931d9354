from __future__ import annotations

import secrets

from course.checks import At, ContainerAt, Lab, NotAttempted
from course.checks.answers import need, number_of
from course.checks.stage import ended, start

NAMES = ("apricot", "cherry", "damson", "elder")
LOOK = "docker ps -a"
SET = 'lab.task("3.2")'


def check(at: At, answer: object) -> str:
    failed = culprit(at)
    need("3.2", answer, "the container's name and its exit code")
    name, code = parts(at, answer)
    check_name(at, name, failed[0])
    if code is None:
        at.not_yet(f"`{name}` it is. And with what code did it exit?", f"docker inspect {name}")
    if code != failed[1]:
        at.not_yet(f"`{name}` it is, but its exit code is not {code}.", f"docker inspect {name}")
    return f"`{name}` exited with code {code}; every code but 0 means failure."


def culprit(at: At) -> tuple[str, int]:
    for name in NAMES:
        found = at.find(name)
        if found and found.status == "exited" and found.exit_code:
            return found.name, found.exit_code
    raise NotAttempted("The containers of this task are not there, or not as they were.", SET)


def parts(at: At, answer: object) -> tuple[str, int | None]:
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if not isinstance(answer, (tuple, list)):
        at.not_yet("The answer is a name and a code.", 'lab.check("3.2", answer=("name", 1))')
    numbers = [number for part in answer if (number := number_of(part)) is not None]
    words = [str(part).strip() for part in answer if number_of(part) is None]
    return words[0] if words else "", numbers[0] if numbers else None


def check_name(at: At, name: str, failed: str) -> None:
    if name == failed:
        return
    other = at.find(name) if name else None
    if other is None:
        at.not_yet(f"There is no container named `{name[:40]}`.", LOOK)
    if name not in NAMES:
        check_task(at, other)
    if other.status == "exited":
        at.not_yet(f"`{name}` has exited, but with code 0: that is success.", LOOK)
    at.not_yet(f"`{name}` is {other.status}: it has not exited at all.", LOOK)


def check_task(at: At, other: ContainerAt) -> None:
    four = ", ".join(f"`{name}`" for name in NAMES)
    if other.status == "exited" and other.exit_code:
        at.not_yet(
            f"`{other.name}` did fail, with code {other.exit_code}, but it is from an earlier "
            f"cell. The task is about {four}.",
            LOOK,
        )
    at.not_yet(f"`{other.name}` is not of this task, which is about {four}.", LOOK)


def setup(lab: Lab) -> None:
    guilty = secrets.choice(NAMES[:3])
    start(lab, NAMES[3], "busybox", ["sleep", "3600"])
    for name in NAMES[:3]:
        # 2 to 99: below the codes that Docker and the shell give a meaning of their own.
        code = 2 + secrets.randbelow(98) if name == guilty else 0
        ended(start(lab, name, "busybox", ["sh", "-c", f"exit {code}"]))


def solve(lab: Lab) -> tuple[str, int] | None:
    for container in lab.client.containers.list(all=True, filters={"status": "exited"}):
        if code := container.attrs["State"]["ExitCode"]:
            return str(container.name), code
    return None


def succeeded(lab: Lab) -> object:
    exited = lab.client.containers.list(all=True, filters={"exited": "0"})
    return exited[0].name, 0


def still_running(lab: Lab) -> object:
    return lab.client.containers.list()[0].name, 1


def guessed_code(lab: Lab) -> object:
    failed = solve(lab)
    return failed and (failed[0], 1)


def name_only(lab: Lab) -> object:
    failed = solve(lab)
    return failed and failed[0]


def somebody(lab: Lab) -> object:
    return "busybox", 1


def failed_earlier(lab: Lab) -> object:
    ended(start(lab, "broken", "busybox", ["sh", "-c", "exit 3"]))
    return "broken", 3


def ended_earlier(lab: Lab) -> object:
    ended(start(lab, "listing", "busybox", ["true"]))
    return "listing", 0


WRONG = (
    (succeeded, "that is success"),
    (still_running, "has not exited at all"),
    (guessed_code, "its exit code is not 1"),
    (name_only, "with what code"),
    (somebody, "no container named"),
    (failed_earlier, "`broken` did fail, with code 3, but"),
    (ended_earlier, "`listing` is not of this task"),
)
