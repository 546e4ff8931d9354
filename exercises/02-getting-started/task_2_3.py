from __future__ import annotations

from course.checks import At, Lab
from course.checks.stage import remove


def check(at: At) -> str:
    left, right = at.container("left").running(), at.container("right").running()
    if left.attrs["Image"] != right.attrs["Image"]:
        right.not_yet("`left` and `right` are made from two different images. Take one for both.")
    note = left.read("/note")
    if note is None:
        left.not_yet(
            "There is no file `/note` in `left`. If you wrote it with `>`: that is the shell's, "
            'and `exec_run` starts no shell unless you say so: `["sh", "-c", "..."]`.',
            "docker exec left ls /",
        )
    if not note.strip():
        left.not_yet("`/note` is there in `left`, but it is empty.", "docker exec left cat /note")
    if right.read("/note") is not None:
        right.not_yet(
            "`/note` is in `right` too. A file that both have was written twice, or it is on a "
            "volume: write it in `left` alone.",
            "docker diff right",
        )
    if left.attrs["Mounts"]:
        left.not_yet("`left` has a volume or a folder mounted. This task needs neither.")
    return "One image, two containers, and `/note` in one of them only: each has its own layer."


def setup(lab: Lab) -> None:
    remove(lab, "left", "right")


def run(lab: Lab, name: str, image: str = "busybox") -> None:
    lab.client.containers.run(image, "sleep 3600", name=name, detach=True)


def write(lab: Lab, name: str) -> None:
    lab.client.containers.get(name).exec_run(["sh", "-c", "echo mine > /note"])


def solve(lab: Lab) -> None:
    run(lab, "left")
    run(lab, "right")
    write(lab, "left")


def nothing_written(lab: Lab) -> None:
    run(lab, "left")
    run(lab, "right")


def without_a_shell(lab: Lab) -> None:
    nothing_written(lab)
    lab.client.containers.get("left").exec_run("echo mine > /note")


def written_in_both(lab: Lab) -> None:
    solve(lab)
    write(lab, "right")


def empty(lab: Lab) -> None:
    nothing_written(lab)
    lab.client.containers.get("left").exec_run("touch /note")


def ended(lab: Lab) -> None:
    command = ["sh", "-c", "echo mine > /note"]
    lab.client.containers.run("busybox", command, name="left")
    run(lab, "right")


WRONG = (
    (nothing_written, "There is no file `/note`"),
    (without_a_shell, "starts no shell"),
    (written_in_both, "in `right` too"),
    (empty, "it is empty"),
    (ended, "has exited with code 0"),
)
