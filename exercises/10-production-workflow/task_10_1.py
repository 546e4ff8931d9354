from __future__ import annotations

from typing import Any, NoReturn

from course.checks import At, ContainerAt, Lab
from course.checks.make_image import make_image, remove_images
from course.checks.make_project import run, write
from course.checks.stage import remove, until_logged

IMAGE, FOLDER, PLACE = "sketch:dev", "/sketch", "/usr/app"
PACKAGES = f"{PLACE}/node_modules"
BOAT = "a small boat for hire"
POSTER = f"""const shout = require("shout");
console.log(shout("{BOAT}"));
"""
SHOUT = "module.exports = (words) => words.toUpperCase() + '!';\n"
DOCKERFILE = f"""
    FROM node:24-alpine
    WORKDIR {PLACE}
    COPY shout.js node_modules/shout/index.js
    COPY poster.js .
    CMD ["node", "--watch", "poster.js"]
    """
FILE = "poster.js"
LOGS = "docker logs --tail 5 sketch"


def check(at: At) -> str:
    sketch = at.container("sketch").running().image(IMAGE)
    mounts = {mount["Destination"]: mount for mount in sketch.attrs["Mounts"]}
    if not shows(mounts, f"{PLACE}/{FILE}", f"{FOLDER}/{FILE}"):
        source_is_mounted(sketch, mounts)
        packages_are_kept(sketch, mounts)
    said = "\n".join(sketch.logs())
    if "FOR SALE!" not in said:
        explain(at, sketch)
    if BOAT.upper() not in said:
        sketch.not_yet(
            "This container has seen only the new words. Start it with the old ones, and change "
            "them while it runs: that is the point of it."
        )
    return "The container runs the source of the host, with the packages of the image."


def explain(at: At, sketch: ContainerAt) -> NoReturn:
    if "for sale" not in (at.host_file(f"{FOLDER}/{FILE}") or "").lower():
        sketch.not_yet(
            f"Now change the words in `{FOLDER}/{FILE}` on the Docker host: `for sale`.",
            f"cat {FOLDER}/{FILE}",
        )
    inside = at.process_file(int(sketch.attrs["State"]["Pid"]), f"{PLACE}/{FILE}") or ""
    if "for sale" not in inside.lower():
        sketch.not_yet(
            f"`{FILE}` says `for sale`, but the container still sees the old one: the mount of a "
            "file keeps that very file, and `sed -i` puts another in its place. Mount the folder.",
            f"docker exec sketch cat {PLACE}/{FILE}",
        )
    sketch.not_yet(f"`{FILE}` says `for sale`, but the log does not show it yet.", LOGS)


def shows(mounts: dict[str, dict[str, Any]], place: str, source: str) -> bool:
    found = mounts.get(place, {})
    return found.get("Type") == "bind" and found["Source"].rstrip("/") == source


def source_is_mounted(sketch: ContainerAt, mounts: dict[str, dict[str, Any]]) -> None:
    if shows(mounts, PLACE, FOLDER):
        return
    elsewhere = [path for path, mount in mounts.items() if mount.get("Source") == FOLDER]
    if elsewhere:
        sketch.not_yet(
            f"`{FOLDER}` is mounted at `{elsewhere[0]}`, but the image works in `{PLACE}`."
        )
    sketch.not_yet(
        f"`sketch` runs the source that is in its image. `{FOLDER}` of the Docker host is not "
        f"mounted at `{PLACE}`."
    )


def packages_are_kept(sketch: ContainerAt, mounts: dict[str, dict[str, Any]]) -> None:
    if mounts.get(PACKAGES, {}).get("Type") == "volume":
        return
    sketch.not_yet(
        f"Read its log: *Cannot find module 'shout'*. The mount at `{PLACE}` hides the packages "
        "that the image has there. A volume of their own brings them back.",
        LOGS,
    )


def setup(lab: Lab) -> None:
    remove(lab, "sketch")
    remove_images(lab, IMAGE)
    make_image(lab, IMAGE, DOCKERFILE, {"shout.js": SHOUT, "poster.js": POSTER})
    run(lab, f"rm -rf {FOLDER}")
    write(lab, "sketch", "poster.js", POSTER)


def _run(lab: Lab, *volumes: str, wait: str = BOAT.upper()) -> None:
    remove(lab, "sketch")
    options: dict[str, Any] = {"name": "sketch", "volumes": list(volumes), "detach": True}
    until_logged(lab.client.containers.run(IMAGE, **options), wait)


def _sell(lab: Lab) -> None:
    run(lab, f"sed -i 's/for hire/for sale/' {FOLDER}/poster.js")


def solve(lab: Lab) -> None:
    _run(lab, f"{FOLDER}:{PLACE}", PACKAGES)
    _sell(lab)
    until_logged(lab.client.containers.get("sketch"), "FOR SALE!")


def file_in_place(lab: Lab) -> None:
    _run(lab, f"{FOLDER}/{FILE}:{PLACE}/{FILE}")
    run(lab, f"cd {FOLDER} && sed 's/for hire/for sale/' {FILE} > new && cat new > {FILE}")
    until_logged(lab.client.containers.get("sketch"), "FOR SALE!")


def file_replaced(lab: Lab) -> None:
    _run(lab, f"{FOLDER}/{FILE}:{PLACE}/{FILE}")
    _sell(lab)


def no_mount(lab: Lab) -> None:
    _run(lab)
    _sell(lab)


def packages_hidden(lab: Lab) -> None:
    _run(lab, f"{FOLDER}:{PLACE}", wait="Cannot find module")


def elsewhere(lab: Lab) -> None:
    _run(lab, f"{FOLDER}:/app", PACKAGES)


def not_changed(lab: Lab) -> None:
    _run(lab, f"{FOLDER}:{PLACE}", PACKAGES)


def changed_first(lab: Lab) -> None:
    _sell(lab)
    _run(lab, f"{FOLDER}:{PLACE}", PACKAGES, wait="FOR SALE!")


RIGHT = (file_in_place,)
WRONG = (
    (file_replaced, "still sees the old one"),
    (no_mount, "runs the source that is in its image"),
    (packages_hidden, "hides the packages"),
    (elsewhere, "is mounted at `/app`"),
    (not_changed, "Now change the words"),
    (changed_first, "has seen only the new words"),
)
