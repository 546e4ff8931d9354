from __future__ import annotations

from typing import Any

from course.checks import At, ContainerAt, Lab
from course.checks.make_network import make_network, remove_networks
from course.checks.network import names_on, network, networks_of
from course.checks.stage import make, remove, start

NETWORK, NAME, SINGERS = "choir", "voice", ("alto", "tenor")
LOOK = f"docker network inspect {NETWORK}"


def check(at: At) -> str:
    found = {name: one for name in SINGERS if (one := at.find(name))}
    if not found and network(at, NETWORK) is None:
        at.not_attempted(f"There is no network `{NETWORK}`, and nobody to sing.", "docker ps -a")
    if network(at, NETWORK) is None:
        at.not_yet(f"There is no network `{NETWORK}` yet.", "docker network ls")
    for name in SINGERS:
        if name not in found:
            at.not_yet(f"There is no container `{name}` yet.", "docker ps -a")
        check_singer(found[name].running())
    check_strangers(at)
    return f"The name `{NAME}` has two addresses on `{NETWORK}`: one for each of the two."


def check_singer(one: ContainerAt) -> None:
    if NETWORK not in networks_of(one):
        one.not_yet(f"`{one.name}` is not on the network `{NETWORK}`.", LOOK)
    if NAME in names_on(one, NETWORK):
        return
    for other in networks_of(one) - {NETWORK}:
        if NAME in names_on(one, other):
            one.not_yet(
                f"`{one.name}` is called `{NAME}` on `{other}`, not on `{NETWORK}`: an alias "
                "belongs to one network."
            )
    one.not_yet(f"`{one.name}` does not answer to the name `{NAME}` on `{NETWORK}`.")


def check_strangers(at: At) -> None:
    for one in at.containers():
        if one.name not in SINGERS and one.status == "running" and NAME in names_on(one, NETWORK):
            one.not_yet(
                f"`{one.name}` answers to `{NAME}` too: the name has a third address, and a part "
                "of the requests goes there.",
                LOOK,
            )


def setup(lab: Lab) -> None:
    remove(lab, *SINGERS, NAME)
    remove_networks(lab, NETWORK)


def sing(lab: Lab, name: str, *aliases: str, network: str = NETWORK) -> None:
    options: dict[str, Any] = {}
    if aliases:
        place = lab.client.api.create_endpoint_config(aliases=list(aliases))
        options = {"networking_config": {network: place}}
    start(lab, name, "redis:alpine", None, network=network, **options)


def solve(lab: Lab) -> None:
    make_network(lab, NETWORK)
    for name in SINGERS:
        sing(lab, name, NAME)


def one_of_them(lab: Lab) -> None:
    make_network(lab, NETWORK)
    sing(lab, "alto", NAME)
    sing(lab, "tenor")


def a_name_each(lab: Lab) -> None:
    make_network(lab, NETWORK)
    sing(lab, "alto", "voice1")
    sing(lab, "tenor", "voice2")


def another_network(lab: Lab) -> None:
    make_network(lab, NETWORK)
    make_network(lab, "choir2")
    sing(lab, "alto", NAME)
    sing(lab, "tenor", NAME, network="choir2")


def alias_elsewhere(lab: Lab) -> None:
    choir, other = make_network(lab, NETWORK), make_network(lab, "choir2")
    for name in SINGERS:
        sing(lab, name)
        other.connect(name, aliases=[NAME])
    assert choir.name == NETWORK


def third_voice(lab: Lab) -> None:
    solve(lab)
    sing(lab, NAME)


def one_silent(lab: Lab) -> None:
    solve(lab)
    lab.client.containers.get("tenor").stop(timeout=0)


def alone(lab: Lab) -> None:
    make_network(lab, NETWORK)
    sing(lab, "alto", NAME)


def no_network(lab: Lab) -> None:
    for name in SINGERS:
        make(lab, name, "redis:alpine", None).start()


WRONG = (
    (one_of_them, "`tenor` does not answer to the name"),
    (a_name_each, "`alto` does not answer to the name"),
    (another_network, "`tenor` is not on the network"),
    (alias_elsewhere, "an alias belongs to one network"),
    (third_voice, "a third address"),
    (one_silent, "has exited with code"),
    (alone, "no container `tenor`"),
    (no_network, "There is no network `choir`"),
)
