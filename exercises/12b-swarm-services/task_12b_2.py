from __future__ import annotations

from typing import Any

from docker.types import EndpointSpec, Healthcheck, UpdateConfig

from course.checks import At, ContainerAt, Lab
from course.checks.make_service import form, remove_services, serve, update
from course.checks.stage import remove, start, until_logged
from course.checks.swarm_service import ServiceAt, need_swarm, service

NAME, GUESTS, NETWORK = "bar", "guests", "bar-net"
SET = 'lab.task("12b.2")'
LOOK = f"docker logs --tail 20 {GUESTS}"
MARK = {"course.stage": "12b.2"}
IMAGE = "nginx:alpine"
SERVE = "echo drinks $MENU > /usr/share/nginx/html/index.html; sleep 3; exec nginx -g 'daemon off;'"
# They begin to count when the bar is open: 40 answers one after the other.
ASK = f"""\
ask() {{ wget -q -T 3 -O - http://{NAME} 2>/dev/null; }}
n=0
while [ $n -lt 40 ]; do if ask >/dev/null; then n=$((n+1)); else n=0; fi; done
echo open
while sleep 0.05; do
  now=$(ask || echo turned away)
  if [ "$now" != "$last" ] || [ "$now" = "turned away" ]; then echo "$now"; fi
  last=$now
done
"""
SECOND = 10**9  # nanoseconds


def check(at: At) -> str:
    need_swarm(at, SET)
    bar, guests = service(at, NAME), at.find(GUESTS)
    if bar is None and guests is None:
        at.not_attempted("Neither `bar` nor `guests` is there. Set the stage first.", SET)
    if bar is None or guests is None:
        gone = GUESTS if bar else NAME
        at.not_yet(f"`{gone}` is gone. Start over.", SET)
    check_same(bar, guests)
    said = guests.logs()
    lost = said.count("turned away")
    if bar.env.get("MENU") == "1" and not lost:
        at.not_attempted("`bar` still serves menu 1.", "docker service inspect --pretty bar")
    if lost:
        bar.not_yet(
            f"{lost} requests were turned away. The log of `{GUESTS}` keeps them: start over, "
            "and give the update what it needs to lose none.",
            SET,
        )
    check_done(bar, said)
    return "Menu 2 is served everywhere, and not one request was turned away."


def check_same(bar: ServiceAt, guests: ContainerAt) -> None:
    if not MARK.items() <= bar.labels.items():
        bar.not_yet(
            "This `bar` is a new service, or lost its labels. Update the one there was.", SET
        )
    if not MARK.items() <= guests.labels.items():
        guests.not_yet(
            f"This `{GUESTS}` is a new container: nobody knows what the old one saw.", SET
        )
    if guests.running() and len(bar.running) == 0:
        bar.runs()


def check_done(bar: ServiceAt, said: list[str]) -> None:
    status = f"docker service ps {NAME}"
    if bar.env.get("MENU") != "2":
        bar.not_yet(f"`{NAME}` serves menu `{bar.env.get('MENU')}`, not 2.")
    if bar.update == "paused":
        bar.not_yet("The update is paused: a new task failed.", status)
    if bar.update != "completed" or "drinks 2" not in said:
        bar.not_yet("The update goes on. Check again when it is complete.", status)
    if len(bar.running) < 2:
        bar.not_yet(f"`{NAME}` has {len(bar.running)} running task, not 2.", status)


def setup(lab: Lab) -> None:
    form(lab)
    remove(lab, GUESTS)
    remove_services(lab, NAME, networks=[NETWORK])
    lab.client.networks.create(NETWORK, driver="overlay", attachable=True)
    order = UpdateConfig(parallelism=1, order="stop-first", failure_action="pause")
    options: dict[str, Any] = {"labels": MARK, "env": ["MENU=1"], "update_config": order}
    endpoint = EndpointSpec(mode="dnsrr")
    command = ["sh", "-c", SERVE]
    serve(lab, NAME, IMAGE, command, 2, networks=[NETWORK], endpoint_spec=endpoint, **options)
    guests = start(lab, GUESTS, "busybox", ["sh", "-c", ASK], network=NETWORK, labels=MARK)
    until_logged(guests, "open", 40)


def healthy(test: str = "wget -q -O /dev/null http://localhost", **times: int) -> Healthcheck:
    wanted = {"interval": SECOND, "timeout": SECOND, "retries": 3, "start_period": 20 * SECOND}
    return Healthcheck(test=["CMD-SHELL", test], **(wanted | times))


def config(order: str = "start-first") -> UpdateConfig:
    return UpdateConfig(1, order=order, failure_action="pause", monitor=SECOND)


def solve(lab: Lab) -> None:
    options = {"healthcheck": healthy(), "update_config": config()}
    update(lab, NAME, "completed", env=["MENU=2"], **options)


def just_update(lab: Lab) -> None:
    update(lab, NAME, env=["MENU=2"])
    until_logged(lab.client.containers.get(GUESTS), "turned away", 40)


def made_anew(lab: Lab) -> None:
    remove_services(lab, NAME)
    options: dict[str, Any] = {"networks": [NETWORK], "endpoint_spec": EndpointSpec(mode="dnsrr")}
    serve(lab, NAME, IMAGE, ["sh", "-c", SERVE], 2, env=["MENU=2"], **options)


def nobody_asks(lab: Lab) -> None:
    lab.client.containers.get(GUESTS).stop(timeout=0)
    update(lab, NAME, env=["MENU=2"])


def other_guests(lab: Lab) -> None:
    remove(lab, GUESTS)
    start(lab, GUESTS, "busybox", ["sleep", "600"], network=NETWORK)
    update(lab, NAME, env=["MENU=2"])


def never_healthy(lab: Lab) -> None:
    hopeless = healthy("exit 1", interval=SECOND // 5, retries=1, start_period=0)
    update(lab, NAME, "paused", env=["MENU=2"], healthcheck=hopeless, update_config=config())


def too_early(lab: Lab) -> None:
    update(lab, NAME, env=["MENU=2"], healthcheck=healthy(), update_config=config())


def another_menu(lab: Lab) -> None:
    options = {"healthcheck": healthy(), "update_config": config()}
    update(lab, NAME, env=["MENU=3"], **options)


WRONG = (
    (just_update, "requests were turned away"),
    (made_anew, "is a new service"),
    (nobody_asks, "`guests` is not running"),
    (other_guests, "is a new container"),
    (never_healthy, "The update is paused"),
    (too_early, "The update goes on"),
    (another_menu, "serves menu `3`"),
)
