"""The databases keep the contract of the official images: these pass on Docker Hub's too."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from functools import partial

import docker
import pytest
from docker.models.containers import Container
from kit_fixtures import Run, address, finish, kit_engine, run, said
from waiting import until

from course.engine.files import tar
from course.engine.sandbox import Sandbox
from course.engine.wait import wait
from course.errors import CourseError
from course.images.hub import pull

__all__ = ["kit_engine", "run"]
pytestmark = pytest.mark.engine
MYSQL, POSTGRES = "mysql:8.4", "postgres:17-alpine"
READY_SECONDS = 30  # on Docker Hub's MySQL; the kit's takes two
INIT = "docker-entrypoint-initdb.d"
ROOTS = "SELECT group_concat(host ORDER BY host) FROM mysql.user WHERE user = 'root'"
Variables = dict[str, str]
Start = Callable[..., Container]


def mysql_answers(container: Container) -> bool:
    ping = container.exec_run(["mysqladmin", "ping", "--silent"])
    return ping.exit_code == 0 and container.logs().count(b"ready for connections") > 0


def postgres_answers(container: Container) -> bool:
    # Over TCP: the official image answers on its socket while it is still being initialised.
    return container.exec_run(["pg_isready", "-h", "127.0.0.1"]).exit_code == 0


def mysql(container: Container, query: str, *options: str) -> str:
    return said(container, "mysql", "--batch", "--skip-column-names", *options, "-e", query)


def psql(container: Container, query: str, *options: str) -> str:
    return said(container, "psql", "-U", "postgres", "-XtAc", query, *options)


@pytest.fixture
def start(kit_engine: docker.DockerClient, run: Run) -> Start:
    """Starts a database and waits until it answers; `files` go into it before its start."""

    def started(
        image: str, *command: str, files: dict[str, bytes] | None = None, **options: object
    ) -> Container:
        if not files:
            container = run(image, *command, **options)
        else:
            pull(kit_engine, image)
            container = kit_engine.containers.create(image, list(command) or None, **options)
            container.put_archive("/", tar(files, 0o755))
            container.start()
        answers = mysql_answers if image == MYSQL else postgres_answers
        until(partial(_ready, container, answers), READY_SECONDS)
        return container

    return started


def _ready(container: Container, answers: Callable[[Container], bool]) -> bool:
    container.reload()
    assert container.status == "running", container.logs().decode()
    return answers(container)


@pytest.fixture
def volume(kit_engine: docker.DockerClient) -> Iterator[str]:
    name = "kit-database"
    yield name
    for container in kit_engine.containers.list(all=True, filters={"volume": name}):
        container.remove(force=True)
    kit_engine.volumes.get(name).remove()


# -- MySQL -----------------------------------------------------------------------------------------


def test_mysql_says_what_it_is(kit_engine: docker.DockerClient) -> None:
    pull(kit_engine, MYSQL)
    config = kit_engine.images.get(MYSQL).attrs["Config"]
    assert config["Cmd"] == ["mysqld"]
    assert config["Entrypoint"] == ["docker-entrypoint.sh"]
    assert config["Volumes"] == {"/var/lib/mysql": {}}
    assert set(config["ExposedPorts"]) == {"3306/tcp", "33060/tcp"}
    assert not config.get("StopSignal")  # SIGTERM: it ends in good order


def test_mysql_refuses_to_start_without_a_password_option(run: Run) -> None:
    code, output = finish(run(MYSQL))
    assert code == 1
    assert "Database is uninitialized and password option is not specified" in output
    for option in ("ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD"):
        assert f"- MYSQL_{option}" in output


def test_mysql_runs_as_its_user_and_ends_at_once(start: Start) -> None:
    container = start(MYSQL, environment={"MYSQL_ALLOW_EMPTY_PASSWORD": "true"})
    assert said(container, "stat", "-c", "%U %u", "/proc/1") == "mysql 999"
    assert said(container, "cat", "/proc/1/comm") == "mysqld"
    assert mysql(container, "SELECT current_user()") == "root@localhost"
    began = time.monotonic()
    container.stop()
    assert time.monotonic() - began < 5
    assert container.wait()["StatusCode"] == 0


@pytest.mark.parametrize("password", ["secret", 'it\'s \\ 100% "odd" $HOME'])
def test_mysql_wants_roots_password(run: Run, start: Start, password: str) -> None:
    container = start(MYSQL, environment={"MYSQL_ROOT_PASSWORD": password})
    assert mysql(container, "SELECT 1", f"-p{password}") == "1"
    assert container.exec_run(["mysql", "-pwrong", "-e", "SELECT 1"]).exit_code == 1
    client = run(MYSQL, "sleep", "60", environment={"MYSQL_PWD": password})
    over_tcp = ("-h", address(container), "-u", "root")
    assert mysql(client, "SELECT substring_index(user(), '@', 1)", *over_tcp) == "root"


def test_mysql_thinks_of_a_password(start: Start) -> None:
    container = start(MYSQL, environment={"MYSQL_RANDOM_ROOT_PASSWORD": "yes"})
    [line] = [line for line in container.logs().decode().splitlines() if "GENERATED" in line]
    password = line.partition("GENERATED ROOT PASSWORD: ")[2]
    assert len(password) >= 16
    assert mysql(container, "SELECT 1", f"-p{password}") == "1"
    assert container.exec_run(["mysql", "-e", "SELECT 1"]).exit_code == 1


def test_mysql_makes_a_database_and_its_user(start: Start) -> None:
    variables = {
        "MYSQL_ALLOW_EMPTY_PASSWORD": "yes",
        "MYSQL_DATABASE": "my_app",
        "MYSQL_USER": "ann",
        "MYSQL_PASSWORD": "it's",
        "MYSQL_ROOT_HOST": "localhost",
        "MYSQL_INITDB_SKIP_TZINFO": "1",
    }
    container = start(MYSQL, environment=variables)
    assert mysql(container, ROOTS) == "localhost"
    own = ("-uann", "-pit's")
    assert mysql(container, "SELECT DATABASE()", *own, "my_app") == "my_app"
    mysql(container, "CREATE TABLE t (n INT)", *own, "my_app")
    mysql(container, "CREATE DATABASE myXapp")  # _ stands for one letter only where one forgets
    refused = container.exec_run(["mysql", *own, "myXapp", "-e", "SELECT 1"])
    assert b"denied" in refused.output


def test_mysql_reads_secrets_from_files(start: Start) -> None:
    files = {
        "run/secrets/root": b"from a file\n",
        "run/secrets/name": b"shop\n",
        "run/secrets/host": b"192.0.2.%\n",
    }
    variables = {
        "MYSQL_ROOT_PASSWORD_FILE": "/run/secrets/root",
        "MYSQL_ROOT_HOST_FILE": "/run/secrets/host",
        "MYSQL_DATABASE_FILE": "/run/secrets/name",
        "MYSQL_USER_FILE": "/run/secrets/name",
        "MYSQL_PASSWORD_FILE": "/run/secrets/root",
    }
    container = start(MYSQL, files=files, environment=variables)
    try:
        assert mysql(container, ROOTS, "-pfrom a file") == "192.0.2.%,localhost"
        assert mysql(container, "SELECT DATABASE()", "-ushop", "-pfrom a file", "shop") == "shop"
    finally:
        container.remove(force=True, v=True)


def test_mysql_wants_another_password_after_the_first_login(run: Run, start: Start) -> None:
    variables = {"MYSQL_ROOT_PASSWORD": "once", "MYSQL_ONETIME_PASSWORD": "yes"}
    container = start(MYSQL, environment=variables)
    client = run(MYSQL, "sleep", "60")
    over_tcp = ("-h", address(container), "-u", "root", "--connect-expired-password")
    refused = client.exec_run(["mysql", *over_tcp, "-ponce", "-e", "SELECT 1"])
    assert (refused.exit_code, b"1820" in refused.output) == (1, True)
    mariadb, by_oracle = "SET PASSWORD = PASSWORD('another')", "SET PASSWORD = 'another'"
    for change in (mariadb, by_oracle):  # each takes its own, and refuses the other's
        client.exec_run(["mysql", *over_tcp, "-ponce", "-e", change])
    assert mysql(client, "SELECT 1", *over_tcp, "-panother") == "1"


def test_mysql_is_waited_for_while_it_starts(box: Sandbox, kit_engine: docker.DockerClient) -> None:
    """It takes as long as a file of its first start does, and answers nobody until then."""
    pull(kit_engine, MYSQL)
    slow = kit_engine.containers.create(MYSQL, environment={"MYSQL_ALLOW_EMPTY_PASSWORD": "1"})
    ping = "mysqladmin ping -h 127.0.0.1"
    try:
        slow.put_archive("/", tar({f"{INIT}/1.sh": b"sleep 5"}, 0o755))
        slow.start()
        with pytest.raises(CourseError) as caught:
            wait(box.client, str(slow.name), ping, timeout=3)
        assert caught.value.got.startswith("Not after 3 s; the last look saw exit code 1")
        assert "connect to server at '127.0.0.1' failed" in caught.value.got
        assert "The container is running. The end of its log: " in caught.value.got
        _, saw = wait(box.client, str(slow.name), ping, timeout=READY_SECONDS)
        assert saw == "exit code 0, and said: mysqld is alive"
    finally:
        slow.remove(force=True, v=True)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"MYSQL_ROOT_PASSWORD": "a", "MYSQL_ROOT_PASSWORD_FILE": "/b"}, "exclusive"),
        ({"MYSQL_ALLOW_EMPTY_PASSWORD": "1", "MYSQL_USER": "root"}, 'MYSQL_USER="root"'),
    ],
    ids=["both", "root"],
)
def test_mysql_refuses_variables_that_do_not_fit(
    run: Run, variables: Variables, words: str
) -> None:
    code, output = finish(run(MYSQL, environment=variables))
    assert code == 1
    assert words in output


def test_mysql_runs_init_files_once(start: Start, volume: str) -> None:
    files = {
        f"{INIT}/1.sql": b"CREATE TABLE steps (n INT); INSERT INTO steps VALUES (1);",
        f"{INIT}/2.sql.gz": gzip.compress(b"INSERT INTO steps VALUES (2);"),
        f"{INIT}/3.sh": b'mysql -uroot -p"$MYSQL_ROOT_PASSWORD" app -e "INSERT steps SELECT 3"',
        f"{INIT}/readme.txt": b"none",
    }
    variables = {"MYSQL_ROOT_PASSWORD": "secret", "MYSQL_DATABASE": "app"}
    mounted = {"environment": variables, "volumes": [f"{volume}:/var/lib/mysql"], "files": files}
    first = start(MYSQL, **mounted)
    steps = "SELECT group_concat(n) FROM app.steps"
    assert mysql(first, steps, "-psecret") == "1,2,3"
    first.restart(timeout=10)
    until(lambda: mysql_answers(first), READY_SECONDS)
    first.remove(force=True)
    second = start(MYSQL, **mounted)
    assert mysql(second, steps, "-psecret") == "1,2,3"


def test_mysql_stops_at_an_init_file_that_fails(kit_engine: docker.DockerClient, run: Run) -> None:
    pull(kit_engine, MYSQL)
    variables = {"MYSQL_ALLOW_EMPTY_PASSWORD": "yes", "MYSQL_DATABASE": "app"}
    container = kit_engine.containers.create(MYSQL, environment=variables)
    try:
        container.put_archive(
            "/", tar({f"{INIT}/1.sql": b"INSERT INTO nowhere VALUES (1);"}, 0o755)
        )
        container.start()
        code, output = finish(container)
    finally:
        container.remove(force=True, v=True)
    assert code == 1
    assert "nowhere' doesn't exist" in output


def test_mysql_keeps_its_rows_in_the_volume(start: Start, volume: str) -> None:
    options = {"volumes": [f"{volume}:/var/lib/mysql"]}
    first = start(MYSQL, environment={"MYSQL_ROOT_PASSWORD": "first"}, **options)
    write = "CREATE DATABASE app; CREATE TABLE app.t (n INT); INSERT INTO app.t VALUES (7)"
    mysql(first, write, "-pfirst")
    first.remove(force=True)  # without a goodbye
    second = start(MYSQL, **options)  # a database that is there needs no option
    assert mysql(second, "SELECT n FROM app.t", "-pfirst") == "7"


def test_mysql_takes_options_and_settings(run: Run, start: Start) -> None:
    files = {"etc/mysql/conf.d/mine.cnf": b"[mysqld]\nmax_connections = 17\n"}
    variables = {"MYSQL_ALLOW_EMPTY_PASSWORD": "yes"}
    container = start(MYSQL, "--port=3307", files=files, environment=variables)
    try:
        assert mysql(container, "SELECT @@port, @@max_connections") == "3307\t17"
        assert mysql(container, "SELECT @@character_set_server") == "utf8mb4"
    finally:
        container.remove(force=True, v=True)
    code, output = finish(run(MYSQL, "--no-such-option", environment=variables))
    assert (code, "no-such-option" in output) == (1, True)
    code, output = finish(run(MYSQL, "mysql", "--version"))
    assert (code, output.startswith("mysql")) == (0, True)


def test_mysql_dumps_and_reads_back(start: Start) -> None:
    container = start(
        MYSQL, environment={"MYSQL_ALLOW_EMPTY_PASSWORD": "yes", "MYSQL_DATABASE": "app"}
    )
    mysql(container, "CREATE TABLE t (n INT); INSERT INTO t VALUES (7), (8)", "app")
    copy = "mysqldump app > /tmp/app.sql; mysqladmin create other; mysql other < /tmp/app.sql"
    said(container, "sh", "-ec", copy)
    assert mysql(container, "SELECT sum(n) FROM t", "other") == "15"


# -- PostgreSQL ------------------------------------------------------------------------------------


def test_postgres_says_what_it_is(kit_engine: docker.DockerClient) -> None:
    pull(kit_engine, POSTGRES)
    config = kit_engine.images.get(POSTGRES).attrs["Config"]
    assert config["Cmd"] == ["postgres"]
    assert config["Entrypoint"] == ["docker-entrypoint.sh"]
    assert config["Volumes"] == {"/var/lib/postgresql/data": {}}
    assert set(config["ExposedPorts"]) == {"5432/tcp"}
    assert config["StopSignal"] == "SIGINT"
    assert "PGDATA=/var/lib/postgresql/data" in config["Env"]


@pytest.mark.parametrize("variables", [{}, {"POSTGRES_PASSWORD": ""}], ids=["none", "empty"])
def test_postgres_refuses_to_start_without_a_password(run: Run, variables: Variables) -> None:
    code, output = finish(run(POSTGRES, environment=variables))
    assert code == 1
    assert "Database is uninitialized and superuser password is not specified" in output
    assert "POSTGRES_PASSWORD" in output
    assert "POSTGRES_HOST_AUTH_METHOD=trust" in output


def test_postgres_runs_as_its_user_and_ends_at_once(start: Start) -> None:
    container = start(POSTGRES, environment={"POSTGRES_PASSWORD": "secret"})
    assert said(container, "stat", "-c", "%U %u", "/proc/1") == "postgres 70"
    assert said(container, "cat", "/proc/1/comm") == "postgres"
    assert psql(container, "SELECT current_user || '/' || current_database()") == (
        "postgres/postgres"
    )
    assert b"database system is ready to accept connections" in container.logs()
    began = time.monotonic()
    container.stop()
    assert time.monotonic() - began < 5
    assert container.wait()["StatusCode"] == 0


def over_tcp(run: Run, server: Container, password: str, *options: str) -> tuple[int, bytes]:
    """Asks from another container, as an application does."""
    client = run(POSTGRES, "sleep", "60", environment={"PGPASSWORD": password})
    answer = client.exec_run(["psql", "-h", address(server), "-XtAc", "SELECT 'in'", *options])
    return answer.exit_code, answer.output.strip()


def test_postgres_wants_the_password_of_other_machines(run: Run, start: Start) -> None:
    password = 'it\'s \\ 100% "odd" $HOME'
    container = start(POSTGRES, environment={"POSTGRES_PASSWORD": password})
    assert over_tcp(run, container, password, "-U", "postgres") == (0, b"in")
    code, output = over_tcp(run, container, "wrong", "-U", "postgres")
    assert (code, b"password authentication failed" in output) == (2, True)


def test_postgres_trusts_where_it_is_told_to(run: Run, start: Start) -> None:
    container = start(POSTGRES, environment={"POSTGRES_HOST_AUTH_METHOD": "trust"})
    assert over_tcp(run, container, "", "-w", "-U", "postgres") == (0, b"in")


@pytest.mark.parametrize(("variables", "database"), [({}, "ann"), ({"POSTGRES_DB": "a-b"}, "a-b")])
def test_postgres_makes_a_user_and_a_database(
    run: Run, start: Start, variables: Variables, database: str
) -> None:
    named = {"POSTGRES_USER": "ann", "POSTGRES_PASSWORD": "p"} | variables
    container = start(POSTGRES, environment=named)
    assert over_tcp(run, container, "p", "-U", "ann", database) == (0, b"in")
    query = "SELECT rolname FROM pg_roles WHERE rolsuper"
    assert said(container, "psql", "-U", "ann", "-XtAc", query, database) == "ann"


def test_postgres_reads_secrets_from_files(run: Run, start: Start) -> None:
    files = {
        "run/secrets/password": b"from a file\n",
        "run/secrets/name": b"shop\n",
        "run/secrets/arguments": b"--locale=C --encoding=LATIN1\n",
    }
    variables = {
        "POSTGRES_INITDB_ARGS_FILE": "/run/secrets/arguments",
        "POSTGRES_PASSWORD_FILE": "/run/secrets/password",
        "POSTGRES_USER_FILE": "/run/secrets/name",
        "POSTGRES_DB_FILE": "/run/secrets/name",
    }
    container = start(POSTGRES, files=files, environment=variables)
    try:
        assert over_tcp(run, container, "from a file", "-U", "shop", "shop") == (0, b"in")
        assert said(container, "psql", "-U", "shop", "-XtAc", "SHOW server_encoding") == "LATIN1"
    finally:
        container.remove(force=True, v=True)


def test_postgres_refuses_a_variable_and_its_file(run: Run) -> None:
    variables = {"POSTGRES_PASSWORD": "a", "POSTGRES_PASSWORD_FILE": "/b"}
    code, output = finish(run(POSTGRES, environment=variables))
    assert (code, "exclusive" in output) == (1, True)


def test_postgres_keeps_its_data_where_it_is_told_to(start: Start) -> None:
    variables = {
        "POSTGRES_PASSWORD": "p",
        "PGDATA": "/var/lib/postgresql/data/mine",
        "POSTGRES_INITDB_ARGS": "--data-checksums --locale=C --encoding=LATIN1",
        "POSTGRES_INITDB_WALDIR": "/var/log/journal/wal",
    }
    container = start(POSTGRES, environment=variables)
    assert psql(container, "SHOW data_directory") == "/var/lib/postgresql/data/mine"
    assert psql(container, "SHOW data_checksums") == "on"
    assert psql(container, "SHOW server_encoding") == "LATIN1"
    journal = said(container, "readlink", "/var/lib/postgresql/data/mine/pg_wal")
    assert journal == "/var/log/journal/wal"
    assert said(container, "stat", "-c", "%U", journal) == "postgres"


def test_postgres_runs_init_files_once(start: Start, volume: str) -> None:
    files = {
        f"{INIT}/1.sql": b"CREATE TABLE steps (n INT); INSERT INTO steps VALUES (1);",
        f"{INIT}/2.sql.gz": gzip.compress(b"INSERT INTO steps VALUES (2);"),
        f"{INIT}/3.sh": b'psql -U "$POSTGRES_USER" "$POSTGRES_DB" -c "INSERT INTO steps SELECT 3"',
        f"{INIT}/readme.txt": b"none",
    }
    variables = {"POSTGRES_PASSWORD": "secret", "POSTGRES_DB": "app"}
    mounted = {
        "environment": variables,
        "volumes": [f"{volume}:/var/lib/postgresql/data"],
        "files": files,
    }
    first = start(POSTGRES, **mounted)
    steps = "SELECT string_agg(n::text, ',') FROM steps"
    assert psql(first, steps, "app") == "1,2,3"
    first.restart(timeout=10)
    until(lambda: postgres_answers(first), READY_SECONDS)
    first.remove(force=True)
    second = start(POSTGRES, **mounted)
    assert psql(second, steps, "app") == "1,2,3"
    assert b"Skipping initialization" in second.logs()


def test_postgres_keeps_its_rows_in_the_volume(start: Start, volume: str) -> None:
    options = {"volumes": [f"{volume}:/var/lib/postgresql/data"]}
    first = start(POSTGRES, environment={"POSTGRES_PASSWORD": "first"}, **options)
    psql(first, "CREATE TABLE t AS SELECT 7 AS n")
    first.remove(force=True)  # without a goodbye
    second = start(POSTGRES, **options)  # a database that is there needs no option
    assert psql(second, "SELECT n FROM t") == "7"


def test_postgres_takes_options(run: Run, start: Start) -> None:
    container = start(
        POSTGRES, "-c", "max_connections=17", environment={"POSTGRES_PASSWORD": "secret"}
    )
    assert psql(container, "SHOW max_connections") == "17"
    code, output = finish(run(POSTGRES, "postgres", "--version"))
    assert (code, output.startswith("postgres (PostgreSQL) 17.")) == (0, True)


def test_postgres_dumps_and_reads_back(start: Start) -> None:
    container = start(POSTGRES, environment={"POSTGRES_PASSWORD": "secret"})
    psql(container, "CREATE TABLE t AS SELECT generate_series(7, 8) AS n")
    copy = "pg_dump -U postgres > /tmp/all.sql; createdb -U postgres other"
    said(container, "sh", "-ec", f"{copy}; psql -U postgres -Xqf /tmp/all.sql other")
    assert psql(container, "SELECT sum(n) FROM t", "other") == "15"
