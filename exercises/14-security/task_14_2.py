from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.make_image import make_image
from course.checks.stage import ended, remove, start

IMAGE, NAME = "mailer:1", "mailer"
NEEDS = ["CHOWN", "SETGID", "SETUID"]
LOOK = f"docker logs {NAME}"
SCRIPT = """#!/bin/sh
set -e
exec 2>&1
echo "letter: written";    echo hello > /tmp/letter
echo "letter: given away"; chown 65534 /tmp/letter
echo "postman: comes";     su -s /bin/sh nobody -c 'cat /tmp/letter >/dev/null'
echo "letter: delivered"
"""
DOCKERFILE = """
    FROM alpine
    COPY deliver /bin/
    RUN chmod 755 /bin/deliver
    CMD ["deliver"]
    """


def check(at: At) -> str:
    mailer = at.container(NAME, like=lambda one: one.attrs["Config"]["Image"] == IMAGE)
    mailer.image(IMAGE)
    if mailer.attrs["HostConfig"]["Privileged"]:
        mailer.not_yet(f"`{NAME}` is privileged: that is every capability there is.")
    if "ALL" not in names(mailer, "CapDrop"):
        mailer.not_yet(
            f"`{NAME}` keeps the capabilities that the engine gives to everybody. Begin with none."
        )
    check_delivered(mailer)
    if more := sorted(names(mailer, "CapAdd") - set(NEEDS)):
        mailer.not_yet(f"The letter arrives. But `{NAME}` has `{more[0]}`, and does not need it.")
    return f"Delivered with {len(NEEDS)} capabilities, and the other eleven are nobody's any more."


def names(mailer: ContainerAt, key: str) -> set[str]:
    given = mailer.attrs["HostConfig"][key] or []
    return {str(one).upper().removeprefix("CAP_") for one in given}


def check_delivered(mailer: ContainerAt) -> None:
    if mailer.status != "exited":
        mailer.exited(0)
    lines = mailer.logs()
    if "letter: delivered" not in lines:
        last = lines[-1][:200] if lines else "nothing"
        mailer.not_yet(f"The letter does not arrive. The last line of the log: `{last}`", LOOK)


def setup(lab: Lab) -> None:
    remove(lab, NAME)
    lab.client.images.pull("alpine:latest")
    make_image(lab, IMAGE, DOCKERFILE, {"deliver": SCRIPT})


def mailer(lab: Lab, add: Iterable[str] = (), **options: Any) -> None:
    given = {"cap_drop": ["ALL"], "cap_add": [*add], **options}
    ended(start(lab, NAME, IMAGE, None, **given))


def solve(lab: Lab) -> None:
    mailer(lab, NEEDS)


def all_that_there_are(lab: Lab) -> None:
    mailer(lab, cap_drop=None)


def none_at_all(lab: Lab) -> None:
    mailer(lab)


def not_the_group(lab: Lab) -> None:
    mailer(lab, ["CHOWN", "SETUID"])


def one_more(lab: Lab) -> None:
    mailer(lab, [*NEEDS, "NET_RAW"])


def all_again(lab: Lab) -> None:
    mailer(lab, ["ALL"])


def privileged(lab: Lab) -> None:
    mailer(lab, privileged=True)


WRONG = (
    (all_that_there_are, "gives to everybody"),
    (none_at_all, "`chown: "),
    (not_the_group, "`su: "),
    (one_more, "has `NET_RAW`"),
    (all_again, "has `ALL`"),
    (privileged, "is privileged"),
)
