from __future__ import annotations

from typing import Any

from docker.types import IPAMConfig, IPAMPool

from course.checks import At, ContainerAt, Lab
from course.checks.make_network import make_network, remove_networks
from course.checks.network import fixed_address, network, networks_of
from course.checks.stage import make, remove, start

NETWORK, SUBNET, ADDRESS = "plot", "10.50.7.0/24", "10.50.7.77"
LOOK = f"docker network inspect {NETWORK}"


def check(at: At) -> str:
    plot, post = network(at, NETWORK), at.find("post")
    if plot is None and post is None:
        at.not_attempted(f"There is no network `{NETWORK}` yet.", "docker network ls")
    if plot is None:
        at.not_yet(f"There is `post`, but no network `{NETWORK}`.", "docker network ls")
    if plot.subnets != [SUBNET]:
        is_now = ", ".join(plot.subnets) or "none"
        at.not_yet(f"The subnet of `{NETWORK}` is {is_now}, not {SUBNET}.", LOOK)
    if post is None:
        at.not_yet("The network is as it should be. `post` is missing on it.", LOOK)
    check_address(post.running())
    return f"`post` is at {ADDRESS} and will be there after each restart: it asked for it."


def check_address(post: ContainerAt) -> None:
    on, address = networks_of(post), fixed_address(post, NETWORK)
    if NETWORK not in on:
        hangs = ", ".join(f"`{name}`" for name in sorted(on)) or "no network"
        post.not_yet(f"`post` is on {hangs}, not on `{NETWORK}`.")
    if not address:
        post.not_yet(
            f"`post` has not asked for an address on `{NETWORK}`, so the engine chose one, and "
            "may choose another at the next start."
        )
    if address != ADDRESS:
        post.not_yet(f"`post` asked for {address}, not for {ADDRESS}.")
    if others := on - {NETWORK}:
        post.not_yet(
            f"`post` is also on `{min(others)}`. It is to be on `{NETWORK}` and nowhere else.",
            f"docker network disconnect {min(others)} post",
        )


def setup(lab: Lab) -> None:
    remove(lab, "post")
    remove_networks(lab, NETWORK)


def plot(lab: Lab, subnet: str = SUBNET, **options: Any) -> None:
    pool = IPAMPool(subnet=subnet, **options)
    make_network(lab, NETWORK, ipam=IPAMConfig(pool_configs=[pool]))


def post(lab: Lab, address: str = ADDRESS) -> None:
    place = lab.client.api.create_endpoint_config(ipv4_address=address)
    start(lab, "post", "busybox", ["sleep", "3600"], network=NETWORK,
          networking_config={NETWORK: place})  # fmt: skip


def solve(lab: Lab) -> None:
    plot(lab)
    post(lab)


def engines_subnet(lab: Lab) -> None:
    make_network(lab, NETWORK)
    start(lab, "post", "busybox", ["sleep", "3600"], network=NETWORK)


def engines_address(lab: Lab) -> None:
    plot(lab, iprange=f"{ADDRESS}/32", gateway="10.50.7.1")
    start(lab, "post", "busybox", ["sleep", "3600"], network=NETWORK)


def other_address(lab: Lab) -> None:
    plot(lab)
    post(lab, "10.50.7.7")


def also_on_the_bridge(lab: Lab) -> None:
    plot(lab)
    start(lab, "post", "busybox", ["sleep", "3600"])
    lab.client.networks.get(NETWORK).connect("post", ipv4_address=ADDRESS)


def only_the_network(lab: Lab) -> None:
    plot(lab)


def only_the_container(lab: Lab) -> None:
    start(lab, "post", "busybox", ["sleep", "3600"])


def not_connected(lab: Lab) -> None:
    plot(lab)
    start(lab, "post", "busybox", ["sleep", "3600"])


def not_started(lab: Lab) -> None:
    plot(lab)
    make(lab, "post", "busybox", ["sleep", "3600"], network=NETWORK)


WRONG = (
    (engines_subnet, f"not {SUBNET}"),
    (engines_address, "the engine chose one"),
    (other_address, "asked for 10.50.7.7, not"),
    (also_on_the_bridge, "also on `bridge`"),
    (only_the_network, "`post` is missing"),
    (only_the_container, "no network `plot`"),
    (not_connected, "is on `bridge`, not on"),
    (not_started, "never started"),
)
