"""What a port says to one HTTP request, a request for a WebSocket too."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

BODY_LIMIT = 1 << 16  # bytes

# The key is that of RFC 6455, section 1.3: any 16 bytes would do.
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: its status, and the first 64 KiB of its body."""

    status: int
    body: str = ""


def fetch(url: str, headers: Mapping[str, str], seconds: float) -> Answer | None:
    """Returns the answer to a GET, of any status; None where there is none in time.

    Not through urllib: it closes each connection, and so asks for no upgrade. Nor through a proxy,
    whatever the environment says: the address is on this machine.

    Args:
        url: Where, by http.
        headers: Sent with it.
        seconds: To wait for each part of the answer.
    """
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.netloc, timeout=seconds)
    try:
        line.request("GET", parts.path or "/", headers=dict(headers))
        answer = line.getresponse()
        return Answer(answer.status, answer.read(BODY_LIMIT).decode(errors="replace"))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        line.close()
