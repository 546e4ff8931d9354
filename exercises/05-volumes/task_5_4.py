from __future__ import annotations

import secrets
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.events import epoch
from course.checks.stage import put, remove
from course.checks.volume import MountAt, mounts

FOLDER, PORT, NAME, IMAGE = "/srv/kiosk", 8081, "kiosk", "nginx:alpine"
ROOT = "/usr/share/nginx/html"
LINE = "Closed on Sunday"
SET = 'lab.task("5.4")'
LOOK = "docker inspect --format '{{json .Mounts}}' kiosk"


def check(at: At) -> str:
    page = at.host_file(f"{FOLDER}/index.html")
    if page is None and at.find(NAME) is None:
        at.not_attempted(f"There is no page in `{FOLDER}`. Set the stage first.", SET)
    kiosk = at.container(NAME)
    kiosk.image(IMAGE).running()
    check_mount(kiosk, mounts(kiosk))
    # Of the folder as it is now: the stage's number, and what the learner made of it.
    first = (page or "").strip().splitlines()[:1]
    at.answers(PORT, first[0] if first else "<h1>")
    check_edit(at, kiosk, page or "")
    return "nginx serves the Docker host's folder as it is at each moment, and cannot change it."


def check_mount(kiosk: ContainerAt, mounted: dict[str, MountAt]) -> None:
    found = [mount for mount in mounted.values() if mount.source.rstrip("/") == FOLDER]
    at_root = mounted.get(ROOT)
    if not found and at_root and at_root.type == "volume":
        kiosk.not_yet(
            f"At `{ROOT}` is the volume `{at_root.volume}`, filled from the image, and not the "
            f"Docker host's folder `{FOLDER}`. A source that begins with a slash is a path.",
            LOOK,
        )
    if not found and at_root:
        kiosk.not_yet(f"The folder at `{ROOT}` is `{at_root.source}`, not `{FOLDER}`.", LOOK)
    if not found:
        kiosk.not_yet(f"The folder `{FOLDER}` is not mounted in `{NAME}`.", LOOK)
    if found[0].target != ROOT:
        kiosk.not_yet(
            f"The folder is mounted at `{found[0].target}`. nginx takes its pages from `{ROOT}`.",
            LOOK,
        )
    if found[0].writable:
        kiosk.not_yet(
            "The folder is right, but `kiosk` may write to it: it is to be read-only.", LOOK
        )


def check_edit(at: At, kiosk: ContainerAt, page: str) -> None:
    if LINE not in page:
        at.not_yet(
            f"`kiosk` shows the folder, read-only. Now change the page: it does not say `{LINE}`.",
            f"cat {FOLDER}/index.html",
        )
    changed = at.host_changed(f"{FOLDER}/index.html") or 0
    # The host's clock gives whole seconds here.
    if changed < int(epoch(kiosk.attrs["State"]["StartedAt"])):
        at.not_yet(
            "`kiosk` started after the page was changed. Change it once more while the container "
            "runs: it needs no new start.",
            f"cat {FOLDER}/index.html",
        )
    at.answers(PORT, LINE)


def setup(lab: Lab) -> None:
    remove(lab, NAME)
    page = f"<h1>Kiosk {secrets.token_hex(4)}</h1>"
    lab.run(f"rm -rf {FOLDER} && mkdir -p {FOLDER} && echo '{page}' > {FOLDER}/index.html")


def run(lab: Lab, volumes: list[str], port: int = PORT) -> None:
    lab.client.images.pull(IMAGE)
    options: dict[str, Any] = {"volumes": volumes, "ports": {80: port}, "detach": True}
    remove(lab, NAME)
    lab.client.containers.run(IMAGE, name=NAME, **options)


def edit(lab: Lab) -> None:
    lab.run(f"echo '<p>{LINE}</p>' >> {FOLDER}/index.html")


def solve(lab: Lab) -> None:
    run(lab, [f"{FOLDER}:{ROOT}:ro"])
    edit(lab)


def may_write(lab: Lab) -> None:
    run(lab, [f"{FOLDER}:{ROOT}"])
    edit(lab)


def a_volume(lab: Lab) -> None:
    run(lab, [f"kiosk:{ROOT}:ro"])


def a_typing_error(lab: Lab) -> None:
    run(lab, [f"/srv/kisok:{ROOT}:ro"])


def wrong_place(lab: Lab) -> None:
    run(lab, [f"{FOLDER}:/html:ro"])


def copied(lab: Lab) -> None:
    run(lab, [])
    page = lab.run(f"cat {FOLDER}/index.html")[1].decode()
    put(lab.client.containers.get(NAME), f"{ROOT}/index.html", f"{page}{LINE}\n")


def wrong_port(lab: Lab) -> None:
    run(lab, [f"{FOLDER}:{ROOT}:ro"], port=8080)
    edit(lab)


def never_edited(lab: Lab) -> None:
    run(lab, [f"{FOLDER}:{ROOT}:ro"])


def edited_before(lab: Lab) -> None:
    edit(lab)
    lab.run(f"touch -d @1700000000 {FOLDER}/index.html")
    run(lab, [f"{FOLDER}:{ROOT}:ro"])


WRONG = (
    (may_write, "may write to it"),
    (a_volume, "filled from the image"),
    (a_typing_error, "`/srv/kisok`, not"),
    (wrong_place, "takes its pages from"),
    (copied, "is not mounted in"),
    (wrong_port, "Port 8081 does not answer"),
    (never_edited, "Now change the page"),
    (edited_before, "started after the page"),
)
