from __future__ import annotations

import hashlib
import textwrap

from course.checks import At, Lab
from course.checks.image import ImageAt, find_image, need_image
from course.checks.make_image import make_image, remove_images

FIRST, SECOND = "press:1", "press:2"
TOKEN = "heron-4711"
SEAL = hashlib.sha512(TOKEN.encode()).hexdigest()
SET = 'lab.task("14.4")'
LEAKY = """\
    FROM alpine
    COPY token /tmp/token
    RUN sha512sum < /tmp/token > /seal
    RUN rm /tmp/token
    CMD ["cat", "/seal"]
    """


def check(at: At) -> str:
    if find_image(at, FIRST) is None:
        at.not_attempted(f"The image `{FIRST}` is not there. Set the stage first.", SET)
    others = {tag for image in at.client.api.images("press") for tag in image["RepoTags"] or []}
    if others <= {FIRST}:
        at.not_attempted(f"There is no image `{SECOND}` yet.", "docker images press")
    press = need_image(at, SECOND)
    check_layers(press)
    check_history(at, press)
    if (press.read("/seal") or b"").decode().split()[:1] != [SEAL]:
        press.not_yet(
            f"The secret is nowhere in `{SECOND}`. But its `/seal` is not the one that the secret "
            f"gives: it is to be as in `{FIRST}`.",
            f"docker run --rm {SECOND} cat /seal",
        )
    return "The builder had the secret, and the image has only what was made with it."


def check_layers(press: ImageAt) -> None:
    for number, layer in enumerate(press.layers, 1):
        for path, content in sorted(layer.files.items()):
            if TOKEN.encode() in content:
                gone = "A later one removes it, which hides it and no more."
                press.not_yet(
                    f"Layer {number} of `{SECOND}` holds the secret, in `{path}`. "
                    f"{gone if press.read(path) is None else 'It is still there to be read.'}",
                    f"docker history {SECOND}",
                )


def check_history(at: At, press: ImageAt) -> None:
    if any(TOKEN in str(step) for step in at.client.api.history(SECOND)):
        press.not_yet(
            f"The layers of `{SECOND}` are clean. Its history is not: a step there shows the "
            "secret to everybody.",
            f"docker history --no-trunc {SECOND}",
        )
    if TOKEN in str(press.config):
        press.not_yet(f"The configuration of `{SECOND}` holds the secret.")


def setup(lab: Lab) -> None:
    remove_images(lab, SECOND)
    lab.client.images.pull("alpine:latest")
    make_image(lab, FIRST, LEAKY, {"token": TOKEN})
    lab.run(f"rm -rf /press; mkdir -p /press; printf %s {TOKEN} > /press/token")
    write(lab, LEAKY)


def write(lab: Lab, dockerfile: str) -> None:
    lab.run(f"cat > /press/Dockerfile <<'END'\n{textwrap.dedent(dockerfile)}END\n")


def build(lab: Lab, dockerfile: str, options: str = "") -> None:
    write(lab, dockerfile)
    lab.run(f"cd /press && DOCKER_BUILDKIT=1 docker build -q {options} -t {SECOND} .")


def solve(lab: Lab) -> None:
    step = "RUN --mount=type=secret,id=token sha512sum < /run/secrets/token > /seal"
    build(lab, f"FROM alpine\n{step}\n", "--secret id=token,src=token")


def removed_in_the_same_step(lab: Lab) -> None:
    step = "RUN sha512sum < /tmp/token > /seal && rm /tmp/token"
    build(lab, f"FROM alpine\nCOPY token /tmp/token\n{step}\n")


def left_there(lab: Lab) -> None:
    build(lab, "FROM alpine\nCOPY token /tmp/token\nRUN sha512sum < /tmp/token > /seal\n")


def as_an_argument(lab: Lab) -> None:
    step = "RUN printf %s $TOKEN | sha512sum > /seal"
    build(lab, f"FROM alpine\nARG TOKEN\n{step}\n", f"--build-arg TOKEN={TOKEN}")


def without_the_seal(lab: Lab) -> None:
    build(lab, "FROM alpine\nRUN touch /seal\n")


def another_tag(lab: Lab) -> None:
    lab.client.images.get(FIRST).tag("press", "3")


WRONG = (
    (removed_in_the_same_step, "which hides it"),
    (left_there, "still there to be read"),
    (as_an_argument, "Its history is not"),
    (without_the_seal, "its `/seal` is not the one"),
    (another_tag, "There is `press:1`"),
)
