from __future__ import annotations

from course.checks import At, Lab
from course.checks.image import ImageAt, need_image
from course.checks.make_image import make_image, remove_images

IMAGE = "look:1"
ENTRYPOINT, CMD = ["ls", "-l"], ["/etc"]
SHELL = ["/bin/sh", "-c"]


def check(at: At) -> str:
    look = need_image(at, IMAGE)
    first, rest = look.words("Entrypoint"), look.words("Cmd")
    if (first, rest) != (ENTRYPOINT, CMD):
        explain(look, first, rest)
    return "Whatever comes after the image's name takes the place of `/etc`, and of that only."


def explain(look: ImageAt, first: list[str], rest: list[str]) -> None:
    if first[:2] == SHELL:
        look.not_yet(
            "The ENTRYPOINT is in shell form: a shell runs it, and what comes after the image's "
            "name never reaches `ls`. Write it as a list."
        )
    if not first:
        look.not_yet(
            f"There is no ENTRYPOINT, so `docker run {IMAGE} /usr` replaces the whole command and "
            "tries to start a program `/usr`.",
            f"%%host --may-fail\ndocker run --rm {IMAGE} /usr",
        )
    if first == [*ENTRYPOINT, *CMD]:
        look.not_yet(
            f"The ENTRYPOINT holds everything, so `docker run {IMAGE} /usr` lists `/etc` as well "
            "as `/usr`. What may be replaced belongs elsewhere.",
            f"docker run --rm {IMAGE} /usr",
        )
    if first != ENTRYPOINT:
        look.not_yet(f"The ENTRYPOINT of `{IMAGE}` is {first}, and `ls -l` is to stay.")
    if rest[:2] == SHELL:
        look.not_yet(
            f"The CMD is in shell form, so `ls -l` is given `{' '.join(SHELL)}` to list. Write it "
            "as a list."
        )
    if not rest:
        look.not_yet(
            f"Without an argument, `{IMAGE}` lists the folder it starts in, not `/etc`: the "
            "default argument is missing.",
            f"docker run --rm {IMAGE}",
        )
    look.not_yet(f"The default argument of `{IMAGE}` is {rest}, and it is to be `/etc`.")


def setup(lab: Lab) -> None:
    remove_images(lab, IMAGE)


def build(lab: Lab, *instructions: str) -> None:
    make_image(lab, IMAGE, "\n".join(["FROM busybox", *instructions, ""]))


def solve(lab: Lab) -> None:
    build(lab, 'ENTRYPOINT ["ls", "-l"]', 'CMD ["/etc"]')


def only_cmd(lab: Lab) -> None:
    build(lab, 'CMD ["ls", "-l", "/etc"]')


def all_in_entrypoint(lab: Lab) -> None:
    build(lab, 'ENTRYPOINT ["ls", "-l", "/etc"]')


def shell_form(lab: Lab) -> None:
    build(lab, "ENTRYPOINT ls -l", 'CMD ["/etc"]')


def shell_form_of_the_rest(lab: Lab) -> None:
    build(lab, 'ENTRYPOINT ["ls", "-l"]', "CMD /etc")


def no_default(lab: Lab) -> None:
    build(lab, 'ENTRYPOINT ["ls", "-l"]')


def replaceable_option(lab: Lab) -> None:
    build(lab, 'ENTRYPOINT ["ls"]', 'CMD ["-l", "/etc"]')


def one_word(lab: Lab) -> None:
    build(lab, 'ENTRYPOINT ["ls", "-l"]', 'CMD ["/etc /usr"]')


WRONG = (
    (only_cmd, "There is no ENTRYPOINT"),
    (all_in_entrypoint, "holds everything"),
    (shell_form, "The ENTRYPOINT is in shell form"),
    (shell_form_of_the_rest, "The CMD is in shell form"),
    (no_default, "the default argument is missing"),
    (replaceable_option, "`ls -l` is to stay"),
    (one_word, "it is to be `/etc`"),
)
