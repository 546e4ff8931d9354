from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Any

from docker.types import SecretReference, UpdateConfig

from course.checks import At, Lab
from course.checks.make_service import forget, form, remove_services, serve, update
from course.checks.swarm_service import file_of, need_swarm, secret_names, service

NAME, OLD, NEW = "ledger", "key-1", "key-2"
FILE = "key"
PATH = f"/run/secrets/{FILE}"
SET = 'lab.task("12b.5")'
SUM = "course.key.sha256"


def check(at: At) -> str:
    need_swarm(at, SET)
    ledger = service(at, NAME)
    if ledger is None:
        at.not_attempted(f"There is no service `{NAME}`. Set the stage first.", SET)
    if SUM not in ledger.labels:
        ledger.not_yet(f"This `{NAME}` is a new service. Update the one that was there.", SET)
    kept, seen = secret_names(at), {one.path: one.name for one in ledger.secrets()}
    if NEW not in kept and seen.get(PATH) == OLD:
        at.not_attempted(f"There is no secret `{NEW}` yet.", "docker secret ls")
    if PATH not in seen:
        ledger.not_yet(f"Nothing is at `{PATH}` any more, and the program reads no other file.")
    if seen[PATH] != NEW:
        ledger.not_yet(f"`{PATH}` is still the secret `{seen[PATH]}`.")
    if OLD in seen.values():
        ledger.not_yet(f"`{NAME}` still sees the old key too, in another file.")
    if not ledger.runs().running or ledger.update not in ("completed", ""):
        ledger.not_yet("The update goes on. Check again in a few seconds.")
    found = file_of(at, ledger.running[0], PATH)
    if found is None:
        ledger.not_yet(f"There is no `{PATH}` in the running task.")
    if digest(found) == ledger.labels[SUM]:
        ledger.not_yet("The new secret holds the old key: whoever knew it still knows it.")
    if OLD in kept:
        at.not_yet(
            f"The swarm still keeps `{OLD}`, and gives it to any service.", "docker secret ls"
        )
    return "A new key at the old place, and the old one is nowhere."


def digest(text: str) -> str:
    return sha256(text.strip().encode()).hexdigest()


def setup(lab: Lab) -> None:
    form(lab)
    remove_services(lab, NAME)
    forget(lab, secrets=[OLD, NEW])
    value = secrets.token_hex(8)
    update_config = UpdateConfig(1, monitor=10**9)
    options: dict[str, Any] = {"labels": {SUM: digest(value)}, "update_config": update_config}
    make(lab, secrets=[keep(lab, OLD, value)], **options)


def make(lab: Lab, **options: Any) -> None:
    serve(lab, NAME, "busybox", ["sleep", "3600"], init=True, **options)


def keep(lab: Lab, name: str, value: str, file: str = FILE) -> SecretReference:
    made = lab.client.secrets.create(name=name, data=value.encode())
    return SecretReference(made.id, name, filename=file)


def give(lab: Lab, *references: SecretReference) -> None:
    update(lab, NAME, "completed", secrets=list(references))


def solve(lab: Lab) -> None:
    give(lab, keep(lab, NEW, secrets.token_hex(8)))
    forget(lab, secrets=[OLD])


def only_made(lab: Lab) -> None:
    keep(lab, NEW, secrets.token_hex(8))


def under_its_own_name(lab: Lab) -> None:
    give(lab, keep(lab, NEW, secrets.token_hex(8), file=NEW))


def beside_the_old(lab: Lab) -> None:
    old = lab.client.secrets.list(filters={"name": OLD})[0]
    give(lab, keep(lab, NEW, secrets.token_hex(8)), SecretReference(old.id, OLD))


def old_one_kept(lab: Lab) -> None:
    give(lab, keep(lab, NEW, secrets.token_hex(8)))


def same_key(lab: Lab) -> None:
    pid = lab.client.services.get(NAME).tasks({"desired-state": "running"})[0]
    host = lab.client.nodes.get(pid["NodeID"]).attrs["Description"]["Hostname"]
    number = pid["Status"]["ContainerStatus"]["PID"]
    value = lab.run(f"cat /proc/{number}/root{PATH}", host)[1].decode()
    give(lab, keep(lab, NEW, value))


def made_anew(lab: Lab) -> None:
    remove_services(lab, NAME)
    forget(lab, secrets=[OLD])
    make(lab, secrets=[keep(lab, NEW, secrets.token_hex(8))])


WRONG = (
    (only_made, "is still the secret `key-1`"),
    (under_its_own_name, "Nothing is at `/run/secrets/key` any more"),
    (beside_the_old, "still sees the old key too"),
    (old_one_kept, "still keeps `key-1`"),
    (same_key, "holds the old key"),
    (made_anew, "is a new service"),
)
