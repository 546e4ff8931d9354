from __future__ import annotations

import json
import secrets
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_part, make_project, run, write
from course.checks.project import environment, replicas

PROJECT, PORT, VALUES = "lost", 8080, "/values/current"
SET = 'lab.task("11.2")'
KEYS = "docker exec lost-redis-1 redis-cli info keyspace"
ENVIRONMENT = "cd /lost; docker compose config"
COMPOSE = """\
name: lost

services:
  redis:
    image: redis:alpine

  server:
    image: complex-app-server
    command: ["node", "index.js"]
    environment:
      REDIS_URL: redis://redis:6379
    depends_on:
      - redis
    ports:
      - "8080:5000"

  worker:
    image: complex-app-worker
    command: ["node", "index.js"]
    environment:
      REDIS_URL: redis://redis:6379/1
    depends_on:
      - redis
"""


def check(at: At) -> str:
    found = replicas(at, PROJECT)
    if not {"redis", "server", "worker"} <= set(found):
        at.not_attempted("The project `lost` is not all there. Set the stage first.", SET)
    index = at.host_file("/lost/.index") or ""
    server, workers = found["server"][0].running(), found["worker"]
    values = values_of(at)
    if index not in values:
        check_database(server)
        at.not_yet(
            f"Redis does not know the index {index} any more: it was thrown away with what it "
            "held. Start over.",
            SET,
        )
    if values[index].get("value") is None:
        check_pending(at, index, workers)
    check_author(at, index, str(values[index].get("worker", "")), workers)
    return f"A worker has found the job, and the index {index} has its value."


def values_of(at: At) -> dict[str, Any]:
    answer = at.asked(PORT, VALUES)
    try:
        found = json.loads(answer.body if answer and answer.status == 200 else "")
    except ValueError:
        status = f"answers {answer.status}" if answer else "does not answer"
        at.not_yet(f"`{VALUES}` at port {PORT} {status}.", "docker logs lost-server-1")
    return dict(found)


def check_database(server: ContainerAt) -> None:
    if environment(server).get("REDIS_URL", "").endswith("/1"):
        server.not_yet(
            "Now the server looks where the worker did. What was handed in before is still in the "
            "other place, and nobody looks there.",
            KEYS,
        )


def check_pending(at: At, index: str, workers: list[ContainerAt]) -> None:
    words = f"The index {index} still has no value."
    for worker in workers:
        asked = environment(worker).get("REDIS_URL", "")
        if asked.endswith("/1") and not worker.happened("restart"):
            at.not_attempted(
                "The index that waits has no value, and the worker has nothing to do.", ENVIRONMENT
            )
        if asked.endswith("/1"):
            worker.not_yet(
                f"{words} The worker was started again, as it was: it waits in the same place.",
                ENVIRONMENT,
            )
        worker.running()
    at.not_yet(f"{words} What does the worker say?", "docker logs --tail 3 lost-worker-1")


def check_author(at: At, index: str, author: str, workers: list[ContainerAt]) -> None:
    if not author or not any(one.attrs["Id"].startswith(author) for one in at.containers()):
        at.not_yet(
            f"The index {index} has a value, and no worker of yours wrote it. Let the worker do "
            "its work.",
            "docker logs --tail 3 lost-worker-1",
        )
    if any(environment(one).get("REDIS_URL", "").endswith("/1") for one in workers):
        at.not_yet(
            "Some other worker has done this job. The project's own still waits in the wrong "
            "place.",
            ENVIRONMENT,
        )


def setup(lab: Lab) -> None:
    make_part(lab, "server")
    make_part(lab, "worker")
    index = str(secrets.randbelow(15) + 10)
    make_project(lab, PROJECT, {"compose.yaml": COMPOSE, ".index": index})
    compose(lab, PROJECT, "up --detach --quiet-pull")
    # What the server does with an index, but for the row: this project has no PostgreSQL.
    redis = "docker exec lost-redis-1 redis-cli"
    run(
        lab, f"for i in $(seq 100); do {redis} ping | grep -q PONG && exit; sleep 0.1; done; exit 1"
    )
    run(lab, f"{redis} hset values {index} '{{\"value\":null}}'")
    run(lab, f"{redis} xadd jobs '*' number {index} request {secrets.token_hex(16)}")
    until_answers(lab)


def until_answers(lab: Lab, text: str = "value") -> None:
    there = f"curl -s http://localhost:{PORT}{VALUES} | grep -q '{text}'"
    run(lab, f"for i in $(seq 100); do {there} && exit; sleep 0.1; done; exit 1")


def up(lab: Lab, old: str, new: str) -> None:
    write(lab, PROJECT, "compose.yaml", COMPOSE.replace(old, new))
    compose(lab, PROJECT, "up --detach")
    until_answers(lab, "{")


def solve(lab: Lab) -> None:
    up(lab, ":6379/1", ":6379")
    until_answers(lab, "worker")


def only_restarted(lab: Lab) -> None:
    compose(lab, PROJECT, "restart --timeout 1 worker")


def by_hand(lab: Lab) -> None:
    redis = lab.client.containers.get("lost-redis-1")
    index = run(lab, "cat /lost/.index")
    redis.exec_run(["redis-cli", "hset", "values", index, '{"value":55}'])


def server_to_the_worker(lab: Lab) -> None:
    up(lab, ":6379\n", ":6379/1\n")


def all_thrown_away(lab: Lab) -> None:
    compose(lab, PROJECT, "down --volumes --timeout 1")
    up(lab, ":6379/1", ":6379")


def another_name(lab: Lab) -> None:
    up(lab, "redis:6379/1", "cache:6379")


WRONG = (
    (only_restarted, "was started again, as it was"),
    (by_hand, "no worker of yours wrote it"),
    (server_to_the_worker, "the server looks where the worker did"),
    (all_thrown_away, "thrown away with what it held"),
    (another_name, "What does the worker say?"),
)
