from __future__ import annotations

import json

from course.checks import At, ContainerAt, Lab
from course.checks.stage import make, put, until_logged

ADDRESS = "localhost:5000"
CREDENTIALS = "~/.docker/config.json"
LOOK = f'lab.run("cat {CREDENTIALS}")'
# What `htpasswd -nbB learner anchor-7` prints. The registry understands bcrypt only.
HTPASSWD = "learner:$2b$05$AiGWMsBozk25rEcsXqwu3eLSWcuZQlMU3KX4pbMHPZ44xoKy7GdxW\n"
LOGIN = (
    f"%%host --may-fail\necho PASSWORD | docker login --username USER --password-stdin {ADDRESS}"
)
SET = 'lab.task("1.2")'


def check(at: At) -> str:
    registry = at.find("registry")
    if registry is None:
        at.not_attempted("There is no registry to log in to. Set the stage first.", SET)
    registry.running()
    auths = credentials(at)
    if ADDRESS not in (auths or {}):
        explain(at, registry, auths)
    secret = auths[ADDRESS].get("auth", "") if auths else ""
    if not at.host_accepts(f"http://{ADDRESS}/v2/", f"Basic {secret}"):
        at.not_yet(
            f"There are credentials for `{ADDRESS}`, but the registry does not accept them.", LOOK
        )
    return f"The registry accepts what `{CREDENTIALS}` holds for `{ADDRESS}`."


def credentials(at: At) -> dict[str, dict[str, str]] | None:
    text = at.host_file(CREDENTIALS)
    try:
        return None if text is None else dict(json.loads(text).get("auths", {}))
    except ValueError:
        at.not_yet(f"`{CREDENTIALS}` is no longer JSON.", LOOK)


def explain(at: At, registry: ContainerAt, auths: dict[str, dict[str, str]] | None) -> None:
    log = "\n".join(registry.logs())
    # Where each was last: only the latest attempt counts.
    let_in = log.rfind('"GET /v2/ HTTP/1.1" 200')
    refused = log.rfind("error authenticating user")
    if refused > let_in:
        at.not_yet(
            "The last log-in was refused (401): wrong user or password. Nothing is written then.",
            "docker logs registry",
        )
    if auths:
        at.not_yet(
            f"You are logged in to `{min(auths)}`, not to `{ADDRESS}`. Credentials are kept by "
            "the registry's name, so another name for the same machine does not count.",
            LOOK,
        )
    if let_in >= 0 and auths is None:
        at.not_yet(
            "The registry let you in, but no credentials were written: docker-py's `login` keeps "
            "them in memory. Log in with the CLI, on the lab's host.",
            LOGIN,
        )
    if auths is not None:
        at.not_yet("The credentials file names no registry: you have logged out again.", LOOK)
    at.not_attempted("Nobody has tried to log in to the registry yet.", LOGIN)


def setup(lab: Lab) -> None:
    lab.run(f"rm -f {CREDENTIALS}")
    registry = make(
        lab,
        "registry",
        "registry:3",
        None,
        ports={"5000/tcp": 5000},
        environment={
            "REGISTRY_AUTH": "htpasswd",
            "REGISTRY_AUTH_HTPASSWD_REALM": "lab",
            "REGISTRY_AUTH_HTPASSWD_PATH": "/htpasswd",
        },
    )
    put(registry, "/htpasswd", HTPASSWD)
    registry.start()
    until_logged(registry, "listening on")


def login(lab: Lab, address: str, password: str) -> None:
    lab.run(f"echo {password} | docker login --username learner --password-stdin {address}")


def solve(lab: Lab) -> None:
    login(lab, ADDRESS, "anchor-7")


def wrong_password(lab: Lab) -> None:
    login(lab, ADDRESS, "anchor-8")


def other_name(lab: Lab) -> None:
    login(lab, "127.0.0.1:5000", "anchor-7")


def logged_out_again(lab: Lab) -> None:
    login(lab, ADDRESS, "anchor-7")
    lab.run(f"docker logout {ADDRESS}")


def library_login(lab: Lab) -> None:
    # A client that has logged in before would not ask the registry again.
    lab.client.login("learner", "anchor-7", registry=f"http://{ADDRESS}", reauth=True)


def library_then_wrong_password(lab: Lab) -> None:
    library_login(lab)
    wrong_password(lab)


def written_by_hand(lab: Lab) -> None:
    auths = json.dumps({"auths": {ADDRESS: {"auth": "bGVhcm5lcjphbmNob3I="}}})
    lab.run(f"mkdir -p ~/.docker && echo '{auths}' > {CREDENTIALS}")


WRONG = (
    (wrong_password, "wrong user or password"),
    (library_then_wrong_password, "last log-in was refused"),
    (other_name, "logged in to `127.0.0.1:5000`"),
    (logged_out_again, "logged out again"),
    (library_login, "keeps them in memory"),
    (written_by_hand, "does not accept them"),
)
