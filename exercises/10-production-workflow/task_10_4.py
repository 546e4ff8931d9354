from __future__ import annotations

import textwrap
from typing import Any

from docker.errors import NotFound

from course.checks import At, ContainerAt, Lab
from course.checks.image import ImageAt, find_image
from course.checks.make_project import run, write
from course.checks.stage import remove, start

PLACE = "localhost:5000/lighthouse"
LABEL = "pipeline.run"  # what the pipeline of this task leaves in its images
PAGES = (
    ("Tell the hours of the lamp", "The lamp burns from six to six"),
    ("The lamp follows the sun", "The lamp burns from dusk to dawn"),
    ("Tell the season too", "The lamp burns from undefined to undefined"),
)
DOCKERFILE = """FROM busybox
COPY index.html /www/
CMD ["httpd", "-f", "-p", "80", "-h", "/www"]
"""
LOG = "git -C /lighthouse log --abbrev=12 --format='%h %s'"


def check(at: At) -> str:
    lighthouse = at.container("lighthouse").running()
    number = which(at, lighthouse)
    if number == "3":
        at.not_attempted("`lighthouse` still runs the newest version.", "docker ps")
    if number == "1":
        lighthouse.not_yet(
            "That is the oldest version: two steps back, and one is enough. The commits tell the "
            "order, the tags do not.",
            LOG,
        )
    at.answers(8081, "from dusk to dawn")
    return "Back in a second, to the very image that served before. Nothing was built."


def which(at: At, lighthouse: ContainerAt) -> str:
    asked = str(lighthouse.attrs["Config"]["Image"])
    image = find_image(at, lighthouse.attrs["Image"])
    number = labels(image).get(LABEL) if image else None
    if number is None:
        lighthouse.not_yet(
            f"`lighthouse` runs `{asked}`, which the pipeline did not build. The registry has each "
            "version as it was tested: run that one.",
            "curl -s localhost:5000/v2/lighthouse/tags/list",
        )
    return str(number)


def labels(image: ImageAt) -> dict[str, str]:
    return dict(image.config.get("Labels") or {})


def setup(lab: Lab) -> None:
    remove(lab, "lighthouse", "brochure", "naive")
    registry(lab)
    run(lab, "rm -rf /lighthouse")
    write(lab, "lighthouse", "Dockerfile", DOCKERFILE)
    identity = "-c user.name=Keeper -c user.email=keeper@example.com"
    run(lab, "cd /lighthouse && git init -q 2>&1")
    for number, (message, page) in enumerate(PAGES, 1):
        write(lab, "lighthouse", "index.html", f"<h1>{page}</h1>\n")
        run(lab, f"cd /lighthouse && git add . && git {identity} commit -qm '{message}'")
        build(lab, number)
    run(lab, f"{NAMES} && docker run -d --name lighthouse -p 8081:80 $now")


# Shell words for the newest version and the one before, by the commits.
NAMES = f"""tag() {{ git -C /lighthouse rev-parse --short=12 "$1"; }}
now={PLACE}:$(tag HEAD) && before={PLACE}:$(tag HEAD~1) && first={PLACE}:$(tag HEAD~2)"""


def registry(lab: Lab) -> None:
    """The chapter's own registry, or one like it."""
    try:
        lab.client.containers.get("registry").start()
    except NotFound:
        ports: dict[str, Any] = {"5000/tcp": 5000}
        start(lab, "registry", "registry:3", None, ports=ports)
    wait = "--retry 40 --retry-delay 1 --retry-all-errors"
    run(lab, f"curl -s -o /dev/null {wait} localhost:5000/v2/")


def build(lab: Lab, number: int) -> None:
    """Builds and pushes what HEAD is; then it is only in the registry."""
    script = f"""
        cd /lighthouse && image={PLACE}:$(git rev-parse --short=12 HEAD)
        docker build -q --label {LABEL}={number} -t "$image" . > /dev/null 2>&1 &&
        docker push -q "$image" && docker rmi -f "$image" > /dev/null
        """
    run(lab, textwrap.dedent(script))


def _deploy(lab: Lab, image: str, port: int = 8081) -> None:
    script = f"docker rm -f lighthouse && docker run -d --name lighthouse -p {port}:80 {image} 2>&1"
    run(lab, f"{NAMES}\n{script}")


def solve(lab: Lab) -> None:
    _deploy(lab, "$before")


def too_far(lab: Lab) -> None:
    _deploy(lab, "$first")


def rebuilt(lab: Lab) -> None:
    folder = (
        "git -C /lighthouse checkout -q HEAD~1 && docker build -q -t lighthouse:old /lighthouse"
    )
    run(lab, f"{folder} 2>&1")
    run(lab, "docker rm -f lighthouse && docker run -d --name lighthouse -p 8081:80 lighthouse:old")


def other_port(lab: Lab) -> None:
    _deploy(lab, "$before", 3000)


WRONG = (
    (too_far, "That is the oldest version"),
    (rebuilt, "which the pipeline did not build"),
    (other_port, "Port 8081 does not answer"),
)
