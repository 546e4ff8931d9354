from __future__ import annotations

import shlex

from course.checks import At, Lab
from course.checks.make_registry import make_registry, name_host, push
from course.checks.registry import StoreAt
from course.engine.certificates import make_identity

NAME, HOST, PORT = "safe", "safe.lab", 5444
ADDRESS = f"{HOST}:{PORT}"
IMAGE = f"{ADDRESS}/busybox:1"
AUTHORITY = f"/srv/{NAME}/ca.crt"
FOLDERS = "/etc/docker/certs.d"
TRUST = f"{FOLDERS}/{ADDRESS}"
SET = 'lab.task("13.3")'
LOOK = f"find {FOLDERS} -type f"
PUSH = f"%%host --may-fail\ndocker push {IMAGE}"


def check(at: At) -> str:
    safe, authority = at.find(NAME), at.host_file(AUTHORITY)
    if safe is None or not authority:
        at.not_attempted(f"There is no registry `{NAME}` yet. Set the stage first.", SET)
    safe.running()
    check_secure(at)
    line = authority.splitlines()[3]  # of the certificate, and of no other
    pushed = StoreAt(at, f"/srv/{NAME}/data").tags()
    if line not in at.host_files(TRUST, ".crt"):
        explain(at, at.host_find(line, FOLDERS), pushed)
    if "busybox:1" not in pushed:
        what = f"`{pushed[0]}` is there, but not" if pushed else "The engine trusts it. It lacks"
        at.not_yet(f"{what} `busybox:1`.", PUSH)
    return f"The engine checks who answers at `{ADDRESS}`, and its image has arrived."


def check_secure(at: At) -> None:
    known = at.client.info()["RegistryConfig"]["IndexConfigs"]
    if not known.get(ADDRESS, {}).get("Secure", True):
        at.not_yet(
            f"The engine counts `{ADDRESS}` among its insecure registries: it takes any "
            "certificate, also that of somebody in between. Trust the authority instead.",
            "docker info | grep -A 3 'Insecure Registries'",
        )


def explain(at: At, place: str, pushed: list[str]) -> None:
    folder, _, file = place.rpartition("/")
    if folder == TRUST:
        at.not_yet(
            f"The authority is in the right folder, as `{file}`. The engine reads files that end "
            "with `.crt` there.",
            LOOK,
        )
    if place:
        at.not_yet(
            f"The authority is in `{folder}`. The engine looks into a folder that is named like "
            "the registry in the image's name, port and all.",
            LOOK,
        )
    if pushed:
        at.not_yet(
            f"`{pushed[0]}` has arrived, but the engine does not trust `{ADDRESS}`. Under a name "
            "of the loopback it takes any certificate.",
            PUSH,
        )
    if at.host_tree(TRUST):
        at.not_yet(
            f"There is something in `{TRUST}`, but not the authority of `{AUTHORITY}`.", LOOK
        )
    at.not_attempted(f"The engine does not know the authority of `{ADDRESS}` yet.", PUSH)


def setup(lab: Lab) -> None:
    forget(lab)
    identity = make_identity(HOST)
    files = {
        "/certs/server.crt": identity.server.certificate.decode(),
        "/certs/server.key": identity.server.key.decode(),
    }
    settings = {"HTTP_TLS_CERTIFICATE": "/certs/server.crt", "HTTP_TLS_KEY": "/certs/server.key"}
    make_registry(lab, NAME, PORT, files, **settings)
    lab.run(f"echo {shlex.quote(identity.authority.decode())} > {AUTHORITY}")
    name_host(lab, HOST)
    lab.client.images.pull("busybox", "latest")


def forget(lab: Lab) -> None:
    lab.run(f"rm -rf {TRUST} {FOLDERS}/{HOST}")
    if ADDRESS in lab.client.info()["RegistryConfig"]["IndexConfigs"]:
        insecure(lab, "")


def insecure(lab: Lab, *names: str) -> None:
    """Lets the engine read its settings again, with these insecure registries, for once."""
    listed = ", ".join(f'"{name}"' for name in names if name)
    file = "/etc/docker/daemon.json"
    lab.run(
        f"mkdir -p /etc/docker; mv {file} {file}.kept 2>/dev/null; "
        f"echo '{{\"insecure-registries\": [{listed}]}}' > {file}; "
        f"pkill -HUP -x dockerd; sleep 0.5; rm {file}; mv {file}.kept {file} 2>/dev/null"
    )


def tag(lab: Lab, reference: str) -> None:
    repository, _, name = reference.rpartition(":")
    lab.client.images.get("busybox:latest").tag(repository, name)


def trust(lab: Lab, source: str, target: str) -> None:
    lab.run(f"mkdir -p $(dirname {target}) && cp {source} {target}")


def solve(lab: Lab) -> None:
    trust(lab, AUTHORITY, f"{TRUST}/ca.crt")
    tag(lab, IMAGE)
    push(lab, IMAGE)


def linked(lab: Lab) -> None:
    solve(lab)
    lab.run(f"ln -sf {AUTHORITY} {TRUST}/ca.crt")


def first_by_another_ending(lab: Lab) -> None:
    another_ending(lab)
    solve(lab)


def another_ending(lab: Lab) -> None:
    trust(lab, AUTHORITY, f"{TRUST}/ca.pem")


def without_the_port(lab: Lab) -> None:
    trust(lab, AUTHORITY, f"{FOLDERS}/{HOST}/ca.crt")


def by_the_loopback(lab: Lab) -> None:
    tag(lab, f"localhost:{PORT}/busybox:1")
    push(lab, f"localhost:{PORT}/busybox:1")


def another_authority(lab: Lab) -> None:
    own = make_identity("other.lab").authority.decode()
    lab.run(f"mkdir -p {TRUST}; echo {shlex.quote(own)} > {TRUST}/ca.crt")


def not_pushed(lab: Lab) -> None:
    trust(lab, AUTHORITY, f"{TRUST}/ca.crt")


def not_checked(lab: Lab) -> None:
    insecure(lab, ADDRESS)
    tag(lab, IMAGE)
    push(lab, IMAGE)


RIGHT = (linked, first_by_another_ending)
WRONG = (
    (another_ending, "end with `.crt`"),
    (without_the_port, "port and all"),
    (by_the_loopback, "name of the loopback"),
    (another_authority, "but not the authority of"),
    (not_pushed, "It lacks"),
    (not_checked, "takes any certificate, also"),
)
