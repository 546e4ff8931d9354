from __future__ import annotations

import time
from typing import Any

from course.checks import At, ContainerAt, Lab, NotYet
from course.checks.answers import need, text_of
from course.checks.events import epoch
from course.checks.stage import ended, start, until_logged

SET = 'lab.task("3.6")'
LINES = 'lab.client.containers.get("diary").logs(stdout=False).splitlines()'
# Lines say nothing of their stream or their run: only the engine knows. The words are random,
# from inside, so that they are nowhere but in the log.
SCRIPT = """
echo run >> /runs
for n in 1 2 3; do
  for stream in 1 2; do
    echo "entry $(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' ')" >&$stream
  done
done
echo "entry $(head -c 6 /dev/urandom | od -An -tx1 | tr -d ' ')"
[ "$(wc -l < /runs)" -gt 1 ] || exit 1
echo done
exec sleep 3600
"""


def check(at: At, answer: object) -> str:
    diary = at.find("diary")
    if diary is None:
        at.not_attempted("There is no container `diary`. Set the stage first.", SET)
    if diary.file("/runs").count(b"run") != 2:
        at.not_yet("`diary` was started again, and its log went on. Set the stage anew.", SET)
    need("3.6", answer, "one line of the log")
    given = text_of(answer)
    if len(given.splitlines()) > 1:
        at.not_yet("These are several lines. The answer is one.", "docker logs --help")
    return judge(at, diary, given.split()[-1] if given else "")


def judge(at: At, diary: ContainerAt, given: str) -> str:
    errors, notes = words(diary, stderr=True), words(diary, stdout=True)
    before = words(diary, stderr=True, until=epoch(diary.attrs["State"]["StartedAt"]))
    if before and given == before[-1]:
        return f"`{given}` was the last word on stderr before the crash."
    if given in before:
        at.not_yet("That line came before the crash, on stderr, but others followed it.", LINES)
    if given in errors:
        at.not_yet(
            "That line is on stderr, but from after the restart. The time of the restart is in "
            '`attrs["State"]["StartedAt"]`.',
            "docker logs --timestamps diary",
        )
    if given in notes:
        at.not_yet(
            "`diary` wrote that to stdout. A log keeps both streams, and you can ask for one.",
            'lab.client.containers.get("diary").logs(stdout=False)',
        )
    raise NotYet(f"`diary` never wrote `{given[:40]}`.", "docker logs diary")


def words(
    diary: ContainerAt, stdout: bool = False, stderr: bool = False, **window: float
) -> list[str]:
    return [line.split()[-1] for line in diary.logs(stdout=stdout, stderr=stderr, **window) if line]


def setup(lab: Lab) -> None:
    diary = ended(start(lab, "diary", "busybox", ["sh", "-c", SCRIPT]))
    time.sleep(1.1)  # the gap that `until` in whole seconds needs
    diary.start()
    until_logged(diary, "done")


def log(lab: Lab, **options: Any) -> list[str]:
    diary = lab.client.containers.get("diary")
    output: bytes = diary.logs(**options)
    return output.decode().splitlines()


def restarted(lab: Lab) -> float:
    return epoch(lab.client.containers.get("diary").attrs["State"]["StartedAt"])


def solve(lab: Lab) -> object:
    return log(lab, stdout=False, until=restarted(lab))[-1]


def with_the_time(lab: Lab) -> object:
    return log(lab, stdout=False, timestamps=True, until=restarted(lab))[0]


def after_the_restart(lab: Lab) -> object:
    return log(lab, stdout=False)[-1]


def wrong_stream(lab: Lab) -> object:
    return log(lab, until=restarted(lab))[-1]


def whole_log(lab: Lab) -> object:
    return lab.client.containers.get("diary").logs()


def started_again(lab: Lab) -> object:
    answer = solve(lab)
    lab.client.containers.get("diary").restart(timeout=0)
    return answer


def guessed(lab: Lab) -> object:
    return "entry cafe"


WRONG = (
    (with_the_time, "others followed it"),
    (after_the_restart, "from after the restart"),
    (wrong_stream, "to stdout"),
    (whole_log, "several lines"),
    (started_again, "was started again"),
    (guessed, "never wrote"),
)
