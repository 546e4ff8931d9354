from __future__ import annotations

import shlex

from course.checks import At, Lab
from course.checks.make_service import forget, form, remove_services, until
from course.checks.network import network
from course.checks.swarm_service import ServiceAt, need_swarm, service
from course.errors import CourseError

STACK, PORT = "market", 3000
FRONT, STORE, OUTSIDE = "market_front", "market_store", "market_outside"
NETWORKS = (OUTSIDE, "market_inside")
PLACE = "/market/stack.yaml"
SET = 'lab.task("12b.6")'
PRICES = "3 apples, 2 pears"
SERVER = """\
server {
    listen 80;
    resolver 127.0.0.11 valid=1s ipv6=off;
    resolver_timeout 1s;
    location / {
        set $upstream http://store:8000;
        proxy_pass $upstream;
    }
}
"""
FILE = f"""\
version: "3.8"

services:
  front:
    image: nginx:alpine
    configs:
      - source: server
        target: /etc/nginx/conf.d/default.conf
    networks: [outside]
    ports:
      - {{target: 80, published: {PORT}, mode: host}}
    deploy:
      endpoint_mode: dnsrr
      placement:
        constraints: [node.hostname == node1]

  store:
    image: busybox
    command: sh -c "mkdir /www; echo {PRICES} > /www/index.html; exec httpd -f -p 8000 -h /www"
    networks: [inside]
    deploy:
      endpoint_mode: dnsrr
      placement:
        constraints: [node.hostname == node9]

networks:
  outside:
  inside:

configs:
  server:
    file: ./server.conf
"""


def check(at: At) -> str:
    need_swarm(at, SET)
    front, store = service(at, FRONT), service(at, STORE)
    if front is None and store is None:
        at.not_attempted(f"There is no stack `{STACK}`. Set the stage first.", SET)
    if front is None or store is None:
        gone = STORE if front else FRONT
        at.not_yet(f"`{gone}` is gone.", f"docker stack services {STACK}")
    check_begun(at, front, store)
    for one in (front, store):
        if one.labels.get("com.docker.stack.namespace") != STACK:
            one.not_yet(f"`{one.name}` is no service of the stack, but one made by hand.")
    check_apart(at, store)
    if not front.networks & store.networks:
        front.not_yet(
            "`front` and `store` share no network: there, the name `store` means nothing.",
            f"cat {PLACE}",
        )
    store.runs()
    if [port.outer for port in front.runs().ports] != [PORT]:
        front.not_yet(f"`{FRONT}` does not publish port {PORT} any more.")
    answer = at.asked(PORT)
    if answer is None or PRICES not in answer.body:
        front.not_yet(
            f"Port {PORT} of node1 does not show the prices yet.", f"docker stack ps {STACK}"
        )
    return f"Port {PORT} shows the prices: `front` found `store` by its name."


def check_begun(at: At, front: ServiceAt, store: ServiceAt) -> None:
    shared = front.networks & store.networks
    placed = ["node.hostname == node9"]
    asked = store.spec["TaskTemplate"].get("Placement", {}).get("Constraints")
    outside = network(at, OUTSIDE)
    moved = outside is not None and outside.attrs["Id"] in store.networks
    if shared or moved or asked != placed or store.ports:
        return
    if (at.host_file(PLACE) or FILE) != FILE:
        at.not_yet(
            f"`{PLACE}` is changed, and the swarm does not know: it never reads the file itself.",
            "docker stack deploy --help",
        )
    at.not_attempted(f"Port {PORT} does not show the prices.", f"docker stack ps {STACK}")


def check_apart(at: At, store: ServiceAt) -> None:
    outside = network(at, OUTSIDE)
    if outside and outside.attrs["Id"] in store.networks:
        store.not_yet(
            "`store` is on the network `outside` now. The front is to come in to the store, not "
            "the store to go out."
        )
    if store.ports:
        store.not_yet("`store` publishes a port, which it does not need.")


def setup(lab: Lab) -> None:
    form(lab)
    remove_services(lab, FRONT, STORE, networks=NETWORKS)
    forget(lab, configs=["market_server"])
    write(lab, "server.conf", SERVER)
    deploy(lab, FILE)
    until("the front runs", lambda: "Running" in ps(lab))


def write(lab: Lab, name: str, text: str) -> None:
    lab.run(f"mkdir -p /market; printf %s {shlex.quote(text)} > /market/{name}")


def deploy(lab: Lab, text: str) -> None:
    write(lab, "stack.yaml", text)
    code, said = lab.run(f"docker stack deploy -c {PLACE} {STACK}")
    if code:
        raise CourseError(f"Deployed the stack {STACK}.", said.decode(errors="replace").strip())


def ps(lab: Lab) -> str:
    form = "--format '{{.CurrentState}}' --filter desired-state=running"
    return lab.run(f"docker stack ps {form} {STACK}")[1].decode()


PLACED = FILE.replace("node9", "node1")
MET = FILE.replace("networks: [outside]", "networks: [outside, inside]")


def solve(lab: Lab) -> None:
    deploy(lab, MET.replace("node9", "node1"))
    until("the prices are shown", lambda: PRICES in page(lab))


def page(lab: Lab) -> str:
    return lab.run(f"curl -s --max-time 2 localhost:{PORT}")[1].decode()


def only_placed(lab: Lab) -> None:
    deploy(lab, PLACED)


def only_met(lab: Lab) -> None:
    deploy(lab, MET)


def store_outside(lab: Lab) -> None:
    deploy(lab, PLACED.replace("networks: [inside]", "networks: [inside, outside]"))


def store_published(lab: Lab) -> None:
    port = "ports: [{target: 8000, published: 8080, mode: host}]\n    networks: [inside]"
    deploy(lab, MET.replace("node9", "node1").replace("networks: [inside]", port))


def not_deployed(lab: Lab) -> None:
    write(lab, "stack.yaml", MET)


def store_by_hand(lab: Lab) -> None:
    remove_services(lab, STORE)
    lab.run(f"docker service create --quiet --detach --name {STORE} busybox sleep 3600")


def front_thrown_out(lab: Lab) -> None:
    remove_services(lab, FRONT)


WRONG = (
    (only_placed, "share no network"),
    (only_met, "No task of `market_store` runs"),
    (store_outside, "is on the network `outside` now"),
    (store_published, "`store` publishes a port"),
    (not_deployed, "the swarm does not know"),
    (store_by_hand, "one made by hand"),
    (front_thrown_out, "`market_front` is gone"),
)
