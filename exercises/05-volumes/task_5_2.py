from __future__ import annotations

import time

from docker.models.containers import Container

from course.checks import At, ContainerAt, Lab
from course.checks.events import epoch
from course.checks.make_volume import remove_volumes
from course.checks.stage import remove
from course.checks.volume import MountAt, is_made_up, mounts, volume
from course.errors import CourseError

IMAGE, NAME, VOLUME, DATA = "mysql:8.4", "ledger", "ledger-data", "/var/lib/mysql"
ROW = "Meltemi"
SECONDS = 60  # for a server's first start
LOOK = "docker inspect --format '{{json .Mounts}}' ledger"
ROWS = """CREATE DATABASE IF NOT EXISTS harbour;
CREATE TABLE harbour.boats (name VARCHAR(20)) ENGINE=InnoDB;
INSERT INTO harbour.boats VALUES ('Meltemi');"""


def check(at: At) -> str:
    ledger = at.container(NAME)
    ledger.image(IMAGE).running()
    check_mount(ledger, mounts(ledger))
    check_rows(at, ledger)
    return (
        "The row is older than the container that serves it: the volume kept it while there was "
        "no container at all."
    )


def check_mount(ledger: ContainerAt, mounted: dict[str, MountAt]) -> None:
    data = mounted.get(DATA)
    if data is None or data.type != "volume":
        ledger.not_yet(
            f"`{NAME}` has no volume at `{DATA}`, where the server keeps its data.", LOOK
        )
    elsewhere = [mount.target for mount in mounted.values() if mount.volume == VOLUME]
    if data.volume != VOLUME and elsewhere:
        ledger.not_yet(
            f"`{VOLUME}` is mounted at `{elsewhere[0]}`, where the server writes nothing. Its data "
            f"goes to `{DATA}`, into a volume that the engine made up.",
            LOOK,
        )
    if is_made_up(data.volume):
        ledger.not_yet(
            "The data is in a volume that the engine named: the next container gets another one. "
            f"Name it yourself: `{VOLUME}`.",
            LOOK,
        )
    if data.volume != VOLUME:
        ledger.not_yet(f"The data is in the volume `{data.volume}`, not in `{VOLUME}`.", LOOK)


def check_rows(at: At, ledger: ContainerAt) -> None:
    found = volume(at, VOLUME)
    folder = found.folder if found else ""
    show = f"docker exec {NAME} mysql -e 'SHOW DATABASES; SHOW TABLES FROM harbour'"
    made = at.host_changed(f"{folder}/harbour")
    if made is None:
        ledger.not_yet("There is no database `harbour` in it.", show)
    if at.host_changed(f"{folder}/harbour/boats.ibd") is None:
        ledger.not_yet("The database `harbour` has no table `boats`.", show)
    # A row is in the table's file, or still in the server's log beside it.
    if not at.host_find(ROW, folder):
        ledger.not_yet(
            f"No row of `boats` says `{ROW}`.",
            f"docker exec {NAME} mysql -e 'SELECT * FROM harbour.boats'",
        )
    # The folder of a database changes when a table is made, not when a row is.
    if made >= epoch(ledger.attrs["Created"]):
        ledger.not_yet(
            "The table was made in this very container, so nothing has been kept yet. Remove the "
            f"container, and run `{NAME}` again."
        )


def setup(lab: Lab) -> None:
    remove(lab, NAME)
    remove_volumes(lab, VOLUME)


def run(lab: Lab, mount: str | None = f"{VOLUME}:{DATA}") -> Container:
    remove(lab, NAME)
    lab.client.images.pull(IMAGE)
    return lab.client.containers.run(
        IMAGE,
        name=NAME,
        environment={"MYSQL_ALLOW_EMPTY_PASSWORD": "true"},
        volumes=[mount] if mount else [],
        detach=True,
    )


def sql(server: Container, text: str) -> None:
    """Runs statements as soon as the server answers; until then its client fails."""
    deadline = time.monotonic() + SECONDS
    while server.exec_run(["mysql", "-e", "SELECT 1"]).exit_code:
        if time.monotonic() > deadline:
            raise CourseError(f"Waited {SECONDS} s for a database.", server.logs(tail=3).decode())
        time.sleep(0.2)
    code, output = server.exec_run(["mysql", "-e", text])
    if code:
        raise CourseError("Wrote rows into a database.", output.decode())


def solve(lab: Lab) -> None:
    sql(run(lab), ROWS)
    sql(run(lab), "SELECT name FROM harbour.boats")


def no_name(lab: Lab) -> None:
    run(lab, mount=None)


def wrong_place(lab: Lab) -> None:
    run(lab, mount=f"{VOLUME}:/data")


def another_name(lab: Lab) -> None:
    run(lab, mount=f"ledger-db:{DATA}")


def only_a_database(lab: Lab) -> None:
    sql(run(lab), "CREATE DATABASE harbour")


def no_such_row(lab: Lab) -> None:
    sql(run(lab), ROWS.replace(ROW, "Mistral"))


def never_removed(lab: Lab) -> None:
    sql(run(lab), ROWS)


def removed_and_gone(lab: Lab) -> None:
    solve(lab)
    setup(lab)
    run(lab)


WRONG = (
    (no_name, "a volume that the engine named"),
    (wrong_place, "where the server writes nothing"),
    (another_name, "`ledger-db`, not in"),
    (only_a_database, "has no table `boats`"),
    (no_such_row, "No row of `boats`"),
    (never_removed, "in this very container"),
    (removed_and_gone, "no database `harbour`"),
)
