"""The applications under exercises/, run as a learner runs them: on a lab's Docker host.

One sandbox, one build of each image. The tests run in the order of this file: what is started
stays up for those below.
"""

from __future__ import annotations

import json
import shlex
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from waiting import until

from course.catalogue import ROOT
from course.engine.sandbox import Sandbox
from course.engine.upload import upload
from course.watch.path import TAKEN
from course.watch.path_reader import PathReader

COMPOSE = "docker compose --ansi never --progress quiet"
PRODUCTION = f"POSTGRES_PASSWORD=harbour {COMPOSE} -f compose.production.yaml"
BAD = ("", "x", "-1", "41", "1.5", "1e1", "0x1", "9" * 400, "<script>alert(1)</script>", None, [3])
LONG = 40  # seconds for a container to come up on a busy machine


class Host:
    """The lab's Docker host, with the applications on it."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self._places: dict[str, str] = {}

    def run(self, app: str, script: str, *, fails: bool = False) -> str:
        """Runs a script in the folder of an application; gives what it says."""
        if app not in self._places:
            self._places[app] = upload(self.box, ROOT / "exercises" / app)
        code, output = self.box.run(f"cd {shlex.quote(self._places[app])} && {script} 2>&1")
        said = output.decode(errors="replace")
        assert bool(code) == fails, f"{script} ended with {code}:\n{said[-4000:]}"
        return said

    def ask(self, port: int, path: str = "/", body: object = None) -> tuple[int, str]:
        """Asks for a page, or posts a body as JSON; 0 is no answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.box.url(port) + path, data)
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def answers(self, port: int, path: str = "/") -> str:
        """Waits until a page is there, and gives it."""
        return until(lambda: self.page(port, path), LONG)

    def page(self, port: int, path: str = "/") -> str:
        status, words = self.ask(port, path)
        return words if status == 200 else ""

    def values(self) -> dict[str, Any]:
        return dict(json.loads(self.page(3050, "/api/values/current")))


@pytest.fixture(scope="module")
def host(box: Sandbox) -> Host:
    return Host(box)


def assert_green(said: str) -> None:
    """node:test and Vitest each say so in their own way; a test that needs a service must run."""
    if "duration_ms" in said:  # node:test
        assert "fail 0" in said
        assert "skipped 0" in said, said[-1500:]
    else:
        assert "Tests" in said
        assert "passed" in said
        assert "failed" not in said


# -- an image, and no application


@pytest.mark.parametrize(
    ("dockerfile", "program", "words"),
    [("Dockerfile", "redis-server", "Redis server v="), ("Dockerfile.gcc", "gcc", "gcc (")],
)
def test_redis_image(host: Host, dockerfile: str, program: str, words: str) -> None:
    tag = f"redis:with-{program}"
    host.run("redis-image", f"docker build --quiet -f {dockerfile} -t {tag} .")
    assert words in host.run("redis-image", f"docker run --rm {tag} {program} --version")


# -- one container


def test_simple_nodejs_web(host: Host) -> None:
    host.run("simple-nodejs-web", f"{COMPOSE} up -d")
    assert host.answers(8080) == "Hi there"
    assert_green(host.run("simple-nodejs-web", f"{COMPOSE} run --rm web npm test"))
    assert host.run("simple-nodejs-web", f"{COMPOSE} exec -T web id -un").strip() == "node"


def test_simple_nodejs_web_stops_at_once(host: Host) -> None:
    began = time.monotonic()
    host.run("simple-nodejs-web", f"{COMPOSE} stop --timeout 30")
    assert time.monotonic() - began < 20
    assert "Exited (143)" in host.run("simple-nodejs-web", f"{COMPOSE} ps -a")
    host.run("simple-nodejs-web", f"{COMPOSE} start")
    assert host.answers(8080) == "Hi there"


# -- a server and Redis


def test_visits_are_counted(host: Host) -> None:
    host.run("visits", f"{COMPOSE} up -d")
    first = host.answers(8081)
    assert host.page(8081) != first
    assert host.page(8081).startswith("Number of visits ")


def test_visits_own_tests_with_its_redis(host: Host) -> None:
    assert_green(host.run("visits", f"{COMPOSE} run --rm node-app npm test"))


def test_visits_without_redis_and_with_it_again(host: Host) -> None:
    host.run("visits", f"{COMPOSE} stop redis-server")
    assert host.ask(8081) == (503, "The counter is out of order")
    host.run("visits", f"{COMPOSE} start redis-server")
    assert host.answers(8081).startswith("Number of visits ")


def test_visits_comes_back_after_a_crash_and_not_after_an_exit(host: Host) -> None:
    def restarts() -> int:
        return int(host.run("visits", "docker inspect -f '{{.RestartCount}}' visits-node-app-1"))

    assert host.ask(8081, "/crash/3")[1] == "Goodbye: exit 3"
    until(lambda: restarts() == 1)
    host.answers(8081)
    assert host.ask(8081, "/crash/0")[1] == "Goodbye: exit 0"
    until(lambda: "Exited (0)" in host.run("visits", f"{COMPOSE} ps -a"))


def test_a_port_that_is_taken(host: Host) -> None:
    """Compose names the port; what it made for nothing stays, and `down` removes it."""
    said = host.run(
        "simple-nodejs-web", f"{COMPOSE} -p another up -d", fails=True
    )  # simple-nodejs-web has it
    assert "8080" in said
    assert "port is already allocated" in said
    host.run("simple-nodejs-web", f"{COMPOSE} -p another down")
    assert host.page(8080) == "Hi there"


# -- a React page


def test_frontend_for_work(host: Host) -> None:
    host.run("frontend", f"{COMPOSE} up -d")
    assert '<script type="module" src="/src/main.jsx' in host.answers(3000)
    assert_green(host.run("frontend", f"{COMPOSE} run --rm web npm test"))


def test_frontend_for_production(host: Host) -> None:
    host.run("frontend", "docker build -q -t frontend:production .")
    script = "docker run --rm frontend:production sh -c 'cat /usr/share/nginx/html/index.html'"
    assert "/assets/index-" in host.run("frontend", script)
    host.run("frontend", f"{COMPOSE} down -v")


# -- the whole


@pytest.fixture(scope="module")
def whole(host: Host) -> Host:
    """complex-app for work, up and well."""
    host.run("complex-app", f"{COMPOSE} up -d")
    well = host.answers(3050, "/api/health")
    assert json.loads(well) == {"postgres": "ok", "redis": "ok"}
    return host


@pytest.mark.parametrize("service", ["server", "worker", "client"])
def test_complex_apps_own_tests(whole: Host, service: str) -> None:
    said = whole.run("complex-app", f"{COMPOSE} run --rm --no-deps {service} npm test")
    assert_green(said)


def test_an_index_becomes_a_value(whole: Host) -> None:
    assert '<div id="root">' in whole.answers(3050)
    assert whole.ask(3050, "/api/values", {"index": "10"})[0] == 202
    found = until(lambda: whole.values().get("10", {}).get("value") and whole.values()["10"])
    assert found["value"] == 55
    assert 10 in json.loads(whole.page(3050, "/api/values/all"))


@pytest.mark.parametrize("index", BAD, ids=lambda index: str(index)[:12] or "empty")
def test_a_bad_index_is_refused(whole: Host, index: object) -> None:
    before = whole.values(), whole.page(3050, "/api/values/all")
    status, said = whole.ask(3050, "/api/values", {"index": index})
    assert (status, json.loads(said)) == (
        422,
        {"error": "The index is a whole number from 0 to 40."},
    )
    assert (whole.values(), whole.page(3050, "/api/values/all")) == before


def test_a_request_that_is_no_index_at_all(whole: Host) -> None:
    assert whole.ask(3050, "/api/values", "x" * 20_000)[0] == 413
    assert whole.ask(3050, "/api/values", ["index"])[0] == 422
    assert whole.ask(3050, "/api/nothing")[0] == 404


def test_nothing_is_lost_when_a_worker_is_killed_with_work_in_hand(whole: Host) -> None:
    reader = PathReader(whole.box.client, "complex-app")
    assert whole.ask(3050, "/api/values", {"index": "40"})[0] == 202
    until(lambda: any(hop.what == TAKEN for hop in reader.read().later), every=0.05)
    whole.run("complex-app", "docker kill complex-app-worker-1")
    assert reader.read().is_pending
    assert whole.values()["40"]["value"] is None
    whole.run("complex-app", f"{COMPOSE} start worker")
    until(lambda: whole.values()["40"]["value"] == 102334155, LONG)
    said = [hop.what for hop in until(lambda: _whole(reader)).later]
    assert said == ["job taken", "job taken", "value written"]
    reader.close()


def _whole(reader: PathReader) -> Any:
    path = reader.read()
    return path if path.is_whole else None


def test_the_database_is_down_when_the_server_starts(whole: Host) -> None:
    whole.run("complex-app", f"{COMPOSE} stop server postgres")
    whole.run("complex-app", "docker start complex-app-server-1")
    # Redis is asked for a connection at the start too, so it takes a moment longer than the port.
    until(lambda: _health(whole).get("redis") == "ok", LONG)
    assert _health(whole)["postgres"] != "ok"
    status, words = whole.ask(3050, "/api/values", {"index": "3"})
    assert status == 503
    assert "does not answer" in words
    whole.run("complex-app", "docker start complex-app-postgres-1")
    until(lambda: whole.ask(3050, "/api/values", {"index": "3"})[0] == 202, LONG)


def _health(host: Host) -> dict[str, str]:
    status, said = host.ask(3050, "/api/health")
    return dict(json.loads(said)) if status == 503 and said.startswith("{") else {}


@pytest.mark.parametrize(("service", "path"), [("server", "/api/health"), ("client", "/")])
def test_a_service_that_is_gone_is_a_502_from_the_first_moment(
    whole: Host, service: str, path: str
) -> None:
    """nginx knows its old address for a second or two, and nobody answers there."""
    whole.answers(3050, path)
    whole.run("complex-app", f"docker kill complex-app-{service}-1")
    assert [whole.ask(3050, path)[0] for _ in range(3)] == [502, 502, 502]
    reader = PathReader(whole.box.client, "complex-app")
    assert whole.ask(3050, "/api/values", {"index": "1"})[0] == (
        502 if service == "server" else 202
    )
    answer = reader.read().answer
    assert answer is not None
    assert answer.to == "server"
    reader.close()
    whole.run("complex-app", f"docker start complex-app-{service}-1")
    whole.answers(3050, path)


def test_what_was_submitted_outlives_its_containers(whole: Host) -> None:
    before = json.loads(whole.page(3050, "/api/values/all"))
    assert before
    whole.run("complex-app", f"{COMPOSE} down")
    whole.run("complex-app", f"{COMPOSE} up -d")
    whole.answers(3050, "/api/health")
    assert json.loads(whole.page(3050, "/api/values/all")) == before
    whole.run("complex-app", f"{COMPOSE} down -v")


def test_complex_app_for_production(host: Host) -> None:
    host.run("complex-app", f"{PRODUCTION} up -d")
    host.answers(3050, "/api/health")
    assert "/assets/index-" in host.answers(3050)
    assert host.ask(3050, "/api/values", {"index": "7"})[0] == 202
    until(lambda: host.values()["7"]["value"] == 13)
    users = host.run("complex-app", f"{PRODUCTION} exec -T server id -un")
    assert users.strip() == "node"
    host.run("complex-app", f"{PRODUCTION} down -v")


# -- files that Compose refuses

CYCLE = {
    "services": {
        "egg": {"image": "busybox", "depends_on": ["hen"]},
        "hen": {"image": "busybox", "depends_on": ["egg"]},
    }
}
UNKNOWN = {"services": {"web": {"image": "busybox", "prots": ["80:80"]}}}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (UNKNOWN, "services.web Additional property prots is not allowed"),
        (CYCLE, "dependency cycle detected"),
    ],
    ids=["unknown key", "cycle"],
)
def test_a_file_that_compose_refuses(host: Host, file: object, words: str) -> None:
    written = shlex.quote(json.dumps(file))  # JSON is YAML
    said = host.run("visits", f"echo {written} | {COMPOSE} -f - config", fails=True)
    assert words in said
    assert len(said.strip().splitlines()) == 1


def test_a_password_that_is_missing(host: Host) -> None:
    said = host.run("complex-app", f"{COMPOSE} -f compose.production.yaml up -d", fails=True)
    assert "required variable POSTGRES_PASSWORD is missing a value" in said
    assert len(said.strip().splitlines()) == 1
