from __future__ import annotations

import re

from course.checks import At, ContainerAt, Lab
from course.checks.stage import remove

COMMAND = ["sleep", "3600"]


def check(at: At) -> str:
    sleeper = at.container("sleeper", like=unnamed)
    sleeper.image("busybox").command(*COMMAND)
    check_foreground(sleeper)
    sleeper.running()
    return "`sleeper` runs in the background, and your Python got its prompt back at once."


def unnamed(other: ContainerAt) -> bool:
    # A name that the engine made up, as bold_hopper: other containers of the chapter sleep too.
    return other.words == COMMAND and re.fullmatch(r"[a-z]+_[a-z]+\d?", other.name) is not None


def check_foreground(sleeper: ContainerAt) -> None:
    if sleeper.status == "exited" and sleeper.exit_code in (137, 143):
        sleeper.not_yet(
            "`sleeper` did run, but it was stopped again. Leave it running.",
            'lab.client.containers.get("sleeper").start()',
        )


def setup(lab: Lab) -> None:
    remove(lab, "sleeper")


def solve(lab: Lab) -> None:
    lab.client.containers.run("busybox", "sleep 3600", name="sleeper", detach=True)


def no_name(lab: Lab) -> None:
    lab.client.containers.run("busybox", "sleep 3600", detach=True)


def nearly_the_name(lab: Lab) -> None:
    lab.client.containers.run("busybox", "sleep 3600", name="Sleeper", detach=True)


def other_command(lab: Lab) -> None:
    lab.client.containers.run("busybox", "sleep 60", name="sleeper", detach=True)


def images_command(lab: Lab) -> None:
    lab.client.containers.run("busybox", name="sleeper")


def only_created(lab: Lab) -> None:
    lab.client.containers.create("busybox", "sleep 3600", name="sleeper")


def stopped_again(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get("sleeper").stop(timeout=0)


WRONG = (
    (no_name, "the engine makes one up"),
    (nearly_the_name, "`Sleeper`, but none named"),
    (other_command, "`sleep 60`, not `sleep 3600`"),
    (images_command, "`sh`, not `sleep 3600`"),
    (only_created, "never started"),
    (stopped_again, "stopped again"),
)
