from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.catalogue import ROOT
from course.engine import host as room
from course.engine.host import HostEngine
from course.errors import CourseError

FIND = """
from course.engine.host import find
from course.errors import CourseError
try:
    engine = find()
    print('found', engine and engine.endpoint.url)
except CourseError as error:
    print('error', error)
"""


def test_it_says_where_and_why(host: HostEngine) -> None:
    found = room.find()
    assert found is not None
    assert found.version["Version"] == host.version["Version"]
    assert found.endpoint.why


def test_a_chosen_engine_that_is_silent_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(CourseError, match="because DOCKER_HOST names it"):
        room.find()


def test_docker_host_wins_over_the_usual_sockets(
    host: HostEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host.endpoint.url)
    found = room.find()
    assert found is not None
    assert found.endpoint.why == "DOCKER_HOST names it"


def test_a_docker_context_is_followed(
    host: HostEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = os.environ | {"DOCKER_CONFIG": str(tmp_path)}
    words = ["docker", "context", "create", "mine", "--docker", f"host={host.endpoint.url}"]
    subprocess.run(words, env=env, check=True, capture_output=True)
    subprocess.run(["docker", "context", "use", "mine"], env=env, check=True, capture_output=True)
    env.pop("DOCKER_HOST", None)
    words = [sys.executable, "-c", FIND.replace("engine.endpoint.url", "engine.endpoint.why")]

    def said(**more: str) -> str:
        found = subprocess.run(
            words, env=env | more, capture_output=True, text=True, check=True, cwd=ROOT
        )
        return found.stdout.strip()

    assert said() == "found the docker context 'mine' names it"
    # The variable wins over the current context, as it does for the CLI.
    assert "There is none of this name" in said(DOCKER_CONTEXT="nowhere")
    subprocess.run(["docker", "context", "use", "default"], env=env, check=True)
    assert said(DOCKER_CONTEXT="mine") == "found the docker context 'mine' names it"


AS_NOBODY = """
import os, sys
from course.engine import host
os.setgroups([]); os.setgid(65534); os.setuid(65534)
usual = [host.Endpoint("unix://" + path, "a test") for path in sys.argv[1:]]
host.well_known_sockets = lambda: iter(usual)
try:
    print("found", host.find())
except host.CourseError as error:
    print("error", error)
"""


@pytest.fixture
def closed_socket(tmp_path: Path) -> Iterator[Path]:
    """A socket that listens, for root and its group only, in a folder that is open to all."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        Path(folder).chmod(0o755)  # pytest's own folders are closed to nobody
        path = Path(folder, "docker.sock")
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o660)
        yield path


def find_as_nobody(*sockets: Path) -> str:
    """What `find` says to a user who is in no group, where these are the usual sockets."""
    with tempfile.TemporaryDirectory() as home:
        os.chown(home, 65534, 65534)
        env = {"PATH": os.environ["PATH"], "HOME": home, "COURSE_DATA": f"{home}/data"}
        words = [sys.executable, "-c", AS_NOBODY, *map(str, sockets)]
        done = subprocess.run(words, env=env, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")


@needs_root
def test_a_socket_without_permission_names_its_group(closed_socket: Path) -> None:
    said = find_as_nobody(closed_socket)
    assert said.startswith(f"error Tried to open the Docker socket {closed_socket}.")
    assert "Permission denied: it belongs to root:root" in said
    assert "usermod -aG root" in said


@needs_root
def test_a_group_without_a_name_is_told_by_its_number(closed_socket: Path) -> None:
    os.chown(closed_socket, 0, 54321)
    assert "it belongs to root:54321" in find_as_nobody(closed_socket)


@needs_root
def test_a_socket_in_a_closed_folder_is_not_there(closed_socket: Path) -> None:
    closed_socket.parent.chmod(0o700)
    assert find_as_nobody(closed_socket) == "found None\n"


def test_an_engine_before_20_10_is_refused_with_its_version() -> None:
    with pytest.raises(CourseError, match=r"19\.03\.15.*20\.10"):
        room._refuse_old({"Version": "19.03.15", "ApiVersion": "1.40"})


def test_api_versions_are_compared_as_numbers() -> None:
    room._refuse_old({"Version": "20.10", "ApiVersion": "1.41"})
    room._refuse_old({"Version": "40", "ApiVersion": "1.100"})
    with pytest.raises(CourseError):
        room._refuse_old({"Version": "1.13", "ApiVersion": "1.5"})
