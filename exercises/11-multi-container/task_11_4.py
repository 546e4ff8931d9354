from __future__ import annotations

import json

from course.checks import At, ContainerAt, Lab
from course.checks.make_project import compose, make_part, make_project, run, write
from course.checks.project import environment, services
from course.checks.volume import mounts

PROJECT, PORT, ALL = "bank", 3000, "/values/all"
OLD, NEW, ROWS = "letmein", "anchor-7", [5, 14, 33]
SET = 'lab.task("11.4")'
LOG = "docker logs --tail 3 bank-server-1"
DATA = "/var/lib/postgresql/data"
# These come from within the database's own container: the image's own rules let them in.
LOOPBACK = {
    ("127.0.0.1/32",),
    ("127.0.0.1", "255.255.255.255"),
    ("::1/128",),
    ("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
}
COMPOSE = """\
name: bank

services:
  postgres:
    image: postgres:17-alpine
    environment:
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}
    volumes:
      - rows:/var/lib/postgresql/data

  redis:
    image: redis:alpine

  server:
    image: complex-app-server
    command: ["node", "index.js"]
    depends_on:
      - postgres
    environment:
      PGHOST: postgres
      PGUSER: postgres
      PGDATABASE: postgres
      PGPASSWORD: ${POSTGRES_PASSWORD}
      REDIS_URL: redis://redis:6379
    ports:
      - "3000:5000"

volumes:
  rows:
"""
TABLE = """\
CREATE TABLE submitted (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number INTEGER NOT NULL,
  at TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO submitted (number) VALUES (5), (14), (33);
"""


def check(at: At) -> str:
    found = services(at, PROJECT)
    postgres, server = found.get("postgres"), found.get("server")
    if postgres is None or server is None:
        at.not_attempted("The project `bank` is not all there. Set the stage first.", SET)
    check_password(server.running())
    check_door(postgres.running())
    answer = at.asked(PORT, ALL)
    if answer is None:
        at.not_yet(f"Port {PORT} does not answer.", LOG)
    if answer.status != 200:
        check_begun(at, answer.status, postgres, server)
    check_rows(at, answer.body)
    return "The new password opens the database, and all its rows are there."


def check_password(server: ContainerAt) -> None:
    given = environment(server).get("PGPASSWORD", "")
    if given == OLD:
        server.not_yet(
            "The server uses the old password again, which too many people know. Leave the new "
            "one in `.env`, and bring the database to it.",
            "cat /bank/.env",
        )
    if given != NEW:
        server.not_yet(f"The server's password is not `{NEW}`, as asked.", "cat /bank/.env")


def check_door(postgres: ContainerAt) -> None:
    rules = (postgres.read(f"{DATA}/pg_hba.conf") or b"").decode(errors="replace")
    if opened := [rule for rule in rules.splitlines() if lets_in(rule)]:
        postgres.not_yet(
            f"By the rule `{' '.join(opened[0].split())}` the database lets people in whatever "
            "password they give.",
            f"docker exec {postgres.name} grep -n trust {DATA}/pg_hba.conf",
        )


def lets_in(rule: str) -> bool:
    """Tells a rule of pg_hba.conf that asks no password of those who come from elsewhere.

    A rule is: type, database, user, address, perhaps its mask, method, options.
    """
    words = rule.partition("#")[0].split()
    if not words or not words[0].startswith("host") or "trust" not in words[4:6]:
        return False
    return tuple(words[3 : words.index("trust", 4)]) not in LOOPBACK


def check_begun(at: At, status: int, postgres: ContainerAt, server: ContainerAt) -> None:
    said = f"`{ALL}` answers {status}."
    if DATA not in mounts(postgres):
        postgres.not_yet(f"{said} The database has lost its volume.")
    if postgres.happened("restart") or server.happened("restart"):
        at.not_yet(
            f"{said} To start it again changes nothing: the password is kept in the database's "
            "own files, and the variable counts only when these are made.",
            LOG,
        )
    at.not_attempted(f"{said} The database does not accept the server's password.", LOG)


def check_rows(at: At, body: str) -> None:
    try:
        rows = json.loads(body)
    except ValueError:
        at.not_yet(f"`{ALL}` answers without JSON.", LOG)
    if missing := [row for row in ROWS if row not in rows]:
        at.not_yet(
            f"The server is let in, but rows are gone: {', '.join(map(str, missing))}. They were "
            "in the volume that you removed or replaced. Start over, and keep it.",
            SET,
        )


def setup(lab: Lab) -> None:
    make_part(lab, "server")
    files = {"compose.yaml": COMPOSE, ".env": f"POSTGRES_PASSWORD={NEW}\n", "rows.sql": TABLE}
    make_project(lab, PROJECT, files)
    compose(lab, PROJECT, "up --detach --quiet-pull postgres", POSTGRES_PASSWORD=OLD)
    until_up(lab)
    run(lab, "docker exec -i bank-postgres-1 psql -q -U postgres < /bank/rows.sql")
    compose(lab, PROJECT, "up --detach --quiet-pull")
    until_open(lab)


def until_up(lab: Lab) -> None:
    # By TCP: while it makes its files, the image runs a server that has a socket only.
    ready = "docker exec bank-postgres-1 pg_isready -q -h 127.0.0.1 -U postgres"
    run(lab, f"for i in $(seq 200); do {ready} && exit; sleep 0.1; done; exit 1")


def until_open(lab: Lab) -> None:
    until_up(lab)
    asked = f"curl -s -o /dev/null http://localhost:{PORT}{ALL}"
    run(lab, f"for i in $(seq 100); do {asked} && exit; sleep 0.1; done; exit 1")


def alter(lab: Lab, password: str) -> None:
    words = f"ALTER USER postgres PASSWORD '{password}'"
    lab.client.containers.get("bank-postgres-1").exec_run(["psql", "-U", "postgres", "-c", words])


def again(lab: Lab, password: str) -> None:
    write(lab, PROJECT, ".env", f"POSTGRES_PASSWORD={password}\n")
    compose(lab, PROJECT, "up --detach")
    until_open(lab)


def solve(lab: Lab) -> None:
    alter(lab, NEW)


def back_to_the_old(lab: Lab) -> None:
    again(lab, OLD)


def another_one(lab: Lab) -> None:
    alter(lab, "swordfish")
    again(lab, "swordfish")


def volume_removed(lab: Lab) -> None:
    compose(lab, PROJECT, "down --volumes --timeout 1")
    compose(lab, PROJECT, "up --detach")
    until_open(lab)


def only_restarted(lab: Lab) -> None:
    compose(lab, PROJECT, "restart --timeout 5 postgres")
    until_up(lab)


def open_to(lab: Lab, who: str) -> None:
    postgres = lab.client.containers.get("bank-postgres-1")
    rule = f"sed -i 's|^host all all all .*|host {who} trust|' {DATA}/pg_hba.conf"
    postgres.exec_run(["sh", "-c", rule])
    postgres.kill("HUP")


def open_to_all(lab: Lab) -> None:
    open_to(lab, "all all all")


def open_to_its_network(lab: Lab) -> None:
    open_to(lab, "all postgres samenet")


def open_by_a_mask(lab: Lab) -> None:
    open_to(lab, "all all 0.0.0.0 0.0.0.0")


WRONG = (
    (back_to_the_old, "uses the old password again"),
    (another_one, "is not `anchor-7`"),
    (volume_removed, "rows are gone"),
    (only_restarted, "changes nothing"),
    (open_to_all, "`host all all all trust`"),
    (open_to_its_network, "`host all postgres samenet trust`"),
    (open_by_a_mask, "`host all all 0.0.0.0 0.0.0.0 trust`"),
)
