from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from docker.types import ConfigReference, SecretReference

from course.checks import At, Lab
from course.checks.make_service import forget, form, remove_services, serve, update
from course.checks.swarm_service import ServiceAt, file_of, need_swarm, service, services

NAME, OTHER, SECRET = "safe", "clerk", "pin"
SOURCE, PATH = "~/pin.txt", "/run/secrets/pin"
SET = 'lab.task("12b.4")'
SUM = "course.pin.sha256"
SLEEP = ["sleep", "3600"]


def check(at: At) -> str:
    need_swarm(at, SET)
    clerk, safe = service(at, OTHER), service(at, NAME)
    if clerk is None or SUM not in clerk.labels:
        at.not_attempted("The service `clerk` is not there. Set the stage first.", SET)
    if safe is None:
        at.not_attempted(f"There is no service `{NAME}` yet.", "docker service ls")
    check_told(safe, clerk.labels[SUM])
    check_seen(safe)
    for other in services(at):
        if other.name != NAME and any(seen.name == SECRET for seen in other.secrets()):
            other.not_yet(f"`{other.name}` is given the secret `{SECRET}` too.")
    found = file_of(at, safe.runs().running[0], PATH)
    if digest(found or "") != clerk.labels[SUM]:
        safe.not_yet(f"`{PATH}` in `{NAME}` does not hold the PIN of `{SOURCE}`.")
    if at.host_file(SOURCE) is not None:
        at.not_yet(f"`{SOURCE}` still lies on node1, for everybody who gets there.", f"rm {SOURCE}")
    return "`safe` reads the PIN; no other service does, and no description tells it."


def digest(text: str) -> str:
    return sha256(text.strip().encode()).hexdigest()


def check_told(safe: ServiceAt, wanted: str) -> None:
    """The value itself is in no part of the description."""
    words = [*safe.env.values(), *safe.labels.values()]
    command = (safe.container.get("Command") or []) + (safe.container.get("Args") or [])
    words += [part for word in command for part in str(word).split()]
    if any(digest(word) == wanted for word in words):
        safe.not_yet(
            "The PIN itself is in the description of `safe`, which everybody reads who may ask the "
            "engine."
        )


def check_seen(safe: ServiceAt) -> None:
    if any(config.path in (PATH, "/pin") or config.name == SECRET for config in safe.configs()):
        safe.not_yet("The PIN is a config: the engine tells what is in it to everybody who asks.")
    mine = [seen for seen in safe.secrets() if seen.name == SECRET]
    if not mine:
        safe.not_yet(f"`{NAME}` is given no secret `{SECRET}`.")
    if mine[0].path != PATH:
        safe.not_yet(f"`{NAME}` sees the secret as `{mine[0].path}`, not as `{PATH}`.")
    if mine[0].mode != 0o400:
        safe.not_yet(
            f"The file has the mode {mine[0].mode:04o}: whoever is in the container reads it, "
            "root or not. Asked for was 0400."
        )


def setup(lab: Lab) -> None:
    form(lab)
    remove_services(lab, NAME, OTHER)
    forget(lab, secrets=[SECRET], configs=[SECRET])
    pin = f"{secrets.randbelow(10**8):08}"
    lab.run(f"echo {pin} > {SOURCE}")
    serve(lab, OTHER, "busybox", SLEEP, labels={SUM: digest(pin)}, init=True)


def pin(lab: Lab) -> str:
    return lab.run(f"cat {SOURCE}")[1].decode().strip()


def keep(lab: Lab, value: str | None = None) -> Any:
    return lab.client.secrets.create(name=SECRET, data=(value or pin(lab)).encode())


def safe(lab: Lab, **options: Any) -> None:
    serve(lab, NAME, "busybox", SLEEP, init=True, **options)


def given(lab: Lab, target: str = "pin", mode: int = 0o400, value: str | None = None) -> None:
    made = keep(lab, value)
    safe(lab, secrets=[SecretReference(made.id, SECRET, filename=target, mode=mode)])


def solve(lab: Lab) -> None:
    given(lab)
    lab.run(f"rm {SOURCE}")


def in_the_environment(lab: Lab) -> None:
    safe(lab, env=[f"PIN={pin(lab)}"])


def anybody_reads(lab: Lab) -> None:
    given(lab, mode=0o444)


def other_file(lab: Lab) -> None:
    given(lab, target="the-pin")


def as_a_config(lab: Lab) -> None:
    made = lab.client.configs.create(name=SECRET, data=pin(lab).encode())
    safe(lab, configs=[ConfigReference(made.id, SECRET, filename=PATH, mode=0o400)])


def the_clerk_too(lab: Lab) -> None:
    given(lab)
    made = lab.client.secrets.list(filters={"name": SECRET})[0]
    update(lab, OTHER, secrets=[SecretReference(made.id, SECRET)])


def the_name_of_the_file(lab: Lab) -> None:
    given(lab, value=SOURCE)


def left_behind(lab: Lab) -> None:
    given(lab)


def not_given(lab: Lab) -> None:
    keep(lab)
    safe(lab)


WRONG = (
    (in_the_environment, "in the description of `safe`"),
    (anybody_reads, "has the mode 0444"),
    (other_file, "as `/run/secrets/the-pin`"),
    (as_a_config, "The PIN is a config"),
    (the_clerk_too, "`clerk` is given the secret"),
    (the_name_of_the_file, "does not hold the PIN"),
    (left_behind, "still lies on node1"),
    (not_given, "is given no secret"),
)
