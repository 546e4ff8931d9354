from __future__ import annotations

from course.checks import At, Lab
from course.checks.image import ImageAt, find_image, need_image
from course.checks.make_image import make_image, remove_images

TAGS = ("greeter:1.0", "greeter:latest")
OTHER = "greeter:v1"
TEXT = "built by me"
FILE = "/greeting.txt"


def check(at: At) -> str:
    greeter = need_image(at, TAGS[0])
    check_file(greeter)
    check_command(greeter)
    check_tags(at, greeter)
    return "One image, two tags; and what it starts shows the file that a step of yours made."


def check_file(greeter: ImageAt) -> None:
    content = greeter.read(FILE)
    if content is None:
        greeter.not_yet(
            f"There is no file `{FILE}` in `greeter:1.0`. Which step makes it?",
            "docker history greeter:1.0",
        )
    if content.decode(errors="replace").strip() != TEXT:
        greeter.not_yet(
            f"`{FILE}` in `greeter:1.0` does not say `{TEXT}`.",
            f"docker run --rm greeter:1.0 cat {FILE}",
        )


def check_command(greeter: ImageAt) -> None:
    words = [*greeter.words("Entrypoint"), *greeter.words("Cmd")]
    if words == ["sh"]:
        greeter.not_yet(
            "`greeter:1.0` still starts `sh`, as its base does. Which instruction says what a "
            "container starts?"
        )
    if "cat" not in " ".join(words) or FILE not in " ".join(words):
        greeter.not_yet(f"`greeter:1.0` does not start `cat {FILE}`.")


def check_tags(at: At, greeter: ImageAt) -> None:
    other = find_image(at, TAGS[1])
    if other is None:
        greeter.not_yet(
            "`greeter:1.0` is right. Its second name, `greeter:latest`, is missing.",
            "docker images greeter",
        )
    if other.attrs["Id"] != greeter.attrs["Id"]:
        greeter.not_yet(
            "`greeter:1.0` and `greeter:latest` are two images: their ids differ. A tag is one "
            "more name for the same image.",
            "docker images greeter",
        )


def setup(lab: Lab) -> None:
    remove_images(lab, *TAGS, OTHER)


def build(lab: Lab, *instructions: str, tag: str = TAGS[0]) -> None:
    make_image(lab, tag, "\n".join(["FROM busybox", *instructions, ""]))


WRITE = f'RUN echo "{TEXT}" > {FILE}'
SHOW = f'CMD ["cat", "{FILE}"]'


def solve(lab: Lab) -> None:
    build(lab, WRITE, SHOW)
    lab.client.images.get(TAGS[0]).tag("greeter", "latest")


def no_second_tag(lab: Lab) -> None:
    build(lab, WRITE, SHOW)


def another_image(lab: Lab) -> None:
    build(lab, WRITE, SHOW)
    build(lab, WRITE, "LABEL again=yes", SHOW, tag=TAGS[1])


def no_command(lab: Lab) -> None:
    build(lab, WRITE)


def no_file(lab: Lab) -> None:
    build(lab, SHOW)


def other_text(lab: Lab) -> None:
    build(lab, f'RUN echo "hello" > {FILE}', SHOW)


def other_command(lab: Lab) -> None:
    build(lab, WRITE, f'CMD ["echo", "{TEXT}"]')


def other_tag(lab: Lab) -> None:
    build(lab, WRITE, SHOW, tag=OTHER)


WRONG = (
    (no_second_tag, "Its second name"),
    (another_image, "their ids differ"),
    (no_command, "still starts `sh`"),
    (no_file, "There is no file"),
    (other_text, "does not say"),
    (other_command, "does not start"),
    (other_tag, "but no image `greeter:1.0`"),
)
