"""What a sandbox is started with, and what it can do without."""

from __future__ import annotations

import pytest
from docker.errors import APIError

from course.engine import boot
from course.engine.profile import resolvers


@pytest.mark.parametrize(
    "said",
    [
        "Bind for 127.0.0.1:8080 failed: port is already allocated",
        "listen tcp4 127.0.0.1:8080: bind: address already in use",
        "Ports are not available: exposing port TCP 127.0.0.1:8080 -> 0.0.0.0:0: listen tcp "
        "127.0.0.1:8080: bind: Only one usage of each socket address is normally permitted.",
    ],
)
def test_a_port_that_somebody_has_is_done_without(said: str) -> None:
    assert boot._refused_wish(APIError("500 Server Error", explanation=said)) == "same_ports"


def test_another_refusal_is_no_wish() -> None:
    assert boot._refused_wish(APIError("500", explanation="no space left on device")) is None


RESOLV_CONF = """# made by NetworkManager
search lan
nameserver 127.0.0.53
nameserver ::1
nameserver fe80::1%wlan0
nameserver fe80::2%3
nameserver 169.254.169.253
nameserver 192.168.178.1
nameserver 2001:db8::53
nameserver
nameserver not-an-address
options edns0
"""


def test_only_resolvers_that_a_nested_container_reaches_are_named() -> None:
    assert resolvers(RESOLV_CONF) == ["192.168.178.1", "2001:db8::53"]
    assert resolvers("") == []
