from __future__ import annotations

import docker
import pytest
import requests
from docker.errors import APIError, BuildError, ContainerError

from course.notebook.refusals import _told, tell_refusals


def refusal(status: int, words: str) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError("error", response=response, explanation=words)


def test_the_engines_own_words_in_one_line() -> None:
    assert _told(refusal(400, "Minimum memory limit allowed is 6MB")) == [
        "APIError: the engine answered 400: Minimum memory limit allowed is 6MB"
    ]


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        ('Conflict. The container name "/web" is already in use by container "4f2a"',
         'one container: lab.fresh("web") removes'),
        ("network with name app already exists",
         'one network: lab.fresh(networks=["app"]) removes'),
        ("rpc error: code = AlreadyExists desc = name conflicts with an existing object: "
         "service web already exists", 'one service: lab.run("docker service rm web") removes'),
    ],
)  # fmt: skip
def test_a_taken_name_comes_with_the_way_out(words: str, way_out: str) -> None:
    assert way_out in _told(refusal(409, words))[1]


@pytest.mark.parametrize(
    "words",
    [
        "cannot remove a running container: stop it first",
        'cannot remove container "/rename-me": container is running',
        "rpc error: code = AlreadyExists desc = secret pw already exists",
    ],
)
def test_another_conflict_does_not(words: str) -> None:
    assert len(_told(refusal(409, words))) == 1


def test_a_failed_container_tells_its_code_and_its_last_words() -> None:
    error = ContainerError(None, 3, "sh -c x", "busybox", b"no such thing\n")
    words = "ContainerError: 'sh -c x' in 'busybox' ended with exit code 3: no such thing"
    assert _told(error) == [words]


def test_other_errors_keep_their_text() -> None:
    assert _told(docker.errors.DockerException("gone")) == ["DockerException: gone"]


def test_an_image_that_is_not_there_comes_with_where_to_look() -> None:
    lines = _told(refusal(404, "manifest for mysql:5.7 not found: manifest unknown"))
    assert "manifest for mysql:5.7 not found" in lines[0]
    assert "course images list" in lines[1]


def test_a_build_tells_its_last_words() -> None:
    log = [{"stream": "Step 2/2 : RUN make\n"}, {"stream": "\x1b[91mno rule\n\x1b[0m"}]
    error = BuildError("The command 'make' returned a non-zero code: 2", iter(log))
    assert _told(error) == [
        "BuildError: The command 'make' returned a non-zero code: 2. Its last words: no rule"
    ]


def test_a_build_without_a_network_says_so() -> None:
    # As apt-get says it (and docker-py cuts it) when no name server answers.
    log = [
        {"stream": "W: Failed to fetch http://d/  Temporary failure resolving 'd'\n"},
        *[{"stream": f"{line}\n"} for line in ("Reading …", "Building …", "E: Unable to locate")],
    ]
    lines = _told(BuildError("returned a non-zero code: 100", iter(log)))
    assert "asked for something from the internet" in lines[1]


def test_an_engine_that_hangs_up_on_a_build_context() -> None:
    request = requests.Request("POST", "https://127.0.0.1:1/v1.45/build?q=False").prepare()
    lines = _told(requests.ConnectionError("EOF occurred", request=request))
    assert "disk is full" in lines[1]
    elsewhere = requests.Request("GET", "http://127.0.0.1:8080/").prepare()
    assert len(_told(requests.ConnectionError("refused", request=elsewhere))) == 1


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout("HTTPSConnectionPool(host='127.0.0.1'): Read timed out."),
        requests.ConnectionError("HTTPSConnectionPool(host='127.0.0.1'): Read timed out."),
    ],
)
def test_an_answer_that_does_not_come_in_time(error: requests.RequestException) -> None:
    assert "may go on all the same" in _told(error)[1]


@pytest.mark.parametrize(
    "kind",
    [docker.errors.NotFound, requests.ReadTimeout, requests.exceptions.ChunkedEncodingError],
)
def test_refusals_and_silence_have_no_traceback(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    for base in (docker.errors.DockerException, requests.RequestException):
        monkeypatch.setattr(base, "_render_traceback_", None, raising=False)
    tell_refusals()
    assert kind._render_traceback_ is _told
