from __future__ import annotations

import contextlib

from docker.errors import APIError

from course.checks import At, ContainerAt, Lab
from course.checks.answers import need, text_of
from course.checks.stage import start
from course.errors import CourseError

SET = 'lab.task("4.4")'
LOOK = "nsenter --help"
PORT = 7000
SERVE = ["httpd", "-f", "-p", f"127.0.0.1:{PORT}", "-h", "/www"]
# The words are made inside and lie on a tmpfs, so that nothing but the kernel's host and the
# server itself can read them. Then the container loses all of its programs.
WRITE = "echo word-$(head -c 4 /dev/urandom | od -An -tx1 | tr -d ' ') > /www/index.html"
STRIP = "rm -rf /bin"


def check(at: At, answer: object) -> str:
    vault, lobby = at.find("vault"), at.find("lobby")
    if vault is None or lobby is None:
        at.not_attempted("The containers `vault` and `lobby` are not there. Set the stage.", SET)
    need("4.4", answer, "the word that `vault` serves")
    vault.running()
    given = text_of(answer)
    check_failed(at, given)
    check_word(at, given, word(at, vault), word(at, lobby))
    return "You ran a program of another place in the network of `vault`."


def word(at: At, container: ContainerAt) -> str:
    pid = int(container.attrs["State"]["Pid"])
    page = (at.process_file(pid, "/www/index.html") if pid else None) or ""
    return page.strip()


def check_failed(at: At, given: str) -> None:
    if "executable file not found" in given:
        at.not_yet(
            "That is an error: `vault` has no program that `exec` could start. Bring one from "
            "elsewhere.",
            LOOK,
        )
    if not given or any(words in given for words in ("refused", "onnect to", "can't connect")):
        at.not_yet(
            f"Where you asked, nothing answers on 127.0.0.1:{PORT}. Each network namespace has a "
            "127.0.0.1 of its own: ask in that of `vault`.",
            LOOK,
        )


def check_word(at: At, given: str, right: str, decoy: str) -> None:
    if not right:
        at.not_yet("The word of `vault` is gone: it was started anew. Set the stage again.", SET)
    if decoy and decoy in given:
        at.not_yet("That is the word of `lobby`: the same address in another namespace.", LOOK)
    if right not in given:
        at.not_yet(f"`vault` does not serve `{given[:40]}`.", LOOK)


def setup(lab: Lab) -> None:
    for name in ("lobby", "vault"):
        container = start(lab, name, "busybox", SERVE, tmpfs={"/www": ""})
        code, output = container.exec_run(["sh", "-c", f"{WRITE} && {STRIP}"])
        if code:
            raise CourseError(f"Set up {name}.", str(output))


def curl(lab: Lab, name: str) -> str:
    pid = lab.client.containers.get(name).attrs["State"]["Pid"]
    return lab.run(f"nsenter -t {pid} -n curl -s http://127.0.0.1:{PORT}")[1].decode()


def solve(lab: Lab) -> object:
    return curl(lab, "vault")


def other_container(lab: Lab) -> object:
    return curl(lab, "lobby")


def on_the_host(lab: Lab) -> object:
    return lab.run(f"curl -sS http://127.0.0.1:{PORT}")


def by_exec(lab: Lab) -> object:
    return lab.client.containers.get("vault").exec_run(["wget", "-qO-", f"127.0.0.1:{PORT}"])


def guessed(lab: Lab) -> object:
    return "word-cafe"


def restarted(lab: Lab) -> object:
    answer = curl(lab, "vault")
    with contextlib.suppress(APIError):  # its program is gone
        lab.client.containers.get("vault").restart(timeout=0)
    return answer


WRONG = (
    (other_container, "the word of `lobby`"),
    (on_the_host, "nothing answers on 127.0.0.1:7000"),
    (by_exec, "no program that `exec` could start"),
    (guessed, "does not serve"),
    (restarted, "exited with code 127"),
)
