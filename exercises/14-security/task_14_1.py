from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.make_image import make_image
from course.checks.stage import ended, remove, start

IMAGE, NAME = "lift:1", "guest"
SET = 'lab.task("14.1")'
LOOK = f"docker logs {NAME}"
DOCKERFILE = """
    FROM debian:trixie-slim
    RUN cp /usr/bin/id /usr/local/bin/lift && chmod 4755 /usr/local/bin/lift
    USER 1000
    CMD ["lift"]
    """


def check(at: At) -> str:
    guest = at.container(NAME, like=lambda one: one.attrs["Config"]["Image"] == IMAGE)
    guest.image(IMAGE).exited(0)
    said = "\n".join(guest.logs(stderr=False))
    if guest.words != ["lift"] or "uid=" not in said:
        guest.not_yet(f"`{NAME}` did not run `lift`, the image's own command.", LOOK)
    if "uid=0(root)" in said.replace("euid=0(root)", ""):
        guest.not_yet(f"`{NAME}` runs as root from the start. It is to stay user 1000.", LOOK)
    if "euid=0(root)" in said:
        check_root(guest)
    if "uid=1000" not in said:
        guest.not_yet(f"`{NAME}` runs as another user than the image's, 1000.", LOOK)
    return "The setuid bit is still there, and the kernel passes over it: `lift` stayed user 1000."


def check_root(guest: ContainerAt) -> None:
    if guest.attrs["HostConfig"]["CapDrop"]:
        guest.not_yet(
            "The capabilities are gone, and `lift` became root all the same (`euid=0`). That "
            "takes something away from root. It does not keep anybody from becoming it.",
            LOOK,
        )
    guest.not_yet(
        "`lift` became root: its log says `euid=0`. The user whom it was started as does not help "
        "here.",
        LOOK,
    )


def setup(lab: Lab) -> None:
    remove(lab, NAME)
    lab.client.images.pull("debian:trixie-slim")
    make_image(lab, IMAGE, DOCKERFILE)


def guest(lab: Lab, **options: Any) -> None:
    ended(start(lab, NAME, IMAGE, options.pop("command", None), **options))


def solve(lab: Lab) -> None:
    guest(lab, security_opt=["no-new-privileges"])


def as_it_is(lab: Lab) -> None:
    guest(lab)


def without_capabilities(lab: Lab) -> None:
    guest(lab, cap_drop=["ALL"])


def root_from_the_start(lab: Lab) -> None:
    guest(lab, user="root", security_opt=["no-new-privileges"])


def another_user(lab: Lab) -> None:
    guest(lab, user="1001", security_opt=["no-new-privileges"])


def another_program(lab: Lab) -> None:
    guest(lab, command=["id"], security_opt=["no-new-privileges"])


def another_name(lab: Lab) -> None:
    ended(start(lab, "visitor", IMAGE, None, security_opt=["no-new-privileges"]))


WRONG = (
    (as_it_is, "its log says `euid=0`"),
    (without_capabilities, "The capabilities are gone"),
    (root_from_the_start, "as root from the start"),
    (another_user, "another user than the image's"),
    (another_program, "did not run `lift`"),
    (another_name, "its name is `visitor`"),
)
