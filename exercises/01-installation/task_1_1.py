from __future__ import annotations

import docker

from course.checks import At, Lab, NotYet
from course.checks.answers import need, text_of

LOOK = 'lab.client.version()["Version"]'


def check(at: At, answer: object) -> str:
    need("1.1", answer, "the engine's version")
    said = at.client.version()
    # The whole dictionary of docker-py is as good an answer as the one value.
    given = text_of(answer["Version"] if isinstance(answer, dict) else answer)
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


def solve(lab: Lab) -> object:
    return lab.client.version()["Version"]


def api_version(lab: Lab) -> object:
    return lab.client.version()["ApiVersion"]


def library_version(lab: Lab) -> object:
    return docker.__version__


def kernel_version(lab: Lab) -> object:
    return lab.run("uname -r")


def guessed(lab: Lab) -> object:
    return "1.0"


WRONG = (
    (api_version, "version of the API"),
    (library_version, "version of docker-py"),
    (kernel_version, "version of the kernel"),
    (guessed, "does not call itself"),
)
