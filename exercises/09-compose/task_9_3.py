from __future__ import annotations

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_project, write
from course.checks.project import services

PROJECT = "shift"
TRIES = 5
LOOK = "docker inspect --format '{{{{json .HostConfig.RestartPolicy}}}}' {}"
FILE = """\
services:
  web:
    image: busybox
    init: true
    command: sleep 3600
{web}
  report:
    image: busybox
    command: echo the report is done
{report}
  migrate:
    image: busybox
    command: echo the tables are changed
{migrate}
"""
GIVEN = {"web": "", "report": "", "migrate": "    restart: always\n"}
# What goes wrong with each policy that is not the right one.
WHY = {
    "web": {
        "no": "nobody starts it again when it crashes",
        "on-failure": "it stays away when it crashes with exit code 0",
        "always": "after a restart of the engine it runs again, though you had stopped it",
    },
    "report": {
        "no": "it is not tried again when it fails",
        "always": "it starts again and again, though the report is done",
        "unless-stopped": "it starts again and again, though the report is done",
    },
    "migrate": {
        "on-failure": "the tables are changed a second time when the first time went wrong",
        "always": "the tables are changed again and again",
        "unless-stopped": "the tables are changed again and again",
    },
}


def check(at: At) -> str:
    found = services(at, PROJECT)
    if not found:
        at.not_attempted(
            "Nothing of the project `shift` is there yet.",
            "docker compose --project-directory /shift ps --all",
        )
    for name, reasons in WHY.items():
        if name not in found:
            at.not_yet(f"The service `{name}` has no container: `docker compose up -d` makes it.")
        check_policy(found[name], name, reasons)
    check_tries(found["report"])
    return "Each of the three starts again when it should, and not otherwise."


def policy(service: ContainerAt) -> tuple[str, int]:
    found = service.attrs["HostConfig"]["RestartPolicy"]
    return found["Name"] or "no", int(found["MaximumRetryCount"])


def check_policy(service: ContainerAt, name: str, reasons: dict[str, str]) -> None:
    mine, _ = policy(service)
    if mine in reasons:
        service.not_yet(
            f"`{name}` has the policy `{mine}`: {reasons[mine]}.", LOOK.format(service.name)
        )


def check_tries(report: ContainerAt) -> None:
    _, tries = policy(report)
    if tries == 0:
        report.not_yet(
            "`report` is tried again without an end when it fails.", LOOK.format(report.name)
        )
    if tries != TRIES:
        report.not_yet(
            f"`report` is tried again at most {tries} times, not {TRIES}.",
            LOOK.format(report.name),
        )


def setup(lab: Lab) -> None:
    make_project(lab, PROJECT, {"compose.yaml": FILE.format(**GIVEN)})


def up(lab: Lab, web: str, report: str, migrate: str) -> None:
    lines = {"web": web, "report": report, "migrate": migrate}
    policies = {name: f"    restart: {policy}\n" for name, policy in lines.items()}
    write(lab, PROJECT, "compose.yaml", FILE.format(**policies))
    compose(lab, PROJECT, "create --pull missing")


def solve(lab: Lab) -> None:
    up(lab, "unless-stopped", "on-failure:5", '"no"')


def as_given(lab: Lab) -> None:
    compose(lab, PROJECT, "create --pull missing")


def always(lab: Lab) -> None:
    up(lab, "always", "on-failure:5", '"no"')


def on_failure(lab: Lab) -> None:
    up(lab, "on-failure", "on-failure:5", '"no"')


def without_end(lab: Lab) -> None:
    up(lab, "unless-stopped", "on-failure", '"no"')


def too_few(lab: Lab) -> None:
    up(lab, "unless-stopped", "on-failure:4", '"no"')


def report_again(lab: Lab) -> None:
    up(lab, "unless-stopped", "unless-stopped", '"no"')


def twice(lab: Lab) -> None:
    up(lab, "unless-stopped", "on-failure:5", "on-failure")


WRONG = (
    (as_given, "nobody starts it again"),
    (always, "though you had stopped it"),
    (on_failure, "crashes with exit code 0"),
    (without_end, "without an end"),
    (too_few, "at most 4 times"),
    (report_again, "though the report is done"),
    (twice, "a second time"),
)
