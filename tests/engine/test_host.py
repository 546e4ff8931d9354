from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
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
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "found the docker context 'mine' names it"


AS_NOBODY = """
import os, sys
from course.engine.host import Endpoint, _refused
os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(_refused(Endpoint("unix://" + sys.argv[1], "a test"), PermissionError()))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_a_socket_without_permission_names_its_group() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        Path(folder).chmod(0o755)  # pytest's own folders are closed to nobody
        path = Path(folder, "docker.sock")
        listener.bind(str(path))
        path.chmod(0o660)
        words = [sys.executable, "-c", AS_NOBODY, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "Permission denied: it belongs to root:root" in done.stdout
    assert "usermod -aG root" in done.stdout


def test_an_engine_before_20_10_is_refused_with_its_version() -> None:
    with pytest.raises(CourseError, match=r"19\.03\.15.*20\.10"):
        room._refuse_old({"Version": "19.03.15", "ApiVersion": "1.40"})


def test_api_versions_are_compared_as_numbers() -> None:
    room._refuse_old({"Version": "20.10", "ApiVersion": "1.41"})
    room._refuse_old({"Version": "40", "ApiVersion": "1.100"})
    with pytest.raises(CourseError):
        room._refuse_old({"Version": "1.13", "ApiVersion": "1.5"})
