from __future__ import annotations

from course.checks import At, Lab
from course.checks.answers import choose, need

SOCKET = "/var/run/docker.sock"
FEEDBACK = {
    "a": "Look at the mode: the group may read and write too, and group members need no `sudo`.",
    "c": "`docker login` is about a registry. The socket does not know of registries; it is a "
    "file, and the kernel decides by owner, group and mode.",
    "d": "The mode gives others nothing. And being able to talk to the engine is not harmless: "
    "it starts containers that mount any folder of the host, as root.",
}


def check(at: At, answer: object) -> str:
    need("1.3", answer, "one of the letters a, b, c, d")
    choose(answer, "b", FEEDBACK, f'lab.run("ls -l {SOCKET}")')
    owner, group, mode = at.host_mode(SOCKET)
    return (
        f"The socket belongs to `{owner}`, its group is `{group}`, its mode `{mode}`: who is in "
        "that group drives the engine, and the engine is root."
    )


def solve(lab: Lab) -> object:
    return "b"


def only_root(lab: Lab) -> object:
    return "a"


def who_logged_in(lab: Lab) -> object:
    return "c"


def everybody(lab: Lab) -> object:
    return "D)"


def no_option(lab: Lab) -> object:
    return "root"


WRONG = (
    (only_root, "group members"),
    (who_logged_in, "about a registry"),
    (everybody, "gives others nothing"),
    (no_option, "none of the options"),
)
