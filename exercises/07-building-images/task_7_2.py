from __future__ import annotations

import secrets
import shlex

from course.checks import At, Lab
from course.checks.image import ImageAt, find_image, need_image
from course.checks.make_image import remove_images

FIRST, SECOND = "shop:1", "shop:2"
SOURCE, STOCK = "/shop/shop.sh", "/shop/stock.txt"
SET = 'lab.task("7.2")'
FILES = {
    "goods.txt": "apples\npears\n",
    "install.sh": "sleep 1\nsort goods.txt > stock.txt\necho {token} >> stock.txt\n",
    "shop.sh": 'echo "Welcome to the shop, version 1"\ncat stock.txt\n',
    "Dockerfile": """FROM busybox
WORKDIR /shop
COPY . .
RUN sh install.sh
CMD ["sh", "shop.sh"]
""",
}


def check(at: At) -> str:
    first = need_image(at, FIRST)
    check_whole(at, first)
    second = find_image(at, SECOND)
    if second is None:
        at.not_yet(
            f"`{FIRST}` is built. Change `shop.sh` now, and build `{SECOND}`.",
            "docker images shop",
        )
    check_whole(at, second)
    check_source(at, first, second)
    check_layers(at, first, second)
    return "The new source cost one layer; the installation came from the cache."


def check_whole(at: At, image: ImageAt) -> None:
    for path in (SOURCE, STOCK):
        if image.read(path) is None:
            at.not_yet(
                f"`{image.reference}` lacks `{path}`: every step of the task's Dockerfile must "
                "still be there, only their order is yours.",
                f"docker run --rm {image.reference} ls /shop",
            )


def check_source(at: At, first: ImageAt, second: ImageAt) -> None:
    if first.read(SOURCE) == second.read(SOURCE):
        at.not_yet(
            f"`shop.sh` is the same in `{FIRST}` and `{SECOND}`. Change it, then build `{SECOND}`.",
            "cat /shop/shop.sh",
        )


def check_layers(at: At, first: ImageAt, second: ImageAt) -> None:
    new = [digest for digest in second.digests if digest not in first.digests]
    if len(new) == 1:
        return
    look = f"docker history {SECOND}"
    installed = holds(second, STOCK)
    if second.digests[installed] not in new:
        at.not_yet(
            f"The installation came from the cache. But {len(new)} layers of `{SECOND}` are new: "
            "more than one step after it changes files.",
            look,
        )
    if holds(second, SOURCE) <= installed:
        at.not_yet(
            f"{len(new)} layers of `{SECOND}` are new, and the installation is one of them: "
            "`shop.sh` is copied before it, so a new `shop.sh` makes the cache useless from "
            "there on.",
            look,
        )
    if first.read(STOCK) != second.read(STOCK):
        at.not_yet(
            "The installation ran again, and gave another result: `goods.txt` or `install.sh` "
            "changed too. Start over.",
            SET,
        )
    at.not_yet(
        f"`shop.sh` comes after the installation, yet that ran again, with the same result: "
        f"`{SECOND}` was not built from the cache.",
        look,
    )


def holds(image: ImageAt, path: str) -> int:
    """Returns the number of the first layer with the file."""
    return next(n for n, layer in enumerate(image.layers) if path in layer.files)


def setup(lab: Lab) -> None:
    remove_images(lab, FIRST, SECOND)
    # A token of its own: what an earlier try left in the cache is of no use to this one.
    token = secrets.token_hex(4)
    lab.run("rm -rf /shop && mkdir /shop")
    for name, content in FILES.items():
        write(lab, name, content.replace("{token}", token))


def write(lab: Lab, name: str, content: str) -> None:
    lab.run(f"printf %s {shlex.quote(content)} > /shop/{name}")


GOOD = """FROM busybox
WORKDIR /shop
COPY goods.txt install.sh ./
RUN sh install.sh
COPY shop.sh ./
CMD ["sh", "shop.sh"]
"""


def build(lab: Lab, reference: str, options: str = "") -> None:
    lab.run(f"cd /shop && docker build {options} -t {reference} .")


def twice(lab: Lab, dockerfile: str, options: str = "") -> None:
    write(lab, "Dockerfile", dockerfile)
    build(lab, FIRST)
    lab.run("sed -i 's/version 1/version 2/' /shop/shop.sh")
    build(lab, SECOND, options)


def solve(lab: Lab) -> None:
    twice(lab, GOOD)


def as_it_was(lab: Lab) -> None:
    twice(lab, FILES["Dockerfile"])


def without_the_cache(lab: Lab) -> None:
    twice(lab, GOOD, "--no-cache")


def no_installation(lab: Lab) -> None:
    twice(lab, GOOD.replace("RUN sh install.sh\n", ""))


def no_change(lab: Lab) -> None:
    write(lab, "Dockerfile", GOOD)
    build(lab, FIRST)
    build(lab, SECOND)


def half_way(lab: Lab) -> None:
    write(lab, "Dockerfile", GOOD)
    build(lab, FIRST)


def other_goods(lab: Lab) -> None:
    write(lab, "Dockerfile", GOOD)
    build(lab, FIRST)
    lab.run("echo plums >> /shop/goods.txt; echo '# 2' >> /shop/shop.sh")
    build(lab, SECOND)


def two_steps_for_one(lab: Lab) -> None:
    twice(lab, GOOD.replace("CMD", "RUN chmod +x shop.sh\nCMD"))


WRONG = (
    (as_it_was, "is copied before it"),
    (without_the_cache, "was not built from the cache"),
    (no_installation, "lacks `/shop/stock.txt`"),
    (no_change, "is the same in"),
    (half_way, "Change `shop.sh` now"),
    (other_goods, "changed too"),
    (two_steps_for_one, "more than one step after it"),
)
