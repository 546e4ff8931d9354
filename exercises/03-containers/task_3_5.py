from __future__ import annotations

from course.checks import At, ContainerAt, Lab
from course.checks.stage import ended, make, start

MARK = {"course.stage": "3.5"}
KEEP = {"shop-1": "running", "shop-2": "running", "draft": "created", "nap": "paused"}
EXITED = {"job-1": 0, "job-2": 0, "job-3": 1}
SET = 'lab.task("3.5")'
WHY = {
    "shop-1": "It was running; `force=True` removes running ones too.",
    "shop-2": "It was running; `force=True` removes running ones too.",
    "draft": "It was created and never started; `prune` takes those along with the exited ones.",
    "nap": "It was paused, which is not exited: its processes are frozen, not gone.",
}


def check(at: At) -> str:
    found = {name: ours for name in (*KEEP, *EXITED) if (ours := at.find(name))}
    check_begun(at, found)
    check_kept(at, found)
    check_removed(at, found)
    return "The three exited ones are gone, and every other is as it was."


def check_begun(at: At, found: dict[str, ContainerAt]) -> None:
    if not found and at.destroyed(label="course.stage=3.5"):
        at.not_yet("All seven are gone, also those that had not exited. Start over.", SET)
    if not found:
        at.not_attempted("The containers of this task are not there. Set the stage first.", SET)
    if all(name in found for name in (*KEEP, *EXITED)) and as_set(found):
        at.not_attempted("All seven containers are still there.", "docker ps -a")


def as_set(found: dict[str, ContainerAt]) -> bool:
    return all(found[name].status == status for name, status in KEEP.items())


def check_kept(at: At, found: dict[str, ContainerAt]) -> None:
    for name, status in KEEP.items():
        if name not in found:
            at.not_yet(f"`{name}` is gone. {WHY[name]} Start over.", SET)
        ours = found[name]
        # A container made anew has another id and lacks the mark that only the stage gives.
        if not MARK.items() <= ours.labels.items():
            ours.not_yet(
                f"This `{name}` is a new one: the task's own was removed. Start over.", SET
            )
        if ours.status != status:
            ours.not_yet(f"`{name}` was {status} and is now {ours.status}. Start over.", SET)


def check_removed(at: At, found: dict[str, ContainerAt]) -> None:
    for name in EXITED:
        if name in found:
            code = found[name].exit_code
            at.not_yet(
                f"`{name}` has exited, with code {code}, and is still there.",
                "docker ps -a --filter status=exited",
            )


def setup(lab: Lab) -> None:
    jobs = [
        start(lab, name, "busybox", ["sh", "-c", f"exit {code}"], labels=MARK)
        for name, code in EXITED.items()
    ]
    for name in KEEP:
        make(lab, name, "busybox", ["sleep", "3600"], labels=MARK)
    for name in ("shop-1", "shop-2", "nap"):
        lab.client.api.start(name)
    lab.client.api.pause("nap")
    for job in jobs:
        ended(job)


def solve(lab: Lab) -> None:
    for container in lab.client.containers.list(all=True, filters={"status": "exited"}):
        container.remove()


def prune(lab: Lab) -> None:
    lab.client.containers.prune()


def everything(lab: Lab) -> None:
    for container in lab.client.containers.list(all=True):
        container.remove(force=True)


def only_success(lab: Lab) -> None:
    for container in lab.client.containers.list(all=True, filters={"exited": "0"}):
        if container.status == "exited":
            container.remove()


def all_that_do_not_run(lab: Lab) -> None:
    for container in lab.client.containers.list(all=True):
        if container.status not in ("running", "created"):
            container.remove(force=True)


def one_too_many(lab: Lab) -> None:
    solve(lab)
    shop = lab.client.containers.get("shop-1")
    shop.stop(timeout=0)
    shop.remove()


def woke_the_sleeper(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get("nap").unpause()


def made_anew(lab: Lab) -> None:
    prune(lab)
    lab.client.containers.create("busybox", "sleep 3600", name="draft")


WRONG = (
    (prune, "`prune` takes those along"),
    (everything, "All seven are gone"),
    (only_success, "`job-3` has exited"),
    (all_that_do_not_run, "frozen, not gone"),
    (one_too_many, "It was running"),
    (woke_the_sleeper, "was paused and is now running"),
    (made_anew, "is a new one"),
)
