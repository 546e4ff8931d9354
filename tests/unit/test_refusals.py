from __future__ import annotations

import docker
import requests
from docker.errors import APIError, ContainerError

from course.notebook.refusals import _told


def refusal(status: int, words: str) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError("error", response=response, explanation=words)


def test_the_engines_own_words_in_one_line() -> None:
    assert _told(refusal(400, "Minimum memory limit allowed is 6MB")) == [
        "APIError: the engine answered 400: Minimum memory limit allowed is 6MB"
    ]


def test_a_taken_name_comes_with_the_way_out() -> None:
    lines = _told(refusal(409, 'Conflict. The container name "/web" is already in use'))
    assert "lab.fresh" in lines[1]


def test_another_conflict_does_not() -> None:
    assert len(_told(refusal(409, "cannot remove a running container: stop it first"))) == 1


def test_a_failed_container_tells_its_code_and_its_last_words() -> None:
    error = ContainerError(None, 3, "sh -c x", "busybox", b"no such thing\n")
    words = "ContainerError: 'sh -c x' in 'busybox' ended with exit code 3: no such thing"
    assert _told(error) == [words]


def test_other_errors_keep_their_text() -> None:
    assert _told(docker.errors.DockerException("gone")) == ["DockerException: gone"]
