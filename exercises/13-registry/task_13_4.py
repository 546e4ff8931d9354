from __future__ import annotations

import contextlib
import json

from course.checks import At, ContainerAt, Lab
from course.checks.image import find_image
from course.checks.make_image import remove_images
from course.checks.make_registry import make_registry, push
from course.checks.registry import StoreAt
from course.errors import CourseError

NAME, PORT, USER, PASSWORD = "vault", 5012, "learner", "anchor-7"
ADDRESS = f"localhost:{PORT}"
IMAGE = f"{ADDRESS}/private/busybox:1.0"
CREDENTIALS = "~/.docker/config.json"
# What `htpasswd -nbB learner anchor-7` prints.
USERS = "learner:$2b$05$AiGWMsBozk25rEcsXqwu3eLSWcuZQlMU3KX4pbMHPZ44xoKy7GdxW\n"
AUTH = {"AUTH": "htpasswd", "AUTH_HTPASSWD_REALM": "vault", "AUTH_HTPASSWD_PATH": "/users"}
SET = 'lab.task("13.4")'
LOG = "docker logs --tail 5 vault"


def check(at: At) -> str:
    vault = at.find(NAME)
    if vault is None:
        at.not_attempted(f"There is no registry `{NAME}` yet. Set the stage first.", SET)
    vault.running()
    if "REGISTRY_AUTH=htpasswd" not in vault.attrs["Config"]["Env"]:
        vault.not_yet(
            f"`{NAME}` now lets everybody in. Nothing in it is private any more. Start over.", SET
        )
    if not StoreAt(at, f"/srv/{NAME}/data").digest("private/busybox", "1.0"):
        explain(at, vault)
    if ADDRESS in logins(at):
        at.not_yet(
            f"The image has arrived. Your password is still in `{CREDENTIALS}`, where everybody "
            "who can read the file can read it.",
            f"docker logout {ADDRESS}",
        )
    return f"`{IMAGE}` is in the registry, and only who has the password can pull it."


def logins(at: At) -> dict[str, object]:
    try:
        return dict(json.loads(at.host_file(CREDENTIALS) or "{}").get("auths", {}))
    except ValueError:
        at.not_yet(f"`{CREDENTIALS}` is no longer JSON.", f"cat {CREDENTIALS}")


def explain(at: At, vault: ContainerAt) -> None:
    stored = StoreAt(at, f"/srv/{NAME}/data").tags()
    if stored:
        at.not_yet(
            f"The registry has `{stored[0]}`, and not `private/busybox:1.0`.",
            f"docker tag busybox {IMAGE}",
        )
    log = "\n".join(vault.logs())
    if log.rfind("error authenticating user") > log.rfind('"GET /v2/ HTTP/1.1" 200'):
        vault.not_yet("The last one who came was refused (401): wrong user or password.", LOG)
    if find_image(at, IMAGE):
        at.not_yet(
            "The image has its name on your engine. The registry has nothing of it yet.",
            f"%%host --may-fail\ndocker push {IMAGE}",
        )
    at.not_attempted("The registry is empty, and no image is named after it.", LOG)


def setup(lab: Lab) -> None:
    lab.run(f"docker logout {ADDRESS}")
    make_registry(lab, NAME, PORT, {"/users": USERS}, **AUTH)
    lab.client.images.pull("busybox", "latest")
    remove_images(lab, IMAGE)


def tag(lab: Lab, reference: str) -> None:
    repository, _, name = reference.rpartition(":")
    lab.client.images.get("busybox:latest").tag(repository, name)


def solve(lab: Lab) -> None:
    tag(lab, IMAGE)
    push(lab, IMAGE, username=USER, password=PASSWORD)


def wrong_password(lab: Lab) -> None:
    tag(lab, IMAGE)
    with contextlib.suppress(CourseError):
        push(lab, IMAGE, username=USER, password="anchor-8")


def only_tagged(lab: Lab) -> None:
    tag(lab, IMAGE)


def another_name(lab: Lab) -> None:
    tag(lab, f"{ADDRESS}/busybox:1.0")
    push(lab, f"{ADDRESS}/busybox:1.0", username=USER, password=PASSWORD)


def still_logged_in(lab: Lab) -> None:
    tag(lab, IMAGE)
    lab.run(
        f"echo {PASSWORD} | docker login --username {USER} --password-stdin {ADDRESS}; "
        f"docker push {IMAGE}"
    )


def open_to_all(lab: Lab) -> None:
    make_registry(lab, NAME, PORT)
    tag(lab, IMAGE)
    push(lab, IMAGE)


WRONG = (
    (wrong_password, "wrong user or password"),
    (only_tagged, "has its name on your engine"),
    (another_name, "and not `private/busybox:1.0`"),
    (still_logged_in, "Your password is still in"),
    (open_to_all, "lets everybody in"),
)
