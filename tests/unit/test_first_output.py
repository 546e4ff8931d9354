from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import docker
import pytest

from course.engine.first_output import keep_first_output

HEAD = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)


def frame(kind: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", kind, len(content)) + content


@pytest.fixture
def url() -> Iterator[str]:
    """A wire on which headers and first frames come in one packet, as a busy engine sends them."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                connection.sendall(HEAD + frame(1, b"first\n") + frame(2, b"oops\n"))
                # Closed with the request's body unread, the wire would say "reset", not "end".
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        threading.Thread(target=answer, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_what_comes_with_the_headers_is_not_lost(url: str) -> None:
    api = docker.APIClient(base_url=url, version="1.45")
    keep_first_output(api)
    assert list(api.exec_start("x", stream=True, demux=True)) == [
        (b"first\n", None),
        (None, b"oops\n"),
    ]


def test_it_is_not_lost_without_streaming_either(url: str) -> None:
    api = docker.APIClient(base_url=url, version="1.45")
    keep_first_output(api)
    assert api.exec_start("x") == b"first\noops\n"


def test_docker_py_alone_still_loses_it(url: str) -> None:
    """When this fails, docker-py has mended it, and course/engine/first_output.py can go."""
    api = docker.APIClient(base_url=url, version="1.45")
    assert b"first" not in api.exec_start("x")
