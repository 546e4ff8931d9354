from __future__ import annotations

from collections.abc import Iterable

from course.checks import At, ContainerAt, Lab
from course.checks.stage import remove

LOOK = (
    'pd.DataFrame({name: namespaces(lab.client.containers.get(name).attrs["State"]["Pid"])\n'
    '              for name in ["first", "second"]})'
)


def check(at: At, answer: object) -> str:
    first, second = at.container("first").running(), at.container("second").running()
    check_mode(first, second)
    mine, other = at.namespaces(first), at.namespaces(second)
    shared = {name for name, inode in mine.items() if other.get(name) == inode}
    if answer is None:
        at.not_yet(
            "Both containers run. Now name the namespaces they share.",
            'lab.check("2.1", answer={"...", "..."})',
        )
    check_names(at, names(answer), shared, mine | other)
    return f"They share {listed(shared)}: the same inode is the same namespace."


def check_mode(first: ContainerAt, second: ContainerAt) -> None:
    mode = second.attrs["HostConfig"]["NetworkMode"]
    if mode not in (f"container:{first.attrs['Id']}", "container:first"):
        second.not_yet(f"The network mode of `second` is `{mode}`, not `container:first`.")


def names(answer: object) -> set[str]:
    words = answer.replace(",", " ").split() if isinstance(answer, str) else answer
    return {str(word) for word in words} if isinstance(words, Iterable) else {str(words)}


def check_names(at: At, given: set[str], shared: set[str], known: dict[str, str]) -> None:
    if unknown := sorted(given - set(known)):
        at.not_yet(f"No namespace is called `{unknown[0]}`. There are {listed(known)}.", LOOK)
    if extra := sorted(given - shared):
        at.not_yet(f"Each has a `{extra[0]}` namespace of its own: the inodes differ.", LOOK)
    if shared - given:
        at.not_yet(
            "They share more than that. Some namespaces Docker does not make anew for a container "
            "unless told: compare the inodes of them all.",
            LOOK,
        )


def listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))


def setup(lab: Lab) -> None:
    remove(lab, "second", "first")


def run(lab: Lab, mode: str) -> None:
    containers = lab.client.containers
    containers.run("busybox", "sleep 3600", name="first", detach=True)
    containers.run("busybox", "sleep 3600", name="second", network_mode=mode, detach=True)


def inodes(lab: Lab, name: str) -> dict[str, str]:
    pid = lab.client.containers.get(name).attrs["State"]["Pid"]
    _, output = lab.run(f"cd /proc/{pid}/ns && for n in *; do echo $n $(readlink $n); done")
    return dict(line.split() for line in output.decode().splitlines() if "_for_" not in line)


def solve(lab: Lab) -> object:
    run(lab, "container:first")
    first, second = inodes(lab, "first"), inodes(lab, "second")
    return {name for name in first if first[name] == second[name]}


def own_network(lab: Lab) -> object:
    run(lab, "bridge")
    return {"net"}


def only_the_network(lab: Lab) -> object:
    run(lab, "container:first")
    return {"net"}


def too_many(lab: Lab) -> object:
    return solve(lab) | {"pid"}  # type: ignore[operator]


def made_up(lab: Lab) -> object:
    run(lab, "container:first")
    return "net, disk"


def no_names(lab: Lab) -> object:
    run(lab, "container:first")
    return None


WRONG = (
    (own_network, "not `container:first`"),
    (only_the_network, "share more than that"),
    (too_many, "the inodes differ"),
    (made_up, "No namespace is called `disk`"),
    (no_names, "Now name the namespaces"),
)
