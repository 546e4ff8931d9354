from __future__ import annotations

import secrets

from course.checks import At, Lab
from course.checks.make_volume import fill, make_volume, remove_volumes
from course.checks.volume import volume

NAME, BACKUP, STAGE = "atlas", "/srv/backup/atlas.tar.gz", "atlas-before"
FILES = ("chart.txt", "log/first.txt", "log/second.txt")
SET = 'lab.task("5.5")'
LOOK = f"docker run --rm -v {NAME}:/v busybox find /v"


def check(at: At) -> str:
    first = at.host_packed(BACKUP, f"./{FILES[0]}")
    if first is None:
        at.not_attempted(f"There is no backup `{BACKUP}`. Set the stage first.", SET)
    number = first.split()[-1]
    atlas = volume(at, NAME)
    if atlas is None:
        near_miss(at, number)
        at.not_attempted(f"There is no volume `{NAME}` yet.", f"tar tzf {BACKUP}")
    check_files(at, at.host_tree(atlas.folder), number)
    return "Each file is back at its place, in a volume that did not exist."


def near_miss(at: At, number: str) -> None:
    """Tells where the files went instead; all of them have the backup's number."""
    volumes = f"{at.client.info()['DockerRootDir']}/volumes"
    found = at.host_find(number, volumes, f"/{NAME}")
    if found.startswith(volumes):
        name = found.removeprefix(volumes).split("/")[1]
        at.not_yet(
            f"The files are in the volume `{name[:40]}`, not in one named `{NAME}`.",
            "docker volume ls",
        )
    if found:
        at.not_yet(
            f"The files are in the folder `/{NAME}` of the Docker host. A source that begins with "
            "a slash is a path, not a volume's name.",
            "docker volume ls",
        )


def check_files(at: At, files: dict[str, str], number: str) -> None:
    if "atlas.tar.gz" in files:
        at.not_yet("The archive itself is in the volume, still packed.", LOOK)
    if FILES[0] not in files:
        check_place(at, files)
    for name in FILES:
        if name not in files and name.split("/")[-1] in files:
            at.not_yet("The files have lost their folders: `log/` is missing.", LOOK)
        if name not in files:
            at.not_yet(f"There is no `{name}` in the volume; the backup has one.", LOOK)
        if files[name] != f"{name} {number}":
            at.not_yet(f"`{name}` in the volume is not the backup's.", LOOK)


def check_place(at: At, files: dict[str, str]) -> None:
    for path in files:
        if path.endswith(f"/{FILES[0]}"):
            folder = path.removesuffix(f"/{FILES[0]}")
            at.not_yet(
                f"The files are too deep, in `{folder}`: they belong at the volume's own root.",
                LOOK,
            )
    at.not_yet(f"The volume `{NAME}` is there, and the files are not in it.", LOOK)


def setup(lab: Lab) -> None:
    remove_volumes(lab, NAME, STAGE)
    make_volume(lab, STAGE)
    number = secrets.token_hex(8)
    fill(lab, STAGE, {name: f"{name} {number}\n" for name in FILES})
    volumes = {
        STAGE: {"bind": "/volume", "mode": "ro"},
        "/srv/backup": {"bind": "/backup", "mode": "rw"},
    }
    command = ["tar", "czf", "/backup/atlas.tar.gz", "-C", "/volume", "."]
    lab.client.containers.run("busybox", command, volumes=volumes, remove=True)
    remove_volumes(lab, STAGE)
    lab.run(f"rm -rf /{NAME}")


def solve(lab: Lab) -> None:
    restore(lab)


def restore(
    lab: Lab, into: str = NAME, command: str = "tar xzf /backup/atlas.tar.gz -C /v"
) -> None:
    volumes = [f"{into}:/v", "/srv/backup:/backup:ro"]
    lab.client.containers.run("busybox", ["sh", "-c", command], volumes=volumes, remove=True)


def another_name(lab: Lab) -> None:
    restore(lab, into="atlas-2")


def a_path(lab: Lab) -> None:
    restore(lab, into=f"/{NAME}")


def still_packed(lab: Lab) -> None:
    restore(lab, command="cp /backup/atlas.tar.gz /v/")


def too_deep(lab: Lab) -> None:
    restore(lab, command="mkdir /v/data && tar xzf /backup/atlas.tar.gz -C /v/data")


def empty(lab: Lab) -> None:
    restore(lab, command="cd /tmp && tar xzf /backup/atlas.tar.gz")


def without_folders(lab: Lab) -> None:
    flat = "find . -name '*.txt' -exec cp {} /v/ ';'"
    restore(lab, command=f"cd /tmp && tar xzf /backup/atlas.tar.gz && {flat}")


def one_is_missing(lab: Lab) -> None:
    restore(lab, command="tar xzf /backup/atlas.tar.gz -C /v ./chart.txt ./log/first.txt")


def made_up(lab: Lab) -> None:
    restore(lab)
    restore(lab, command="echo all is well > /v/log/second.txt")


WRONG = (
    (another_name, "in the volume `atlas-2`"),
    (a_path, "in the folder `/atlas`"),
    (still_packed, "still packed"),
    (too_deep, "too deep, in `data`"),
    (empty, "the files are not in it"),
    (without_folders, "lost their folders"),
    (one_is_missing, "There is no `log/second.txt`"),
    (made_up, "is not the backup's"),
)
