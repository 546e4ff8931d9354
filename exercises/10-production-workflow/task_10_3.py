from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from course.checks import At, Lab
from course.checks.events import Happened, happened
from course.checks.make_image import remove_images
from course.checks.make_project import run, write
from course.checks.stage import remove

SCRIPT = "/quay/release.sh"
RELEASE = """#!/bin/sh
# Builds the price list, tests it, and releases it.
cd /quay
docker build --quiet --tag quay:new .
docker run --rm quay:new node --test | tee test.log
docker rm --force quay
docker run --detach --name quay quay:new
"""
PRICE = """module.exports = (nights) => 4 * nights;
"""
TEST = """const assert = require("node:assert");
const { test } = require("node:test");
const price = require("./price.js");

test("a berth costs 4 a night", () => assert.equal(price(2), 8));
"""
LIST = """const price = require("./price.js");
console.log(`A berth for 2 nights: ${price(2)}`);
setInterval(() => {}, 1000);
"""
DOCKERFILE = """FROM node:24-alpine
WORKDIR /usr/app
COPY *.js ./
CMD ["node", "list.js"]
"""
FILES = {"price.js": PRICE, "price.test.js": TEST, "list.js": LIST, "Dockerfile": DOCKERFILE}
WRONG_PRICE = PRICE.replace("4 * nights", "4 + nights")
LOOK = f"cat {SCRIPT}"
FAILED, PASSED, RELEASED = "failed", "passed", "released"


def check(at: At) -> str:
    text = at.host_file(SCRIPT)
    if text is None:
        at.not_yet(f"`{SCRIPT}` is gone. `lab.task` sets the stage again.")
    if text == RELEASE:
        at.not_attempted(f"`{SCRIPT}` is as it was.", LOOK)
    it_stopped(at, story(at))
    quay = at.container("quay").running()
    if not any(line == "A berth for 2 nights: 8" for line in quay.logs()):
        quay.not_yet("`quay` still tells a wrong price.", "docker logs quay")
    return "A test that fails ends the release, and one that passes lets it go on."


def it_stopped(at: At, said: list[str]) -> None:
    if not said:
        at.not_yet(
            f"You changed `{SCRIPT}`, and have run no test with it since. Run it: the price is "
            "still wrong, so it must stop.",
            "%%host --may-fail\nsh /quay/release.sh",
        )
    if FAILED not in said:
        no_test_failed(at, said)
    after = said[said.index(FAILED) :]
    until = after.index(PASSED) if PASSED in after else len(after)
    if RELEASED in after[:until]:
        at.not_yet(
            "The test failed, and the release went on. A shell goes on after a failure unless told "
            "otherwise; and in a pipe, `a | b`, it only looks at how `b` ended.",
            LOOK,
        )
    if RELEASED not in after[until:]:
        at.not_yet(
            "It stopped at the failing test: well done. Now mend `/quay/price.js`, and run it "
            "again: then it must release.",
            "cat /quay/price.js",
        )


def no_test_failed(at: At, said: list[str]) -> NoReturn:
    if PASSED not in said:
        at.not_yet("It releases without a test now. Let it test, and stop when that fails.", LOOK)
    at.not_yet(
        "No test has failed since you changed the script, so nothing shows that it would stop. "
        "Break the price once more (`4 + nights`), and run it.",
        LOOK,
    )


def story(at: At) -> list[str]:
    """What the script did since it was changed: tests that failed and passed, releases."""
    since = float(at.host_changed(SCRIPT) or 0)
    return list(told(happened(at.client, since)))


def told(events: Iterable[Happened]) -> Iterable[str]:
    for event in events:
        is_quay = event.attributes.get("name") == "quay"
        if event.action == "start" and is_quay:
            yield RELEASED
        ours = event.attributes.get("image", "").startswith("quay:")
        if event.action == "die" and ours and not is_quay:
            yield PASSED if event.attributes.get("exitCode") == "0" else FAILED


def setup(lab: Lab) -> None:
    remove(lab, "quay")
    remove_images(lab, "quay:new")
    run(lab, "rm -rf /quay")
    for name, content in FILES.items():
        write(lab, "quay", name, content)
    write(lab, "quay", "price.js", WRONG_PRICE)
    # What the script made of it, released: by hand, so that no event of ours looks like its own.
    run(lab, "docker build -q -t quay:new /quay 2>&1 && docker run -d --name quay quay:new")
    write(lab, "quay", "release.sh", RELEASE)
    # A file's time is told in whole seconds: what the learner does is to begin in the next one.
    run(lab, f"touch -d '1 hour ago' {SCRIPT} && sleep 1")


MENDED = RELEASE.replace("cd /quay", "set -eu\ncd /quay").replace(" | tee test.log", "")


def _release(lab: Lab, script: str) -> None:
    write(lab, "quay", "release.sh", script)
    _again(lab)


def _again(lab: Lab) -> None:
    lab.run(f"sh {SCRIPT} < /dev/null")


def _mend_price(lab: Lab) -> None:
    write(lab, "quay", "price.js", PRICE)


def solve(lab: Lab) -> None:
    _release(lab, MENDED)
    _mend_price(lab)
    _again(lab)


def errors_only(lab: Lab) -> None:
    _release(lab, MENDED.replace("node --test", "node --test | tee test.log"))


def no_test(lab: Lab) -> None:
    _release(lab, "\n".join(line for line in MENDED.splitlines() if "--test" not in line))


def not_run(lab: Lab) -> None:
    write(lab, "quay", "release.sh", MENDED)


def never_failed(lab: Lab) -> None:
    _mend_price(lab)
    _release(lab, MENDED)


def only_stopped(lab: Lab) -> None:
    _release(lab, MENDED)


WRONG = (
    (errors_only, "the release went on"),
    (no_test, "without a test"),
    (not_run, "have run no test with it since"),
    (never_failed, "No test has failed"),
    (only_stopped, "Now mend"),
)
