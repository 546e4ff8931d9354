from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_project, write
from course.checks.network import names_on, networks_of, published
from course.checks.project import services
from course.checks.stage import until_logged

PROJECT = "ferry"
STUDIO, HALL = f"{PROJECT}_studio", f"{PROJECT}_hall"
SET = 'lab.task("9.2")'
LOOK = "docker compose --project-directory /ferry logs --tail 3 reader"
VERSE = "/poems/verse"
FILE = """\
services:
  poet:
    image: busybox
    init: true
    command: httpd -f -p 8080 -h /poems
    volumes:
      - ./poems:/poems:ro
    networks:
      - {poet}
{ports}
  reader:
    image: busybox
    init: true
    command: sh -c 'while true; do wget -T 2 -q -O - $$POEM_URL; sleep 1; done'
    environment:
      POEM_URL: http://{host}:8080/verse
    networks:
{reader}

networks:
  studio:
  hall:
"""
BROKEN = {"poet": "studio", "reader": "      - hall", "host": "poem", "ports": ""}
BOTH = "      - hall\n      - studio"


def check(at: At) -> str:
    found = services(at, PROJECT)
    poet, reader = found.get("poet"), found.get("reader")
    if poet is None or reader is None:
        at.not_attempted("The two services are not there. Set the stage first.", SET)
    check_begun(at, poet, reader)
    check_poet(poet.running())
    if STUDIO not in networks_of(reader):
        reader.not_yet(
            "There is no network that both services are on.", f"docker network inspect {STUDIO}"
        )
    host = asked(reader)
    if host not in names_on(poet, STUDIO):
        reader.not_yet(
            f"The two share a network now. But `reader` asks for `{host}`, and nobody there has "
            "that name.",
            LOOK,
        )
    verse = (at.host_file("/ferry/poems/verse") or "").strip()
    reader.running().logged(verse or "verse")
    return "`reader` finds `poet` by the name of its service, on the one network that they share."


def asked(reader: ContainerAt) -> str:
    """Returns the host name that the reader asks for."""
    pairs = dict(pair.partition("=")[::2] for pair in reader.attrs["Config"]["Env"] or [])
    return urlsplit(pairs.get("POEM_URL", "")).hostname or "nothing"


def check_begun(at: At, poet: ContainerAt, reader: ContainerAt) -> None:
    places = networks_of(poet), networks_of(reader)
    if places == ({STUDIO}, {HALL}) and asked(reader) == "poem" and not published(poet):
        at.not_attempted("The two services are as they were.", LOOK)


def check_poet(poet: ContainerAt) -> None:
    if published(poet):
        poet.not_yet(
            "`poet` is published, so everybody who reaches the Docker host can read there. "
            "On a network that the two share, nothing has to be.",
            "docker ps",
        )
    if networks_of(poet) != {STUDIO}:
        poet.not_yet(
            "`poet` is to be on the network `studio` and on no other. It is `reader` that has to "
            "get there.",
            "docker network inspect ferry_hall",
        )


def setup(lab: Lab) -> None:
    verse = f"The moon hangs low, and so do I. Page {secrets.token_hex(3)}.\n"
    make_project(lab, PROJECT, {"compose.yaml": FILE.format(**BROKEN), "poems/verse": verse})
    compose(lab, PROJECT, "up -d")


def up(lab: Lab, **changed: str) -> None:
    write(lab, PROJECT, "compose.yaml", FILE.format(**{**BROKEN, **changed}))
    compose(lab, PROJECT, "up -d")


def solve(lab: Lab) -> None:
    up(lab, reader=BOTH, host="poet")
    until_logged(lab.client.containers.get("ferry-reader-1"), "Page")


def only_the_network(lab: Lab) -> None:
    up(lab, reader=BOTH)


def only_the_name(lab: Lab) -> None:
    up(lab, host="poet")


def poet_moves(lab: Lab) -> None:
    up(lab, poet="hall", host="poet")


def poet_published(lab: Lab) -> None:
    up(lab, reader=BOTH, host="poet", ports='    ports: ["3000:8080"]')


def name_of_the_project(lab: Lab) -> None:
    up(lab, reader=BOTH, host="ferry")


WRONG = (
    (only_the_network, "`reader` asks for `poem`"),
    (only_the_name, "no network that both"),
    (poet_moves, "and on no other"),
    (poet_published, "`poet` is published"),
    (name_of_the_project, "`reader` asks for `ferry`"),
)
