from __future__ import annotations

import io
import secrets
import tarfile
from typing import NoReturn

from course.checks import At, ContainerAt, Lab
from course.checks.stage import ended, put, remove, start

REPORT = "/report/result.txt"
ELSEWHERE = (REPORT, "/tmp/result.txt")
SET = 'lab.task("3.4")'


def check(at: At) -> str:
    safe = at.find("safe")
    wreck = at.find("wreck")
    if wreck is None:
        missing(at, safe)
    report = wreck.read(REPORT)
    if report is None:
        at.not_yet(
            "The report is gone from `wreck`: its program clears the folder when it starts, and "
            "somebody started it. Set the stage again, and get the file without a start.",
            SET,
        )
    if safe is None:
        safe = at.container("safe")
    compare(safe, report)
    return "The report is safe. A stopped container keeps its files until it is removed."


def missing(at: At, safe: ContainerAt | None) -> NoReturn:
    if safe is None:
        at.not_attempted("There is no container `wreck`. Set the stage first.", SET)
    at.not_yet(
        "`wreck` is gone, so nothing can be compared with it. Copy the file, and leave "
        "`wreck` where it is.",
        SET,
    )


def compare(safe: ContainerAt, report: bytes) -> None:
    copy = safe.read("/result.txt")
    if copy is None:
        for path in ELSEWHERE:
            if safe.read(path) == report:
                safe.not_yet(f"The report is in `safe`, but at `{path}`, not at `/result.txt`.")
        safe.file("/result.txt")
    elif copy != report and tarfile.is_tarfile(io.BytesIO(copy)):
        safe.not_yet(
            "`/result.txt` in `safe` is the tar archive that `get_archive` gives, still packed. "
            "`put_archive` unpacks what it is given."
        )
    elif copy != report:
        safe.not_yet("`/result.txt` in `safe` is not what `wreck` reports.", "docker cp --help")


def setup(lab: Lab) -> None:
    remove(lab, "safe")
    command = ["sh", "-c", "rm -rf /report; echo broken; exit 3"]
    wreck = ended(start(lab, "wreck", "busybox", command))
    put(wreck, REPORT, f"sounding: {secrets.token_hex(8)}\n")


def solve(lab: Lab) -> None:
    archive, _ = lab.client.containers.get("wreck").get_archive(REPORT)
    safe = lab.client.containers.create("busybox", name="safe")
    safe.put_archive("/", archive)


def started_again(lab: Lab) -> None:
    wreck = lab.client.containers.get("wreck")
    wreck.start()
    wreck.wait()
    lab.client.containers.create("busybox", name="safe")


def nothing_copied(lab: Lab) -> None:
    lab.client.containers.create("busybox", name="safe")


def wrong_place(lab: Lab) -> None:
    archive, _ = lab.client.containers.get("wreck").get_archive(REPORT)
    lab.client.containers.create("busybox", name="safe").put_archive("/tmp", archive)


def still_packed(lab: Lab) -> None:
    archive, _ = lab.client.containers.get("wreck").get_archive(REPORT)
    safe = lab.client.containers.create("busybox", name="safe")
    put(safe, "/result.txt", b"".join(archive).decode())


def made_up(lab: Lab) -> None:
    put(lab.client.containers.create("busybox", name="safe"), "/result.txt", "all is well\n")


def threw_the_wreck_away(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get("wreck").remove()


WRONG = (
    (started_again, "somebody started it"),
    (nothing_copied, "There is no file `/result.txt`"),
    (wrong_place, "at `/tmp/result.txt`"),
    (still_packed, "still packed"),
    (made_up, "is not what `wreck` reports"),
    (threw_the_wreck_away, "`wreck` is gone"),
)
