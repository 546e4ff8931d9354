from __future__ import annotations

import docker

from course.checks import At, Lab, NotYet
from course.checks.answers import need, text_of

LOOK = "lab.client.version()"


def check(at: At, answer: object) -> str:
    need("1.1", answer, "the engine's version")
    said = at.client.version()
    given = text_of(one_of(answer) if isinstance(answer, dict) else answer)
    if given == said["Version"]:
        return f"The engine is version `{given}`, and it told you so over its API."
    if given == said["ApiVersion"]:
        at.not_yet(
            f"`{given}` is the version of the API that the engine speaks. The engine itself "
            "has another one.",
            LOOK,
        )
    if given == docker.__version__:
        at.not_yet(f"`{given}` is the version of docker-py, the library on your side.", LOOK)
    if given == said["KernelVersion"]:
        at.not_yet(f"`{given}` is the version of the kernel that the engine runs on.", LOOK)
    raise NotYet(f"The engine does not call itself `{given[:40]}`.", LOOK)


def one_of(said: dict[str, object]) -> object:
    """Takes what `version()` and `info()` give for their one value: it is as good an answer."""
    if value := said.get("Version") or said.get("ServerVersion"):
        return value
    raise NotYet("This is a whole dictionary; give one entry of it.", LOOK)


def solve(lab: Lab) -> object:
    return lab.client.version()["Version"]


def api_version(lab: Lab) -> object:
    return lab.client.version()["ApiVersion"]


def library_version(lab: Lab) -> object:
    return docker.__version__


def kernel_version(lab: Lab) -> object:
    return lab.run("uname -r")


def other_dictionary(lab: Lab) -> object:
    return lab.client.info()["Plugins"]


def guessed(lab: Lab) -> object:
    return "1.0"


WRONG = (
    (api_version, "version of the API"),
    (library_version, "version of docker-py"),
    (kernel_version, "version of the kernel"),
    (other_dictionary, "a whole dictionary"),
    (guessed, "does not call itself"),
)
