from __future__ import annotations

import time
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.image import ImageAt, need_image
from course.checks.make_image import make_image, remove_images
from course.checks.stage import remove

IMAGE, NAME = "clinic:1", "clinic"
ROOT = ("", "0", "root")
IDLE = ("true", ":", "/bin/true", "exit 0", "echo")


def check(at: At) -> str:
    clinic = need_image(at, IMAGE)
    check_user(clinic)
    check_test(clinic)
    check_container(at)
    return "`clinic` is healthy by its own test, and nothing in it runs as root."


def check_user(clinic: ImageAt) -> None:
    user = str(clinic.config.get("User", "")).split(":")[0]
    if user in ROOT:
        clinic.not_yet(
            f"Containers of `{IMAGE}` run as root: the image names no other user.",
            f"docker image inspect --format 'user: {{{{.Config.User}}}}' {IMAGE}",
        )


def check_test(clinic: ImageAt) -> None:
    test = list((clinic.config.get("Healthcheck") or {}).get("Test") or [])
    if not test or test == ["NONE"]:
        clinic.not_yet(f"`{IMAGE}` has no HEALTHCHECK: the engine cannot know how it is.")
    command = " ".join(test[1:]).strip()
    if command in IDLE or command.startswith("echo "):
        clinic.not_yet(
            f"The HEALTHCHECK is `{command}`, which succeeds whatever the server does. Ask the "
            "server for its page."
        )


def check_container(at: At) -> None:
    clinic = at.container(NAME).image(IMAGE).running()
    user = str(clinic.attrs["Config"]["User"]).split(":")[0]
    if user in ROOT:
        clinic.not_yet("The image has a user, but `clinic` was started as root all the same.")
    check_health(clinic)


def check_health(clinic: ContainerAt) -> None:
    health = clinic.attrs["State"].get("Health") or {}
    look = "docker inspect --format '{{json .State.Health}}' clinic"
    if health.get("Status") == "healthy":
        return
    if not health:
        clinic.not_yet("`clinic` was started without its health check.", look)
    if health["Status"] == "starting":
        clinic.not_yet(
            "`clinic` is still `starting`. The first test comes one interval after the start: "
            "30 seconds, unless the HEALTHCHECK says otherwise.",
            look,
        )
    clinic.not_yet(f"`clinic` is unhealthy: its test failed {last_words(health)}.", look)


def last_words(health: dict[str, Any]) -> str:
    said = " ".join(str(health["Log"][-1]["Output"]).split()) if health.get("Log") else ""
    return f"and said `{said[:120]}`" if said else "and said nothing"


def setup(lab: Lab) -> None:
    remove(lab, NAME)
    remove_images(lab, IMAGE)


PAGE = "RUN mkdir /www && echo well > /www/index.html"
SERVE = 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]'
USER = "USER nobody"
OPTIONS = "--interval=1s --retries=1"
TEST = f"HEALTHCHECK {OPTIONS} CMD wget -q -O /dev/null http://127.0.0.1:8080/"


def build(lab: Lab, *instructions: str) -> None:
    make_image(lab, IMAGE, "\n".join(["FROM busybox", PAGE, *instructions, SERVE, ""]))


def run(lab: Lab, until: str = "", **options: Any) -> None:
    clinic = lab.client.containers.run(IMAGE, name=NAME, detach=True, **options)
    deadline = time.monotonic() + 15
    while until and time.monotonic() < deadline:
        clinic.reload()
        if clinic.attrs["State"].get("Health", {}).get("Status") == until:
            return
        time.sleep(0.1)


def solve(lab: Lab) -> None:
    build(lab, USER, TEST)
    run(lab, "healthy")


def as_root(lab: Lab) -> None:
    build(lab, TEST)
    run(lab, "healthy")


def no_test(lab: Lab) -> None:
    build(lab, USER)
    run(lab)


def always_well(lab: Lab) -> None:
    build(lab, USER, f"HEALTHCHECK {OPTIONS} CMD true")
    run(lab, "healthy")


def wrong_port(lab: Lab) -> None:
    build(lab, USER, TEST.replace("8080", "80"))
    run(lab, "unhealthy")


def slow_interval(lab: Lab) -> None:
    build(lab, USER, TEST.replace(OPTIONS, ""))
    run(lab)


def root_again(lab: Lab) -> None:
    build(lab, USER, TEST)
    run(lab, "healthy", user="root")


WRONG = (
    (as_root, "names no other user"),
    (no_test, "has no HEALTHCHECK"),
    (always_well, "succeeds whatever the server does"),
    (wrong_port, "its test failed"),
    (slow_interval, "is still `starting`"),
    (root_again, "as root all the same"),
)
