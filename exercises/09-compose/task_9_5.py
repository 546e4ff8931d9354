from __future__ import annotations

from course.checks import At, Lab
from course.checks.make_project import compose, make_project, write
from course.checks.network import published
from course.checks.project import services, waits_for
from course.checks.stage import remove, start

PROJECT, EARLY = "mess", "early"
PORT, TAKEN = 3000, 8080
LOOK = "%%host --may-fail\ncd /mess; docker compose config"
FILE = """\
services:
  web:
    image: nginx:${TAG}
    port:
      - "8080:80"
    depends_on:
      - store

  store:
    image: redis:alpine
    depends_on:
      - web
"""


def check(at: At) -> str:
    early = at.find(EARLY)
    if early is None:
        at.not_attempted("`early` is not there. Set the stage first.", 'lab.task("9.5")')
    found = services(at, PROJECT)
    web, store = found.get("web"), found.get("store")
    if web is None:
        at.not_attempted("The project `mess` has no `web` yet. What does Compose say?", LOOK)
    early.running()
    if store is None:
        at.not_yet("The service `store` is gone. It is to stay in the file.", LOOK)
    web.image("nginx:alpine")
    if "store" not in waits_for(web):
        web.not_yet("`web` does not wait for `store` any more. Only the way back is too much.")
    ports = {port.outer for port in published(web)}
    if not ports:
        web.not_yet("`web` publishes no port.", "docker ps --all")
    if ports != {PORT}:
        wrong = min(ports - {PORT})
        web.not_yet(f"`web` is published on port {wrong}, not on {PORT} alone.", "docker ps --all")
    web.running()
    store.image("redis:alpine").running()
    at.answers(PORT, "nginx")
    return f"Four faults, four messages, and `web` answers on port {PORT}."


def setup(lab: Lab) -> None:
    make_project(lab, PROJECT, {"compose.yaml": FILE})
    remove(lab, EARLY)
    start(lab, EARLY, "nginx:alpine", None, ports={"80/tcp": TAKEN})


MENDED = """\
services:
  web:
    image: nginx:alpine
    ports:
      - "3000:80"
    depends_on:
      - store

  store:
    image: redis:alpine
"""


def up(lab: Lab, old: str = "", new: str = "") -> None:
    write(lab, PROJECT, "compose.yaml", MENDED.replace(old, new))
    compose(lab, PROJECT, "up -d")


def solve(lab: Lab) -> None:
    write(lab, PROJECT, ".env", "TAG=alpine\n")
    up(lab, "nginx:alpine", "nginx:${TAG}")


def early_evicted(lab: Lab) -> None:
    remove(lab, EARLY)
    lab.client.containers.create("nginx:alpine", name=EARLY, ports={"80/tcp": TAKEN})
    up(lab, "3000:80", "8080:80")


def other_port(lab: Lab) -> None:
    up(lab, "3000:80", "8081:80")


def nobody_waits(lab: Lab) -> None:
    up(lab, "    depends_on:\n      - store\n")


def store_thrown_out(lab: Lab) -> None:
    rest = MENDED[MENDED.index("    depends_on") :]
    up(lab, rest)


def no_port(lab: Lab) -> None:
    up(lab, '    ports:\n      - "3000:80"\n')


WRONG = (
    (early_evicted, "`early` is created but was never started"),
    (other_port, "on port 8081, not on 3000"),
    (nobody_waits, "does not wait for `store`"),
    (store_thrown_out, "`store` is gone"),
    (no_port, "publishes no port"),
)
