from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.make_network import make_network
from course.checks.network import networks_of, published
from course.checks.stage import make, remove, start

MARK = {"course.stage": "6.1"}
SET = 'lab.task("6.1")'
NETWORK, PORT = "stall", 8081


def check(at: At) -> str:
    web, store = at.find("stall-web"), at.find("stall-store")
    check_begun(at, web, store)
    if web is None or store is None:
        gone = "stall-web" if web is None else "stall-store"
        at.not_yet(f"`{gone}` is gone. Both are needed: make it anew, with other ports.", SET)
    check_store(store.image("redis:alpine").running())
    check_web(web.image("nginx:alpine").running())
    for one in (web, store):
        if NETWORK not in networks_of(one):
            one.not_yet(
                f"`{one.name}` is not on the network `{NETWORK}`, so the two cannot meet.",
                f"docker network inspect {NETWORK}",
            )
    at.answers(PORT, "nginx")
    return f"Port {PORT} leads to `stall-web`, and nobody but its network reaches the database."


def check_begun(at: At, web: ContainerAt | None, store: ContainerAt | None) -> None:
    if web is None and store is None:
        at.not_attempted("The containers of this task are not there. Set the stage first.", SET)
    if web and store and all(MARK.items() <= one.labels.items() for one in (web, store)):
        at.not_attempted("Both containers still have the ports that they came with.", "docker ps")


def on_host(one: ContainerAt) -> None:
    if one.attrs["HostConfig"]["NetworkMode"] == "host":
        one.not_yet(
            f"`{one.name}` uses the host's own network, so each port that it opens is open to "
            "everybody. Publish one port instead, or none."
        )


def check_store(store: ContainerAt) -> None:
    on_host(store)
    for port in published(store):
        if port.ip.startswith("127."):
            store.not_yet(
                f"`stall-store` is still published, though only on {port.ip}. "
                "On a network of its own it needs no published port at all.",
                "docker port stall-store",
            )
        store.not_yet(
            f"`stall-store` is published: whoever reaches the Docker host's port {port.outer} "
            "reaches the database.",
            "docker port stall-store",
        )


def check_web(web: ContainerAt) -> None:
    on_host(web)
    found = published(web)
    if not found:
        web.not_yet("`stall-web` publishes no port, so nobody gets in.", "docker port stall-web")
    for port in found:
        if port.inner != "80/tcp":
            web.not_yet(
                f"Port {port.outer} of the host leads to port {port.inner} of `stall-web`, where "
                "nobody listens. nginx listens on 80.",
                "docker port stall-web",
            )
        if port.outer != PORT:
            web.not_yet(
                f"`stall-web` is published on port {port.outer} of the host, not on {PORT} alone.",
                "docker port stall-web",
            )


def setup(lab: Lab) -> None:
    remove(lab, "stall-web", "stall-store")
    make_network(lab, NETWORK)
    store: dict[str, Any] = {"ports": {"6379/tcp": 6379}}
    make(lab, "stall-store", "redis:alpine", None, network=NETWORK, labels=MARK, **store).start()
    start(lab, "stall-web", "nginx:alpine", None, network=NETWORK, labels=MARK)


def run(lab: Lab, name: str, image: str, **options: Any) -> None:
    remove(lab, name)
    start(lab, name, image, None, **{"network": NETWORK, **options})


def web(lab: Lab, **options: Any) -> None:
    run(lab, "stall-web", "nginx:alpine", **{"ports": {"80/tcp": PORT}, **options})


def store(lab: Lab, **options: Any) -> None:
    run(lab, "stall-store", "redis:alpine", **options)


def solve(lab: Lab) -> None:
    store(lab)
    web(lab)


def only_the_web(lab: Lab) -> None:
    web(lab)


def only_the_store(lab: Lab) -> None:
    store(lab)


def bound_to_loopback(lab: Lab) -> None:
    web(lab)
    store(lab, ports={"6379/tcp": ("127.0.0.1", 6379)})


def database_thrown_away(lab: Lab) -> None:
    web(lab)
    remove(lab, "stall-store")


def any_port(lab: Lab) -> None:
    store(lab)
    web(lab, ports={"80/tcp": None})


def other_way_round(lab: Lab) -> None:
    store(lab)
    web(lab, ports={"8081/tcp": 80})


def default_network(lab: Lab) -> None:
    web(lab)
    store(lab, network="bridge")


def hosts_network(lab: Lab) -> None:
    store(lab)
    web(lab, network="host", ports=None)


WRONG = (
    (only_the_web, "reaches the database"),
    (only_the_store, "so nobody gets in"),
    (bound_to_loopback, "though only on 127.0.0.1"),
    (database_thrown_away, "`stall-store` is gone"),
    (any_port, "not on 8081 alone"),
    (other_way_round, "where nobody listens"),
    (default_network, "`stall-store` is not on the network"),
    (hosts_network, "uses the host's own network"),
)
