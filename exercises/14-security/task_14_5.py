from __future__ import annotations

from pathlib import Path
from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.audit import audit
from course.checks.make_image import make_image
from course.checks.make_volume import fill, make_volume
from course.checks.stage import make, remove

IMAGE, NAME, DATA = "counter:1", "counter", "counter-data"
MARK = {"course.stage": "14.5"}
PASSWORD, FILE = "anchor-7", "/counter/password"
PLACE = "/run/secrets/password"
PORT, USER = 8080, "1000"
SET = 'lab.task("14.5")'
APP = Path(__file__).parent / "counter"
# What each part of the program's own test means when it fails, in the order of asking.
TESTS = {
    "alive": "Nothing answers on port 8080 of the Docker host.",
    "password": "`counter` runs, but does not know its password: it cannot read it, or was not "
    "told where it is.",
    "data": "`counter` cannot write to its count. Whose is the file in the volume, and who is the "
    "program now?",
    "count": "`counter` has lost its count: visitors are counted from the start again. They are in "
    f"the volume `{DATA}`.",
}


def check(at: At) -> str:
    counter = at.find(NAME)
    if counter is None or MARK.items() <= counter.labels.items():
        at.not_attempted(f"`{NAME}` is as it came, or not there.", f'lab.audit("{NAME}")')
    counter.image(IMAGE).running()
    check_test(at, counter)
    check_audit(counter)
    return "The audit passes, and the counter counts on: no wall was in its way."


def check_test(at: At, counter: ContainerAt) -> None:
    for part, message in TESTS.items():
        url = f"http://127.0.0.1:{PORT}/test/{part}"
        if not at.host_accepts(url, "none"):
            counter.not_yet(message, f"%%host --may-fail\ncurl -i {url}")


def check_audit(counter: ContainerAt) -> None:
    said = audit(counter.attrs)
    if not said.passed:
        first = said.worse[0]
        counter.not_yet(
            f"Its own test passes, the audit does not: {len(said.worse)} high or medium. The "
            f"first, {first.rule}: {first.found}.",
            f'lab.audit("{NAME}")',
        )


def setup(lab: Lab) -> None:
    remove(lab, NAME)
    for image in ("python:3.13-slim", "busybox:latest"):
        lab.client.images.pull(image)
    files = {"app.py": (APP / "app.py").read_text(encoding="utf-8")}
    make_image(lab, IMAGE, (APP / "Dockerfile").read_text(encoding="utf-8"), files)
    make_volume(lab, DATA)
    fill(lab, DATA, {"count": "41"})
    lab.run(f"mkdir -p /counter; echo {PASSWORD} > {FILE}; chown {USER} {FILE}; chmod 400 {FILE}")
    counter(
        lab,
        labels=MARK,
        privileged=True,
        pid_mode="host",
        volumes=[f"{DATA}:/data", "/var/run/docker.sock:/var/run/docker.sock", "/etc:/host/etc"],
        environment={"COUNTER_PASSWORD": PASSWORD},
    )


def counter(lab: Lab, **options: Any) -> None:
    make(lab, NAME, IMAGE, None, **{"ports": {"8080/tcp": PORT}, **options}).start()
    # Its test is asked next: it has to listen by then.
    lab.run(f"for i in $(seq 50); do curl -s localhost:{PORT}/test/alive && break; sleep 0.1; done")


def give_data(lab: Lab) -> None:
    helper = ["chown", "-R", USER, "/data"]
    volumes = [f"{DATA}:/data"]
    lab.client.containers.run("busybox", helper, volumes=volumes, remove=True)


WALLS: dict[str, Any] = {
    "user": USER,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "read_only": True,
    "mem_limit": "128m",
    "pids_limit": 50,
    "volumes": [f"{DATA}:/data", f"{FILE}:{PLACE}:ro"],
    "environment": {"COUNTER_PASSWORD_FILE": PLACE},
}


def hardened(lab: Lab, **options: Any) -> None:
    counter(lab, **{**WALLS, **options})


def solve(lab: Lab) -> None:
    give_data(lab)
    hardened(lab)


def root_as_ever(lab: Lab) -> None:
    hardened(lab, user="0", cap_drop=["ALL"], cap_add=["DAC_OVERRIDE"])


def data_not_given(lab: Lab) -> None:
    hardened(lab)


def another_volume(lab: Lab) -> None:
    make_volume(lab, "counter-new")
    fill(lab, "counter-new", {"count": "0"})
    volumes = ["counter-new:/new"]
    owner = ["chown", "-R", USER, "/new"]
    lab.client.containers.run("busybox", owner, volumes=volumes, remove=True)
    hardened(lab, volumes=["counter-new:/data", f"{FILE}:{PLACE}:ro"])


def password_in_a_variable(lab: Lab) -> None:
    give_data(lab)
    hardened(lab, environment={"COUNTER_PASSWORD": PASSWORD})


def password_forgotten(lab: Lab) -> None:
    give_data(lab)
    hardened(lab, volumes=[f"{DATA}:/data"])


def read_only_socket(lab: Lab) -> None:
    give_data(lab)
    socket = "/var/run/docker.sock:/var/run/docker.sock:ro"
    hardened(lab, volumes=[*WALLS["volumes"], socket])


def no_port(lab: Lab) -> None:
    give_data(lab)
    make(lab, NAME, IMAGE, None, **WALLS).start()


def as_before_without_privileges(lab: Lab) -> None:
    counter(lab, volumes=[f"{DATA}:/data"], environment={"COUNTER_PASSWORD": PASSWORD})


WRONG = (
    (root_as_ever, "1 high or medium. The first, user:"),
    (data_not_given, "cannot write to its count"),
    (another_volume, "lost its count"),
    (password_in_a_variable, "The first, secret: "),
    (password_forgotten, "does not know its password"),
    (read_only_socket, "The first, engine socket: "),
    (no_port, "Nothing answers on port 8080"),
    (as_before_without_privileges, "7 high or medium"),
)
