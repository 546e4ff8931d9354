from __future__ import annotations

import time

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_project, write
from course.checks.project import services, waits_for
from course.checks.stage import until_logged

PROJECT = "patience"
LOOK = "docker compose --project-directory /patience ps --all"
HEALTH = "docker inspect --format '{{json .State.Health}}' patience-redis-server-1"
FILE = """\
services:
  redis-server:
    image: redis:alpine
    command: sh -c "sleep 2; exec docker-entrypoint.sh redis-server"
{health}
  app:
    image: busybox
    init: true
    command: sh -c "echo PING | nc -w 1 redis-server 6379 | grep PONG && sleep 3600"
{app}
"""


def check(at: At) -> str:
    found = services(at, PROJECT)
    redis, app = found.get("redis-server"), found.get("app")
    if redis is None or app is None:
        at.not_attempted("The two services are not there yet: `docker compose up -d`.", LOOK)
    if app.attrs["HostConfig"]["RestartPolicy"]["Name"] not in ("", "no"):
        app.not_yet("`app` starts again whenever it gives up. It is to wait, and start once.")
    if not redis.attrs["Config"].get("Healthcheck"):
        check_begun(at, app)
        redis.not_yet("`redis-server` has no health check, so nobody can tell when it is ready.")
    check_test(redis)
    check_wait(app)
    health = redis.running().attrs["State"]["Health"]["Status"]
    if health != "healthy":
        redis.not_yet(f"`redis-server` is {health}. What did its health check say?", HEALTH)
    app.running()
    return "`app` was started when `redis-server` answered, and not before."


def check_begun(at: At, app: ContainerAt) -> None:
    if not waits_for(app):
        at.not_attempted("The two services are as they were given.", LOOK)


def check_test(redis: ContainerAt) -> None:
    words = " ".join(redis.attrs["Config"]["Healthcheck"].get("Test") or [])
    if "ping" not in words.lower():
        redis.not_yet(
            f"The health check of `redis-server` runs `{words}`, which does not ask Redis.", HEALTH
        )


def check_wait(app: ContainerAt) -> None:
    asked = waits_for(app)
    if "redis-server" not in asked:
        app.not_yet("`app` does not depend on `redis-server`: it is started at once.", LOOK)
    condition = asked["redis-server"]
    if condition != "service_healthy":
        app.not_yet(
            f"`app` waits for `{condition}`. A process that was started is not yet one that "
            "answers.",
            LOOK,
        )


def setup(lab: Lab) -> None:
    make_project(lab, PROJECT, {"compose.yaml": FILE.format(health="", app="")})


def up(lab: Lab, health: str, app: str) -> None:
    write(lab, PROJECT, "compose.yaml", FILE.format(health=health, app=app))
    compose(lab, PROJECT, "up -d")


CHECKED = """\
    healthcheck:
      test: redis-cli ping
      interval: 4s
"""
BLIND = CHECKED.replace("redis-cli ping", "exit 0")
STARTED = """\
    depends_on:
      - redis-server
"""
HEALTHY = """\
    depends_on:
      redis-server:
        condition: service_healthy
"""


def solve(lab: Lab) -> None:
    up(lab, CHECKED, HEALTHY)


def until_settled(lab: Lab) -> None:
    """Waits until the app has given up, or got its answer: nothing changes after that."""
    app = lab.client.containers.get("patience-app-1")
    deadline = time.monotonic() + 20
    while app.status != "exited" and b"PONG" not in app.logs() and time.monotonic() < deadline:
        time.sleep(0.05)
        app.reload()


def only_started(lab: Lab) -> None:
    up(lab, "", STARTED)
    until_settled(lab)


def not_asked(lab: Lab) -> None:
    up(lab, CHECKED, "")
    until_settled(lab)


def condition_forgotten(lab: Lab) -> None:
    up(lab, CHECKED, STARTED)
    until_settled(lab)


def again_and_again(lab: Lab) -> None:
    up(lab, "", "    restart: always\n")
    until_logged(lab.client.containers.get("patience-app-1"), "PONG", 30)


def checks_nothing(lab: Lab) -> None:
    up(lab, BLIND, HEALTHY)


WRONG = (
    (only_started, "has no health check"),
    (not_asked, "does not depend on"),
    (condition_forgotten, "waits for `service_started`"),
    (again_and_again, "starts again whenever"),
    (checks_nothing, "does not ask Redis"),
)
