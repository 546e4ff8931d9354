from __future__ import annotations

import time

from course.checks import At, ContainerAt, Lab
from course.checks.make_image import make_image, remove_images
from course.checks.stage import remove

APP = """
    FROM node:24-alpine
    WORKDIR /usr/app
    COPY index.js .
    CMD ["node", "index.js"]
    """
SOURCE = """require("node:http").createServer((request, response) => response.end("Ahoy"))
  .listen(4000, () => console.log("listening"));
"""
LOOK = "docker ps"


def check(at: At) -> str:
    ship = at.container("ship").running().image("ahoy:1")
    published = ship.attrs["NetworkSettings"]["Ports"] or {}
    outside = [bound["HostPort"] for bound in published.get("4000/tcp") or []]
    if "8081" not in outside:
        say_what_is_published(ship, published, outside)
    at.answers(8081, "Ahoy")
    return (
        "Port 8081 of the Docker host leads to port 4000 in the container, where the app listens."
    )


def say_what_is_published(
    ship: ContainerAt, published: dict[str, list[dict[str, str]] | None], outside: list[str]
) -> None:
    if outside:
        ship.not_yet(f"Port 4000 is published, but at port {outside[0]} of the host.", LOOK)
    others = sorted(port for port, bound in published.items() if bound)
    if others:
        ship.not_yet(
            f"You published port {others[0].split('/')[0]} of the container. Does the app listen "
            "there? Its source says where.",
            "docker exec ship cat index.js",
        )
    ship.not_yet("No port of `ship` is published, so nothing from outside gets in.", LOOK)


def setup(lab: Lab) -> None:
    remove(lab, "ship")
    remove_images(lab, "ahoy:1")
    make_image(lab, "ahoy:1", APP, {"index.js": SOURCE})


def _run(lab: Lab, ports: dict[str, int]) -> None:
    remove(lab, "ship")
    ship = lab.client.containers.run("ahoy:1", name="ship", ports=ports, detach=True)
    for _ in range(200):
        if b"listening" in ship.logs():
            return
        time.sleep(0.05)


def solve(lab: Lab) -> None:
    _run(lab, {"4000/tcp": 8081})


def no_port(lab: Lab) -> None:
    _run(lab, {})


def the_app_s_usual_port(lab: Lab) -> None:
    _run(lab, {"8080/tcp": 8081})


def wrong_way_round(lab: Lab) -> None:
    _run(lab, {"8081/tcp": 4000})


def elsewhere(lab: Lab) -> None:
    _run(lab, {"4000/tcp": 8080})


WRONG = (
    (no_port, "No port of `ship` is published"),
    (the_app_s_usual_port, "Does the app listen there?"),
    (wrong_way_round, "You published port 8081 of the container"),
    (elsewhere, "at port 8080 of the host"),
)
