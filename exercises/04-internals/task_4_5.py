from __future__ import annotations

import secrets
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.answers import need, text_of
from course.checks.stage import start

SET = 'lab.task("4.5")'
LOOK = "docker diff intruder"
CHANGED, ADDED, DELETED = 0, 1, 2
FILES = (
    "/etc/nginx/mime.types",
    "/etc/nginx/conf.d/default.conf",
    "/usr/share/nginx/html/50x.html",
    "/usr/share/nginx/html/index.html",
)
NEW = ("/etc/nginx/conf.d/extra.conf", "/usr/share/nginx/html/hello.html", "/var/log/.history")


def check(at: At, answer: object) -> str:
    intruder = at.find("intruder")
    if intruder is None:
        at.not_attempted("There is no container `intruder`. Set the stage first.", SET)
    need("4.5", answer, "the path of one file")
    kinds = diff(at)
    path = "/" + text_of(answer).removeprefix("C ").strip().strip("/")
    judge(at, intruder, path, kinds)
    return f"`{path}` was in the image, and `intruder` has a changed copy of it in its own layer."


def diff(at: At) -> dict[str, int]:
    changes: list[dict[str, Any]] = at.client.api.diff("intruder") or []
    return {change["Path"]: change["Kind"] for change in changes}


def judge(at: At, intruder: ContainerAt, path: str, kinds: dict[str, int]) -> None:
    if not any(kinds.get(file) == CHANGED for file in FILES):
        at.not_yet("No file of the image is changed any more. Set the stage anew.", SET)
    if path not in kinds:
        at.not_yet(f"`diff` does not list `{path[:80]}`: it is as it was in the image.", LOOK)
    if kinds[path] == ADDED:
        at.not_yet(f"`{path}` is new (A, kind 1). The image has no such file.", LOOK)
    if kinds[path] == DELETED:
        at.not_yet(f"`{path}` was deleted (D, kind 2), not changed.", LOOK)
    if intruder.read(path) is None:
        at.not_yet(
            f"`{path}` is a folder. It counts as changed (C) because something in it did.", LOOK
        )


def setup(lab: Lab) -> None:
    intruder = start(lab, "intruder", "nginx:alpine", ["sleep", "3600"])
    changed = secrets.choice(FILES[:3])
    lines = [f"echo '# ...' >> {changed}", f"rm {FILES[3]}"]
    lines += [f"echo new > {file}" for file in NEW]
    intruder.exec_run(["sh", "-c", "; ".join(lines)])


def listed(lab: Lab, kind: int) -> list[str]:
    changes: list[dict[str, Any]] = lab.client.api.diff("intruder")
    return [change["Path"] for change in changes if change["Kind"] == kind]


def solve(lab: Lab) -> object:
    return next(path for path in listed(lab, CHANGED) if path in FILES)


def folder(lab: Lab) -> object:
    return listed(lab, CHANGED)[0]


def added(lab: Lab) -> object:
    return listed(lab, ADDED)[0]


def deleted(lab: Lab) -> object:
    return listed(lab, DELETED)[0]


def untouched(lab: Lab) -> object:
    return "/etc/passwd"


WRONG = (
    (folder, "is a folder"),
    (added, "is new"),
    (deleted, "was deleted"),
    (untouched, "as it was in the image"),
)
