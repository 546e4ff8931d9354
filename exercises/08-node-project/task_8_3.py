from __future__ import annotations

import io
from typing import Any

from course.catalogue import ROOT
from course.checks import At, ContainerAt, Lab
from course.checks.image import ImageAt, need_image
from course.checks.make_image import remove_images
from course.checks.stage import remove
from course.engine.files import tar

APP = ROOT / "exercises" / "simple-python-web"
FIRST, SECOND = "primes:1", "primes:2"
ROOTS = ("", "root", "0", "0:0", "root:root")
HISTORY = "docker history primes:2"


def check(at: At) -> str:
    first = need_image(at, FIRST)
    if first.config.get("User", "") in ROOTS:
        first.not_yet(f"A container of `{FIRST}` runs as root: the image names no other user.")
    if not (first.config.get("Healthcheck") or {}).get("Test"):
        first.not_yet(f"`{FIRST}` does not say how to test its health.")
    healthy(at, at.container("primes").running().image(FIRST))
    at.answers(8081, "I know 5000 primes")
    share(first, need_image(at, SECOND))
    return "Not root, tested by the engine, and a change of the source costs one small layer."


def healthy(at: At, primes: ContainerAt) -> None:
    status = (primes.attrs["State"].get("Health") or {}).get("Status", "none")
    if status == "starting":
        primes.not_yet(
            "`primes` is still `starting`: the engine has not tested it yet. Wait a bit."
        )
    if status != "healthy":
        log = (primes.attrs["State"].get("Health") or {}).get("Log") or [{}]
        said = str(log[-1].get("Output", "")).strip().splitlines()
        primes.not_yet(
            f"`primes` is `{status}`. The last test said: {said[-1] if said else 'nothing'}",
            "docker inspect primes",
        )


def share(first: ImageAt, second: ImageAt) -> None:
    if first.digests == second.digests:
        second.not_yet(f"`{SECOND}` has the very files of `{FIRST}`: change app.py before it.")
    shared = 0
    for one, other in zip(first.digests, second.digests, strict=False):
        if one != other:
            break
        shared += 1
    own = len(second.digests) - shared
    if own > 1:
        second.not_yet(
            f"{own} layers of `{SECOND}` are its own; one is enough. What app.py does not change "
            "comes first in the Dockerfile, and that includes what prepare.py writes.",
            HISTORY,
        )


def setup(lab: Lab) -> None:
    remove(lab, "primes")
    remove_images(lab, FIRST, SECOND)


PROBE = "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/health')"
GOOD = f"""FROM python:3.13-slim
WORKDIR /app
RUN useradd --system app
COPY prepare.py .
RUN python prepare.py
COPY app.py .
USER app
HEALTHCHECK --interval=1s CMD python -c "{PROBE}"
CMD ["python", "app.py"]
"""


def _build(lab: Lab, tag: str, dockerfile: str, more: str = "") -> None:
    files = {name: (APP / name).read_bytes() for name in ("app.py", "prepare.py")}
    files["app.py"] += more.encode()
    context = tar({"Dockerfile": dockerfile.encode(), **files}, 0o644)
    options: dict[str, Any] = {"custom_context": True, "rm": True, "tag": tag}
    lab.client.images.build(fileobj=io.BytesIO(context), **options)


def _run(lab: Lab, dockerfile: str, wait: bool = True) -> None:
    setup(lab)
    _build(lab, FIRST, dockerfile)
    _build(lab, SECOND, dockerfile, "\n# changed\n")
    ports = {"8080/tcp": 8081}
    primes = lab.client.containers.run(FIRST, name="primes", ports=ports, detach=True)
    for event in lab.client.events(decode=True, filters={"container": primes.id}) if wait else ():
        if str(event["Action"]).startswith("health_status"):
            return


def solve(lab: Lab) -> None:
    _run(lab, GOOD)


def as_root(lab: Lab) -> None:
    _run(lab, GOOD.replace("USER app\n", ""), wait=False)


def untested(lab: Lab) -> None:
    lines = [line for line in GOOD.splitlines(True) if not line.startswith("HEALTHCHECK")]
    _run(lab, "".join(lines), wait=False)


def wrong_door(lab: Lab) -> None:
    broken = GOOD.replace("/health", "/wealth").replace("interval=1s", "interval=1s --retries=1")
    _run(lab, broken)


def all_at_once(lab: Lab) -> None:
    _run(lab, GOOD.replace("COPY prepare.py .", "COPY prepare.py app.py ./"))


WRONG = (
    (as_root, "runs as root"),
    (untested, "does not say how to test its health"),
    (wrong_door, "is `unhealthy`"),
    (all_at_once, "one is enough"),
)
