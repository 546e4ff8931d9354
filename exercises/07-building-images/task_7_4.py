from __future__ import annotations

import shlex

from course.checks import At, Lab
from course.checks.image import ImageAt, find_image, need_image
from course.checks.make_image import remove_images

IMAGE, BASE = "report:small", "busybox"
SUMMARY = "/work/summary.txt"
RAW = 12_000_000  # bytes that the analysis makes and nobody needs afterwards
BUDGET = 1_000_000  # bytes on top of the base
EXPECTED = f"{RAW} bytes looked through"
FILES = {
    "measure.sh": f"head -c {RAW} /dev/urandom > raw.dat\n",
    "summarise.sh": 'echo "$(wc -c < raw.dat) bytes looked through" > summary.txt\n',
    "Dockerfile": """FROM busybox
WORKDIR /work
COPY . .
RUN sh measure.sh
RUN sh summarise.sh
RUN rm raw.dat
CMD ["cat", "summary.txt"]
""",
}


def check(at: At) -> str:
    report = need_image(at, IMAGE)
    base = find_image(at, BASE)
    if base is None:
        pull = f"docker pull {BASE}"
        report.not_yet(f"There is no `{BASE}` here to compare with: pull it.", pull)
    check_size(report, base.size)
    check_summary(report)
    return f"`{IMAGE}` shows its summary, and holds next to nothing besides."


def check_size(report: ImageAt, base: int) -> None:
    # A megabyte more or less on a base of another size is nobody's fault.
    over = report.size - base - BUDGET
    if over <= 0:
        return
    extra = f"`{IMAGE}` takes {(report.size - base) / 1e6:.1f} MB more than `{BASE}`"
    look = f"docker history {IMAGE}"
    if report.read("/work/raw.dat") is not None:
        report.not_yet(f"{extra}: `/work/raw.dat` is still in it.", look)
    if any("/work/raw.dat" in layer.removed for layer in report.layers):
        report.not_yet(
            f"{extra}. `raw.dat` is hidden, not gone: the step that removes it makes a layer of "
            "its own, and the layer below keeps the file.",
            look,
        )
    if any("/work/huge.log" in layer.files for layer in report.layers):
        report.not_yet(f"{extra}: `huge.log` of the build context came along.", look)
    report.not_yet(f"{extra}, and the budget is 1 MB. Which step makes it so big?", look)


def check_summary(report: ImageAt) -> None:
    summary = report.read(SUMMARY)
    if summary is None:
        report.not_yet(
            f"`{IMAGE}` is small enough, but `{SUMMARY}` is not in it.",
            f"docker run --rm {IMAGE} ls /work",
        )
    if summary.decode(errors="replace").strip() != EXPECTED:
        report.not_yet(
            f"`{SUMMARY}` in `{IMAGE}` is not what `summarise.sh` finds in {RAW:,} bytes.",
            f"docker run --rm {IMAGE} cat {SUMMARY}",
        )
    words = [*report.words("Entrypoint"), *report.words("Cmd")]
    if "summary.txt" not in " ".join(words):
        report.not_yet(f"A container of `{IMAGE}` does not show `summary.txt`.")


def setup(lab: Lab) -> None:
    remove_images(lab, IMAGE)
    lab.client.images.pull(BASE, "latest")  # a build with BuildKit leaves no image of its base
    lab.run("rm -rf /report && mkdir /report")
    for name, content in FILES.items():
        lab.run(f"printf %s {shlex.quote(content)} > /report/{name}")
    lab.run("head -c 3000000 /dev/urandom > /report/huge.log")


def build(lab: Lab, dockerfile: str) -> None:
    lab.run(
        f"cd /report && printf %s {shlex.quote(dockerfile)} > Dockerfile && "
        f"docker build -t {IMAGE} ."
    )


STAGES = """FROM busybox AS build
WORKDIR /work
COPY . .
RUN sh measure.sh && sh summarise.sh
FROM busybox
COPY --from=build /work/summary.txt /work/
WORKDIR /work
CMD ["cat", "summary.txt"]
"""
ONE_STEP = """FROM busybox
WORKDIR /work
COPY measure.sh summarise.sh ./
RUN sh measure.sh && sh summarise.sh && rm raw.dat
CMD ["cat", "summary.txt"]
"""


def solve(lab: Lab) -> None:
    build(lab, STAGES)


def in_a_fresh_lab(lab: Lab) -> None:
    remove_images(lab, BASE)
    setup(lab)
    solve(lab)


def as_it_was(lab: Lab) -> None:
    build(lab, FILES["Dockerfile"])


def kept(lab: Lab) -> None:
    build(lab, FILES["Dockerfile"].replace("RUN rm raw.dat\n", ""))


def whole_context(lab: Lab) -> None:
    build(lab, ONE_STEP.replace("COPY measure.sh summarise.sh ./", "COPY . ."))


def nothing_left(lab: Lab) -> None:
    build(lab, ONE_STEP.replace("rm raw.dat", "rm *"))


def made_up(lab: Lab) -> None:
    build(
        lab, ONE_STEP.replace("sh measure.sh && sh summarise.sh && rm raw.dat", "touch summary.txt")
    )


def shows_nothing(lab: Lab) -> None:
    build(lab, STAGES.replace('CMD ["cat", "summary.txt"]\n', ""))


def nothing_to_compare(lab: Lab) -> None:
    solve(lab)
    remove_images(lab, BASE)


RIGHT = (in_a_fresh_lab,)
WRONG = (
    (as_it_was, "is hidden, not gone"),
    (kept, "is still in it"),
    (whole_context, "`huge.log` of the build context"),
    (nothing_left, "is not in it"),
    (made_up, "is not what"),
    (shows_nothing, "does not show"),
    (nothing_to_compare, "here to compare with"),
)
