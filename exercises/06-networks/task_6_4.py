from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.make_network import make_network
from course.checks.network import DEFAULTS, NetworkAt, network, networks_of, published
from course.checks.stage import remove, start

NAMES = ("safe", "clerk")


def check(at: At) -> str:
    safe, clerk = at.find("safe"), at.find("clerk")
    if safe is None and clerk is None:
        at.not_attempted("There is neither `safe` nor `clerk` yet.", "docker ps -a")
    if safe is None or clerk is None:
        missing = "safe" if safe is None else "clerk"
        at.not_yet(f"There is no container `{missing}` yet.", "docker ps -a")
    check_safe(at, safe.image("redis:alpine").running())
    check_clerk(at, safe, clerk.image("busybox").running())
    return "`clerk` reaches `safe` by its name and the world outside; `safe` reaches only `clerk`."


def places(at: At, one: ContainerAt) -> list[NetworkAt]:
    return [found for name in sorted(networks_of(one)) if (found := network(at, name))]


def check_safe(at: At, safe: ContainerAt) -> None:
    if safe.attrs["HostConfig"]["NetworkMode"] == "host":
        safe.not_yet("`safe` uses the host's own network, so it gets wherever the host gets.")
    found = places(at, safe)
    if not found:
        safe.not_yet("`safe` is on no network: it cannot get out, but nobody reaches it either.")
    for place in found:
        if not place.internal:
            safe.not_yet(
                f"`safe` can get out through the network `{place.name}`.",
                f"docker network inspect {place.name}",
            )
    if published(safe):
        safe.not_yet("`safe` publishes a port, which it does not need.", "docker ps -a")


def check_clerk(at: At, safe: ContainerAt, clerk: ContainerAt) -> None:
    if not networks_of(safe) & networks_of(clerk) - set(DEFAULTS):
        clerk.not_yet("`clerk` and `safe` share no network, so `clerk` cannot reach `safe`.")
    if all(place.internal for place in places(at, clerk)):
        clerk.not_yet("`clerk` cannot get out: it is on internal networks only.")


def setup(lab: Lab) -> None:
    remove(lab, *NAMES)


def safe(lab: Lab, **options: Any) -> None:
    start(lab, "safe", "redis:alpine", None, **options)


def clerk(lab: Lab, **options: Any) -> None:
    start(lab, "clerk", "busybox", ["sleep", "3600"], **options)


def solve(lab: Lab) -> None:
    vault = make_network(lab, "vault", internal=True)
    safe(lab, network="vault")
    clerk(lab)
    vault.connect("clerk")


def ordinary_network(lab: Lab) -> None:
    make_network(lab, "office")
    safe(lab, network="office")
    clerk(lab, network="office")


def no_network(lab: Lab) -> None:
    safe(lab, network="none")
    clerk(lab)


def both_inside(lab: Lab) -> None:
    make_network(lab, "vault", internal=True)
    safe(lab, network="vault")
    clerk(lab, network="vault")


def two_vaults(lab: Lab) -> None:
    make_network(lab, "vault", internal=True)
    make_network(lab, "other-vault", internal=True)
    safe(lab, network="vault")
    clerk(lab, network="other-vault")


def left_on_the_bridge(lab: Lab) -> None:
    vault = make_network(lab, "vault", internal=True)
    safe(lab)
    clerk(lab)
    for name in NAMES:
        vault.connect(name)


def hosts_network(lab: Lab) -> None:
    safe(lab, network="host")
    clerk(lab)


def nobody_asks(lab: Lab) -> None:
    make_network(lab, "vault", internal=True)
    safe(lab, network="vault")


WRONG = (
    (ordinary_network, "the network `office`"),
    (no_network, "nobody reaches it either"),
    (both_inside, "internal networks only"),
    (two_vaults, "share no network"),
    (left_on_the_bridge, "the network `bridge`"),
    (hosts_network, "host's own network"),
    (nobody_asks, "no container `clerk`"),
)
