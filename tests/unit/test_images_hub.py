from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from course.images.hub import pulls_left

pytestmark = pytest.mark.unit


class Hub(BaseHTTPRequestHandler):
    """Answers as Docker Hub documents it; `left` is its header, `asked` what came."""

    left: str | None = "76;w=21600"
    delay = 0.0
    asked: list[str]

    def do_GET(self) -> None:
        time.sleep(self.delay)
        self.asked.append(self.path)
        self._answer({}, json.dumps({"token": "a-token"}).encode())

    def do_HEAD(self) -> None:
        self.asked.append(f"HEAD {self.path} {self.headers['Authorization']}")
        self._answer({"ratelimit-remaining": self.left} if self.left else {}, b"")

    def _answer(self, headers: dict[str, str], body: bytes) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # A caller that waits no longer has gone.
        with suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[tuple[type[Hub], str]]:
    kind = type("Mine", (Hub,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kind, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_asks_without_spending_a_pull(hub: tuple[type[Hub], str]) -> None:
    kind, url = hub
    assert pulls_left(url, f"{url}/token") == 76
    token, head = kind.asked
    assert "scope=repository%3Aratelimitpreview%2Ftest%3Apull" in token
    assert head == "HEAD /v2/ratelimitpreview/test/manifests/latest Bearer a-token"


def test_no_header_is_no_limit(hub: tuple[type[Hub], str]) -> None:
    kind, url = hub
    kind.left = None
    assert pulls_left(url, f"{url}/token") is None


def test_offline_is_none() -> None:
    assert pulls_left("http://127.0.0.1:9", "http://127.0.0.1:9/token") is None


def test_a_slow_answer_is_not_waited_for(hub: tuple[type[Hub], str]) -> None:
    kind, url = hub
    kind.delay = 3
    began = time.monotonic()
    assert pulls_left(url, f"{url}/token", seconds=0.5) is None
    assert time.monotonic() - began < 1.5
