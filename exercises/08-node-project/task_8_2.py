from __future__ import annotations

import time

from course.checks import At, Lab
from course.checks.make_image import make_image, remove_images
from course.checks.stage import forget_events, remove

APP = """
    FROM node:24-alpine
    WORKDIR /usr/app
    COPY index.js .
    CMD ["node", "index.js"]
    """
SOURCE = """require("node:http").createServer((request, response) => response.end("Ahoy"))
  .listen(4000, () => console.log("listening"));
"""
KILLED = 137


def check(at: At) -> str:
    tidy = at.container("tidy").image("ahoy:2")
    config = tidy.attrs["Config"]
    if [*(config["Entrypoint"] or []), *(config["Cmd"] or [])][-2:] != ["node", "index.js"]:
        tidy.not_yet("`tidy` runs another program. Leave the image's command as it is.")
    if tidy.status == "running":
        tidy.not_yet("`tidy` runs. Now stop it, with `docker stop` or `stop()`.", "docker ps")
    tidy.exited()
    events = tidy.happened()
    if not events:
        tidy.not_yet("The engine no longer remembers the stop. Start it and stop it once more.")
    if not any(event.action == "stop" for event in events):
        tidy.not_yet("`tidy` has ended, but nobody stopped it with `docker stop`.")
    if tidy.exit_code == KILLED:
        tidy.not_yet(
            "`tidy` ended with code 137: the signal SIGTERM did nothing to Node as process 1, and "
            "at the end of its grace the engine killed it. Something else has to be process 1."
        )
    return f"Stopped in good order, with code {tidy.exit_code}."


def setup(lab: Lab) -> None:
    remove(lab, "tidy")
    remove_images(lab, "ahoy:2")
    make_image(lab, "ahoy:2", APP, {"index.js": SOURCE})


def _stopped(lab: Lab, timeout: int = 10, **options: object) -> None:
    remove(lab, "tidy")
    tidy = lab.client.containers.run("ahoy:2", name="tidy", detach=True, **options)
    for _ in range(100):
        if b"listening" in tidy.logs():
            break
        time.sleep(0.05)
    tidy.stop(timeout=timeout)


def solve(lab: Lab) -> None:
    _stopped(lab, init=True)


def plain(lab: Lab) -> None:
    _stopped(lab, timeout=1)


def still_runs(lab: Lab) -> None:
    remove(lab, "tidy")
    lab.client.containers.run("ahoy:2", name="tidy", init=True, detach=True)


def another_program(lab: Lab) -> None:
    _stopped(lab, timeout=0, init=True, command=["sh", "-c", "echo listening; sleep 600"])


def killed(lab: Lab) -> None:
    remove(lab, "tidy")
    tidy = lab.client.containers.run("ahoy:2", name="tidy", init=True, detach=True)
    tidy.kill()
    tidy.wait()


def long_ago(lab: Lab) -> None:
    solve(lab)
    forget_events(lab)


WRONG = (
    (plain, "ended with code 137"),
    (still_runs, "Now stop it"),
    (another_program, "another program"),
    (killed, "nobody stopped it"),
    (long_ago, "no longer remembers"),
)
