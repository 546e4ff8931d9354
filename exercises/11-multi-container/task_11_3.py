from __future__ import annotations

import time

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_part, make_project, write
from course.checks.network import networks_of
from course.checks.project import number, of_project, replicas
from course.checks.stage import remove

PROJECT, GIVEN, WANTED = "mill", "mill-worker", 3
SET = 'lab.task("11.3")'
LOOK = "cd /mill; docker compose ps worker"
COMPOSE = """\
name: mill

services:
  redis:
    image: redis:alpine

  worker:
    image: complex-app-worker
    container_name: mill-worker
    command: ["node", "index.js"]
    environment:
      REDIS_URL: redis://redis:6379
    depends_on:
      - redis
"""
DONE = "value written"


def check(at: At) -> str:
    found = replicas(at, PROJECT)
    if "redis" not in found:
        at.not_attempted("The project `mill` is not there. Set the stage first.", SET)
    workers = [one for one in found.get("worker", []) if one.status == "running"]
    check_strangers(at)
    check_begun(at, workers)
    if len(workers) != WANTED:
        at.not_yet(f"The service `worker` has {len(workers)} running, not {WANTED}.", LOOK)
    found["redis"][0].running()
    for worker in workers:
        check_work(worker)
    return f"{WANTED} workers, and each of them wrote at least one value."


def check_strangers(at: At) -> None:
    for one in at.containers():
        if of_project(one) != PROJECT and f"{PROJECT}_default" in networks_of(one):
            one.not_yet(
                f"`{one.name}` is on the project's network, but Compose did not make it: it is "
                "none of the service's, and the next `up` does not bring it back.",
                LOOK,
            )


def check_begun(at: At, workers: list[ContainerAt]) -> None:
    if [one.name for one in workers] == [GIVEN] and DONE not in str(workers[0].logs()):
        at.not_attempted("The service `worker` has one container, as it was given.", LOOK)


def check_work(worker: ContainerAt) -> None:
    if not any(DONE in line for line in worker.logs()):
        worker.not_yet(
            f"{WANTED} workers run, but number {number(worker)} has written no value. One job is "
            "one worker's: hand in several, faster than one of them can do.",
            f"docker logs {worker.name}",
        )


def setup(lab: Lab) -> None:
    make_part(lab, "worker")
    remove(lab, GIVEN, "mill-helper")
    make_project(lab, PROJECT, {"compose.yaml": COMPOSE})
    compose(lab, PROJECT, "up --detach --quiet-pull")


def hand_in(lab: Lab, *indexes: int) -> None:
    jobs = (f"XADD jobs * number {index} request me\\n" for index in indexes)
    redis = lab.client.containers.get("mill-redis-1")
    redis.exec_run(["sh", "-c", f"printf '{''.join(jobs)}' | redis-cli"])


def scale(lab: Lab, count: int) -> None:
    write(lab, PROJECT, "compose.yaml", COMPOSE.replace("    container_name: mill-worker\n", ""))
    compose(lab, PROJECT, f"up --detach --scale worker={count}")


def until_written(lab: Lab, names: list[str]) -> None:
    deadline = time.monotonic() + 30
    workers = [lab.client.containers.get(name) for name in names]
    while not all(DONE.encode() in one.logs() for one in workers):
        assert time.monotonic() < deadline, "the workers do not share the work"
        hand_in(lab, *[33] * len(names))
        time.sleep(0.5)


def solve(lab: Lab) -> None:
    scale(lab, 3)
    until_written(lab, [f"mill-worker-{n}" for n in (1, 2, 3)])


def one_too_few(lab: Lab) -> None:
    scale(lab, 2)


def no_work(lab: Lab) -> None:
    scale(lab, 3)


def only_work(lab: Lab) -> None:
    until_written(lab, [GIVEN])


def by_hand(lab: Lab) -> None:
    address = {"REDIS_URL": "redis://redis:6379"}
    options = {"name": "mill-helper", "network": "mill_default", "environment": address}
    lab.client.containers.run("complex-app-worker", detach=True, **options)


WRONG = (
    (one_too_few, "has 2 running, not 3"),
    (no_work, "has written no value"),
    (only_work, "has 1 running, not 3"),
    (by_hand, "Compose did not make it"),
)
