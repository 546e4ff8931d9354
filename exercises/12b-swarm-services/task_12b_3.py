from __future__ import annotations

from typing import Any

from docker.types import RollbackConfig, UpdateConfig

from course.checks import At, Lab
from course.checks.make_service import form, remove_services, serve, update
from course.checks.swarm_service import is_rolled_back, need_swarm, service

NAME = "press"
SET = 'lab.task("12b.3")'
MARK = {"course.stage": "12b.3"}
PRINT = "trap exit TERM; while :; do sleep 1; done"
JAM = "echo paper jam >&2; exit 4"


def check(at: At) -> str:
    need_swarm(at, SET)
    press = service(at, NAME)
    if press is None:
        at.not_attempted(f"There is no service `{NAME}`. Set the stage first.", SET)
    if not MARK.items() <= press.labels.items():
        press.not_yet(f"This `{NAME}` is a new service. Bring back the one that was there.", SET)
    bad = press.env.get("EDITION") == "2"
    rolled_back = is_rolled_back(at, press)
    if bad and rolled_back:
        press.not_yet(
            "It was rolled back twice: a rollback swaps the two specifications, so the second one "
            "brings the bad edition again."
        )
    if bad and wanted(press.spec) == 0:
        press.not_yet("Nothing runs any more, good or bad. The specification is still the bad one.")
    if bad:
        at.not_attempted("`press` still has the bad specification.", f"docker service ps {NAME}")
    if press.update == "rollback_started":
        press.not_yet("The rollback goes on. Check again in a few seconds.")
    if not rolled_back:
        press.not_yet(
            f"Edition {press.env.get('EDITION')} came by one more update, written by hand. Here "
            "that is easily got wrong. Start over, and let the swarm go back by itself.",
            SET,
        )
    if wanted(press.spec) != 2 or len(press.runs().running) < 2:
        press.not_yet("Fewer than 2 tasks run.", f"docker service ps {NAME}")
    return "Both tasks print edition 1 again, and it took one command."


def wanted(spec: dict[str, Any]) -> int:
    return int(spec["Mode"]["Replicated"].get("Replicas", 0))


def config() -> dict[str, Any]:
    told = {"parallelism": 1, "monitor": 2 * 10**9, "order": "start-first"}
    update_config = UpdateConfig(failure_action="pause", **told)
    return {"update_config": update_config, "rollback_config": RollbackConfig(**told)}


def setup(lab: Lab) -> None:
    form(lab)
    remove_services(lab, NAME)
    options: dict[str, Any] = {"labels": MARK, "env": ["EDITION=1"]}
    serve(lab, NAME, "busybox", ["sh", "-c", PRINT], 2, **options, **config())
    update(lab, NAME, "paused", command=["sh", "-c", JAM], env=["EDITION=2"])


def back(lab: Lab, *, wait: bool = True) -> None:
    lab.run(f"docker service rollback {'--quiet' if wait else '--detach'} {NAME}")


def solve(lab: Lab) -> None:
    back(lab)


def forward(lab: Lab) -> None:
    update(lab, NAME, "completed", command=["sh", "-c", PRINT], env=["EDITION=1"])


def made_anew(lab: Lab) -> None:
    remove_services(lab, NAME)
    serve(lab, NAME, "busybox", ["sh", "-c", PRINT], 2, env=["EDITION=1"])


def to_nothing(lab: Lab) -> None:
    lab.client.services.get(NAME).scale(0)


def twice(lab: Lab) -> None:
    back(lab)
    back(lab, wait=False)


WRONG = (
    (forward, "came by one more update"),
    (made_anew, "is a new service"),
    (to_nothing, "Nothing runs any more"),
    (twice, "rolled back twice"),
)
