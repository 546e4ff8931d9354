from __future__ import annotations

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_project, write
from course.checks.make_volume import make_volume, remove_volumes
from course.checks.project import services
from course.checks.stage import remove, start
from course.checks.volume import is_made_up, mounts

PROJECT, VOLUME, DATA = "pantry", "stock", "/data"
NAME = f"{PROJECT}_{VOLUME}"  # what Compose calls the project's volume
LOOK = "docker compose --project-directory /pantry ps --all"
WEB = """\
services:
  web:
    image: nginx:alpine
"""


def check(at: At) -> str:
    found = services(at, PROJECT)
    store = found.get("store")
    if store is None:
        check_begun(at, found)
        at.not_yet("The project is there, but it has no service `store` yet.", LOOK)
    store.image("redis:alpine").running()
    check_data(store)
    if "web" not in found:
        at.not_yet("The service `web` is gone. It is to stay in the file, beside `store`.", LOOK)
    found["web"].running()
    return f"`store` keeps its data in the volume `{NAME}`, which outlives its containers."


def check_begun(at: At, found: dict[str, ContainerAt]) -> None:
    if at.find("store"):
        at.not_yet(
            "There is a container `store`, but not one of the project: Compose makes those from "
            "the file, and calls this one `pantry-store-1`.",
            LOOK,
        )
    if not found:
        at.not_attempted("Nothing of the project `pantry` is there yet.", LOOK)


def check_data(store: ContainerAt) -> None:
    found = mounts(store)
    other = [path for path, one in found.items() if one.volume == NAME and path != DATA]
    if other:
        store.not_yet(
            f"The volume `{NAME}` is mounted at `{other[0]}`. This image writes to `{DATA}`, and "
            "what is written there goes elsewhere.",
            f"docker inspect --format '{{{{json .Mounts}}}}' {store.name}",
        )
    if DATA not in found or not found[DATA].volume:
        store.not_yet(f"What is mounted at `{DATA}` of `store` is no volume.")
    if found[DATA].volume != NAME:
        check_name(store, found[DATA].volume)


def check_name(store: ContainerAt, name: str) -> None:
    if is_made_up(name):
        store.not_yet(
            f"At `{DATA}` is an anonymous volume, which the image asks for. After the next `down` "
            "and `up` there is another one, and it is empty.",
            "docker volume ls",
        )
    store.not_yet(
        f"At `{DATA}` is the volume `{name}`. The project's own volume `{VOLUME}` is called "
        f"`{NAME}`: Compose makes it, where the file declares it.",
        "docker volume ls",
    )


def setup(lab: Lab) -> None:
    remove(lab, "store")
    remove_volumes(lab, VOLUME, NAME)
    make_project(lab, PROJECT, {"compose.yaml": WEB})


def up(lab: Lab, more: str, first: str = WEB) -> None:
    write(lab, PROJECT, "compose.yaml", first + more)
    compose(lab, PROJECT, "up -d")


STORE = """\
  store:
    image: redis:alpine
"""
MOUNT = """\
    volumes:
      - {source}:{target}
"""
DECLARED = """\
volumes:
  stock:
"""
KEPT = STORE + MOUNT.format(source="stock", target="/data")


def solve(lab: Lab) -> None:
    up(lab, KEPT + DECLARED)


def no_volume(lab: Lab) -> None:
    up(lab, STORE)


def folder(lab: Lab) -> None:
    up(lab, STORE + MOUNT.format(source="./stock", target="/data"))


def wrong_place(lab: Lab) -> None:
    up(lab, STORE + MOUNT.format(source="stock", target="/stock") + DECLARED)


def by_hand(lab: Lab) -> None:
    up(lab, "")
    make_volume(lab, VOLUME)
    start(lab, "store", "redis:alpine", None, volumes=[f"{VOLUME}:/data"])


def from_outside(lab: Lab) -> None:
    make_volume(lab, VOLUME)
    up(lab, KEPT + DECLARED + "    external: true\n")


def without_web(lab: Lab) -> None:
    up(lab, KEPT + DECLARED, "services:\n")


def only_web(lab: Lab) -> None:
    up(lab, "")


WRONG = (
    (no_volume, "an anonymous volume"),
    (folder, "is no volume"),
    (wrong_place, "is mounted at `/stock`"),
    (by_hand, "not one of the project"),
    (from_outside, "is the volume `stock`"),
    (without_web, "The service `web` is gone"),
    (only_web, "no service `store` yet"),
)
