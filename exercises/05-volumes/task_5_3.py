from __future__ import annotations

from course.checks import At, Lab
from course.checks.make_volume import make_volume, remove_labelled, remove_volumes
from course.checks.stage import ended, make, remove
from course.checks.volume import VolumeAt, is_made_up, labelled, users

LABEL = "course.stage=5.3"
MARK = {"course.stage": "5.3"}
CONTAINERS = {"press": "running", "proof": "exited", "plate": "created"}
USED = {"press-data": "press", "proof-data": "proof", "plate-data": "plate"}
KEPT, LEFT = "vault", ("draft-1", "draft-2")
UNNAMED = 2
SET = 'lab.task("5.3")'
LOOK = "docker volume ls --filter label=course.stage=5.3"
DANGLING = f"{LOOK} --filter dangling=true"


def check(at: At) -> str:
    have = {volume.name: volume for volume in labelled(at, LABEL)}
    check_begun(at, have)
    check_used(at, have)
    check_kept(at, have)
    check_left(at, have)
    return "What nobody had is gone, what somebody has is there, and so is `vault`."


def check_begun(at: At, have: dict[str, VolumeAt]) -> None:
    if not have and any(at.find(name) for name in CONTAINERS):
        at.not_yet("All volumes of this task are gone, also those in use. Start over.", SET)
    if not have and not at.destroyed(label=LABEL):
        at.not_attempted("The volumes of this task are not there. Set the stage first.", SET)
    unnamed = sum(map(is_made_up, have))
    if unnamed == UNNAMED and {*USED, *LEFT, KEPT} <= set(have):
        at.not_attempted("All volumes of this task are still there.", LOOK)


def check_used(at: At, have: dict[str, VolumeAt]) -> None:
    for name, owner in USED.items():
        if name not in have:
            at.not_yet(
                f"`{name}` is gone, or a new one of that name is there. The container `{owner}` "
                f"was {CONTAINERS[owner]}, and had it: in use is also what no process has open. "
                "Start over.",
                SET,
            )
        if owner not in users(at, name):
            at.not_yet(f"`{name}` is there, but its container `{owner}` is gone. Start over.", SET)


def check_kept(at: At, have: dict[str, VolumeAt]) -> None:
    if KEPT not in have:
        at.not_yet(
            f"`{KEPT}` is gone: no container had it, and it was to stay. The engine cannot know "
            "what you still need. Start over.",
            SET,
        )


def check_left(at: At, have: dict[str, VolumeAt]) -> None:
    named = [name for name in LEFT if name in have]
    unnamed = [name for name in have if is_made_up(name)]
    if named and not unnamed:
        at.not_yet(
            f"The orphans without a name are gone. `{named[0]}` is one too: it has a name, and "
            "no container.",
            DANGLING,
        )
    if named:
        at.not_yet(f"`{named[0]}` is still there, and no container has it.", DANGLING)
    if unnamed:
        at.not_yet(
            f"`{unnamed[0][:12]}…` is still there. Nobody named it, and no container has it.",
            DANGLING,
        )


def setup(lab: Lab) -> None:
    remove(lab, *CONTAINERS)
    remove_labelled(lab, LABEL)
    # One of these names without the label is a learner's attempt to put something back.
    remove_volumes(lab, *USED, *LEFT, KEPT)
    for name in (*USED, *LEFT, KEPT, *[None] * UNNAMED):
        make_volume(lab, name, labels=MARK)
    for volume, owner in USED.items():
        command = ["sleep", "3600"] if owner == "press" else ["true"]
        make(lab, owner, "busybox", command, volumes=[f"{volume}:/data"], labels=MARK)
    lab.client.api.start("press")
    lab.client.api.start("proof")
    ended(lab.client.containers.get("proof"))


def ours(lab: Lab) -> list[str]:
    filters = {"label": LABEL, "dangling": True}
    return [volume.name for volume in lab.client.volumes.list(filters=filters)]


def solve(lab: Lab) -> None:
    for name in ours(lab):
        if name != KEPT:
            lab.client.volumes.get(name).remove()


def prune_everything(lab: Lab) -> None:
    for name in ours(lab):
        lab.client.volumes.get(name).remove()


def prune_unnamed(lab: Lab) -> None:
    for name in filter(is_made_up, ours(lab)):
        lab.client.volumes.get(name).remove()


def only_named(lab: Lab) -> None:
    for name in LEFT:
        lab.client.volumes.get(name).remove()


def only_one_named(lab: Lab) -> None:
    lab.client.volumes.get(LEFT[0]).remove()


def containers_first(lab: Lab) -> None:
    remove(lab, "proof", "plate")
    solve(lab)


def a_container_too_many(lab: Lab) -> None:
    solve(lab)
    remove(lab, "proof")


def all_of_them(lab: Lab) -> None:
    for name, owner in USED.items():
        make(lab, owner, "busybox", ["true"])
        lab.client.volumes.get(name).remove()
    prune_everything(lab)


WRONG = (
    (prune_everything, "it was to stay"),
    (prune_unnamed, "is one too: it has a name"),
    (only_named, "Nobody named it"),
    (only_one_named, "`draft-2` is still there"),
    (containers_first, "in use is also what"),
    (a_container_too_many, "its container `proof` is gone"),
    (all_of_them, "All volumes of this task are gone"),
)
