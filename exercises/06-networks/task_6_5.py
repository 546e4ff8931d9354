from __future__ import annotations

import secrets

from course.checks import At, ContainerAt, Lab
from course.checks.make_network import make_network
from course.checks.network import DEFAULTS, names_on, networks_of, published
from course.checks.stage import make, put, remove, start, until_logged

MARK = {"course.stage": "6.5"}
SET = 'lab.task("6.5")'
FRONT, BACK, PORT, NAME = "kiosk-front", "kiosk-back", 3000, "database"
CONFIG = "/etc/nginx/conf.d/default.conf"
PAGE = "/www/index.html"
# A name in a variable is looked up at each request, so that the front end starts without it.
SERVER = f"""\
server {{
    listen 80;
    resolver 127.0.0.11 valid=1s ipv6=off;
    resolver_timeout 1s;
    location / {{
        set $upstream http://{NAME}:8000;
        proxy_pass $upstream;
    }}
}}
"""
# The log says nothing about it until somebody asks.
LOG = f"curl -s localhost:{PORT}; docker logs --tail 3 kiosk"


def check(at: At) -> str:
    kiosk, ledger = at.find("kiosk"), at.find("ledger")
    if kiosk is None and ledger is None and at.find(NAME) is None:
        at.not_attempted("The containers of this task are not there. Set the stage first.", SET)
    kiosk, ledger = both(at, kiosk, ledger)
    check_begun(at, kiosk, ledger)
    check_apart(ledger)
    if kiosk.file(CONFIG).decode() != SERVER:
        kiosk.not_yet(
            "The front end's configuration was changed. It comes with the image, and looks for "
            f"`{NAME}`: make the network fit it. Start over.",
            SET,
        )
    check_name(kiosk, ledger)
    at.answers(PORT, ledger.file(PAGE).decode().strip())
    return f"Port {PORT} shows what `ledger` says. The front end found it by the name `{NAME}`."


def both(
    at: At, kiosk: ContainerAt | None, ledger: ContainerAt | None
) -> tuple[ContainerAt, ContainerAt]:
    if ledger is None and at.find(NAME):
        at.not_yet(
            f"The database's container is now `{NAME}`. Others may know it as `ledger`: give "
            "it back its name, and on the network a second one.",
            "docker network connect --help",
        )
    if kiosk is None or ledger is None:
        at.not_yet(f"`{'kiosk' if kiosk is None else 'ledger'}` is gone. Start over.", SET)
    for one in (kiosk.running(), ledger.running()):
        if not MARK.items() <= one.labels.items():
            one.not_yet(f"This `{one.name}` is a new one. Repair the two that were there.", SET)
    return kiosk, ledger


def check_begun(at: At, kiosk: ContainerAt, ledger: ContainerAt) -> None:
    as_set = networks_of(kiosk) == {FRONT} and networks_of(ledger) == {BACK}
    named = NAME in names_on(kiosk, FRONT) | names_on(ledger, BACK)
    changed = kiosk.file(CONFIG).decode() != SERVER
    if as_set and not named and not changed:
        at.not_attempted(f"{port_says(at)} Both containers are where they were.", LOG)


def port_says(at: At) -> str:
    answer = at.asked(PORT)
    if answer is None:
        return f"Port {PORT} gives no answer."
    if answer.status == 502:
        return f"Port {PORT} still shows 502: the front end finds no database."
    return f"Port {PORT} answers with the status {answer.status}."


def check_apart(ledger: ContainerAt) -> None:
    if FRONT in networks_of(ledger):
        ledger.not_yet(
            f"`ledger` is now on `{FRONT}`, with whatever else is put there. The front end has to "
            "come to the database, not the database to the front.",
            f"docker network inspect {FRONT}",
        )
    if published(ledger):
        ledger.not_yet("`ledger` publishes a port.", "docker port ledger")


def check_name(kiosk: ContainerAt, ledger: ContainerAt) -> None:
    shared = networks_of(kiosk) & networks_of(ledger)
    if not shared:
        kiosk.not_yet("`kiosk` and `ledger` share no network.", f"docker network inspect {BACK}")
    if shared <= set(DEFAULTS):
        kiosk.not_yet("They meet on the default bridge only, and there are no names there.")
    if any(NAME in names_on(kiosk, place) for place in shared):
        kiosk.not_yet(f"`kiosk` itself is called `{NAME}` there, so it finds itself.", LOG)
    if not any(NAME in names_on(ledger, place) for place in shared):
        ledger.not_yet(
            f"The two share a network, but nobody there answers to the name `{NAME}`, which is "
            "what the front end looks for.",
            LOG,
        )


def setup(lab: Lab) -> None:
    remove(lab, "kiosk", "ledger", NAME)
    make_network(lab, FRONT)
    make_network(lab, BACK)
    serve = ["httpd", "-f", "-p", "8000", "-h", "/www"]
    ledger = make(lab, "ledger", "busybox", serve, network=BACK, labels=MARK)
    put(ledger, PAGE, f"in stock: {secrets.randbelow(900) + 100}, {secrets.token_hex(4)}\n")
    ledger.start()
    ports = {"80/tcp": PORT}
    kiosk = make(lab, "kiosk", "nginx:alpine", None, network=FRONT, labels=MARK, ports=ports)
    put(kiosk, CONFIG, SERVER)
    kiosk.start()
    until_logged(kiosk, "start worker process")


def alias(lab: Lab, container: str, *names: str, network: str = BACK) -> None:
    back = lab.client.networks.get(network)
    back.disconnect(container)
    back.connect(container, aliases=list(names))


def connect(lab: Lab, container: str, network: str) -> None:
    lab.client.networks.get(network).connect(container)


def solve(lab: Lab) -> None:
    alias(lab, "ledger", NAME)
    connect(lab, "kiosk", BACK)


def only_connected(lab: Lab) -> None:
    connect(lab, "kiosk", BACK)


def only_named(lab: Lab) -> None:
    alias(lab, "ledger", NAME)


def to_the_front(lab: Lab) -> None:
    lab.client.networks.get(FRONT).connect("ledger", aliases=[NAME])


def name_on_the_wrong_one(lab: Lab) -> None:
    lab.client.networks.get(BACK).connect("kiosk", aliases=[NAME])


def over_the_bridge(lab: Lab) -> None:
    connect(lab, "kiosk", "bridge")
    connect(lab, "ledger", "bridge")


def configuration_changed(lab: Lab) -> None:
    connect(lab, "kiosk", BACK)
    kiosk = lab.client.containers.get("kiosk")
    kiosk.exec_run(["sed", "-i", f"s/{NAME}/ledger/", CONFIG])
    kiosk.kill("HUP")


def renamed(lab: Lab) -> None:
    connect(lab, "kiosk", BACK)
    lab.client.containers.get("ledger").rename(NAME)


def made_anew(lab: Lab) -> None:
    remove(lab, "ledger")
    start(lab, "ledger", "busybox", ["httpd", "-f", "-p", "8000"], ports={"8000/tcp": 8000})


WRONG = (
    (only_connected, "nobody there answers"),
    (only_named, "`kiosk` and `ledger` share no network"),
    (to_the_front, "not the database to the front"),
    (name_on_the_wrong_one, "it finds itself"),
    (over_the_bridge, "default bridge only"),
    (configuration_changed, "configuration was changed"),
    (renamed, "container is now `database`"),
    (made_anew, "is a new one"),
)
