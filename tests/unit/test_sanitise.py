from __future__ import annotations

import base64
from itertools import pairwise

import pytest

from course.testing import sanitise
from course.testing.rules import RULES

ID, OTHER_ID = "4f2a" * 16, "9be1" * 16
SHORT, OTHER_SHORT = ID[:12], OTHER_ID[:12]

# The name of a rule, and two texts that two right runs may show.
SAME = [
    ("pull-progress", f"{SHORT}: Pull complete\nDigest: x", "Digest: x"),
    (
        "hello-message",
        "Hello from Docker!\nIt works.\n $ docker run -it busybox sh\nend",
        "Hello from Docker!\nThis.\n\n $ x\n https://docs.docker.com/get-started/\nend",
    ),
    ("digest", "Digest: sha256:" + ID, "Digest: sha256:" + OTHER_ID),
    ("id-digits", "<Container: 123456789012>", f"<Container: {SHORT}>"),
    ("id-digits", "123456789012", SHORT),
    ("id", f"{ID}\n", f"{OTHER_ID}\n"),
    ("id", f"{SHORT}  busybox", f"{OTHER_SHORT}  busybox"),
    ("id-cut", "4f2a4f2a4f...", "9be19be19b..."),
    ("swarm-id", "x7k2m9q4w1e8r5t3y6u0i2o4p", "a7k2m9q4w1e8r5t3y6u0i2o4z"),
    ("random-name", "Up: brave_hopper", "Up: zen_lamarr2"),
    ("styler", '<td id="T_0a1b2_row0_col0">', '<td id="T_9c8d7_row0_col0">'),
    ("address", "<object object at 0x7f00aa10>", "<object object at 0x7fffaa10>"),
    (
        "serial",
        "Serial Number: 4a:0b:11:22:33:44:55:66",
        "Serial Number: 00:0c" + ":99" * 8,
    ),
    (
        "fingerprint",
        "SHA1 Fingerprint=" + "AB:" * 19 + "CD",
        "SHA1 Fingerprint=" + "EF:" * 19 + "01",
    ),
    ("namespace", "net:[4026532341]", "net:[4026531999]"),
    ("mac", "02:42:ac:11:00:02", "3e:11:0f:9b:aa:01"),
    ("host-port", "0.0.0.0:32768->80/tcp", "0.0.0.0:49153->80/tcp"),
    ("host-port", "{'HostPort': '32771'}", "{'HostPort': '55000'}"),
    ("ipv4", "172.17.0.2", "172.18.0.5"),
    ("ipv4", "10.0.1.0/24 dev eth0", "192.168.7.0/24 dev eth0"),
    ("ipv6", "fe80::42:acff:fe11:2", "fe80::1"),
    ("timestamp", "2026-11-23T18:37:41.123456789Z", "2027-01-02T03:04:05Z"),
    ("timestamp", "2026-11-23 18:37:41 +0000 UTC", "2027-01-02 03:04:05 +0100 CET"),
    ("http-date", "Mon, 23 Nov 2026 18:37:41 GMT", "Tue, 24 Nov 2026 08:00:00 GMT"),
    ("ctime", "Mon Nov 23 18:37:41 UTC 2026", "Tue Dec  1 08:00:00 UTC 2026"),
    ("log-date", "1:M 23 Nov 2026 18:37:41.123 * Ready", "1:M 01 Dec 2026 00:00:00.000 * Ready"),
    ("file-date", "root 4096 Nov 23 18:37 bin", "root 4096 Jan  3  2025 bin"),
    ("clock", "at 18:37:41", "at 08:00:00.5"),
    ("epoch", "{'time': 1795459061}", "{'time': 1795459999}"),
    ("age", "2 seconds ago", "About a minute ago"),
    ("up", "Up Less than a second (healthy)", "Up 3 minutes (healthy)"),
    ("duration", "took 12.3 ms", "took 7 ms"),
    ("duration", "Started 0.4s", "Started 11.0s"),
    ("size", "busybox 4.27MB", "busybox 3.1MB"),
    ("size", "1.25MiB / 64MiB", "980KiB / 64MiB"),
    ("percent", "0.05% cpu", "12.31% cpu"),
    (
        "ps-ef",
        "root  2312  2290  0 18:37 ?  00:00:00 sleep 60",
        "root  17  4412  1 Nov23 ?  00:01:07 sleep 60",
    ),
    ("ps-busybox", "   12 root      0:00 ps", "    7 root      0:00 ps"),
    ("ps-busybox", "   12 root     ps", "    7 root     ps"),
    ("throttled", "nr_throttled 14", "nr_throttled 9"),
    ("pid", "{'Pid': 2312}", "{'Pid': 99}"),
    ("proc", "/proc/2312/ns/net", "/proc/77/ns/net"),
    ("ipykernel-file", "/tmp/ipykernel_12/345.py:1: W", "/var/tmp/ipykernel_7/99.py:1: W"),
    ("temp", "/tmp/tmpab12cd_4/x", "/tmp/tmpzz99yy88/x"),
    ("version-line", " Version:           26.1.5+dfsg1", " Version:           20.10.24"),
    ("version-line", "API version: 1.45 (minimum version 1.24)", "API version: 1.41"),
    (
        "version-line",
        "Docker version 26.1.5, build a72d7cd",
        "Docker version 29.0.1, build 0e6fee6",
    ),
    ("commit", "Git commit:  a72d7cd", "Git commit:  411e817"),
    ("version-key", "{'KernelVersion': '6.18.5'}", "{'KernelVersion': '5.10.0-9-amd64'}"),
    ("api-path", "GET /v1.45/containers/json", "GET /v1.52/containers/json"),
    ("product", "Server: nginx/1.26.3", "Server: nginx/1.29.0"),
    ("kernel", "6.18.5", "6.1.0-18-amd64"),
    ("python-patch", "Python 3.13.5", "Python 3.13.11"),
    ("compiler", "[GCC 12.2.0] on linux", "[GCC 14.2.0] on linux"),
]

# What must stay different: the left run is right, the right one shows a fault.
DIFFERENT = [
    ("3", "4"),
    ("Exited (0) 2 seconds ago", "Exited (137) 2 seconds ago"),
    ("Up 2 seconds (healthy)", "Up 2 seconds (unhealthy)"),
    ("Up 2 seconds", "Exited (0) 2 seconds ago"),
    ("StatusCode: 137", "StatusCode: 143"),
    ("web", "web2"),
    ("CONTAINER ID  NAMES", "CONTAINER ID  IMAGE"),
    ("read_only", "read_write"),
    ("0.0.0.0:8080->80/tcp", "0.0.0.0:8081->80/tcp"),
    ("127.0.0.1:32768", "0.0.0.0:32768"),
    ("127.0.0.1", "127.0.0.2"),
    ("8.8.8.8", "8.8.4.4"),
    ("172.17.0.0/16", "172.17.0.0/24"),
    ("0B", "1B"),
    ("0B (virtual 4MB)", "12B (virtual 4MB)"),
    ("1.5MiB / 64MiB", "1.5MiB / 128MiB"),
    ("67108864", "134217728"),
    ("after 10 s", "after 0 s"),
    ("0001-01-01T00:00:00Z", "2026-11-23T18:37:41Z"),
    ("{'Pid': 0}", "{'Pid': 12}"),
    ("Python 3.13.5", "Python 3.11.5"),
    ("3.13.5", "3.13.6"),
    ("    1 root      0:00 sh", "    7 root      0:00 sh"),
    (
        "root  2312  1  0 18:37 ?  00:00:00 sleep 60",
        "root  2312  1  0 18:37 ?  00:00:00 sleep 61",
    ),
    ("    1 root     sh", "    7 root     sh"),
    ("nr_throttled 14", "nr_throttled 0"),
    ("Hello from Docker!\n $ docker run -it busybox sh", "Hello!\n $ docker run -it busybox sh"),
    (f"{ID} {ID}", f"{ID} {OTHER_ID}"),
    (f"{SHORT} {ID}", f"{SHORT} {OTHER_ID}"),
    ("net:[4026532341]\nnet:[4026532341]", "net:[4026532341]\nnet:[4026531999]"),
    ("net:[4026532341]", "pid:[4026532341]"),
    ("50%", "60%"),
    ("python:3.13-slim", "python:3.11-slim"),
    ("a  b", "a b"),
    ("defaced facade", "decade facade"),
    ("x 1234567890123", "x 1234567890124"),
    ("12 containers", "13 containers"),
]


@pytest.mark.parametrize(
    ("rule", "one", "two"), SAME, ids=[f"{r}-{i}" for i, (r, *_) in enumerate(SAME)]
)
def test_what_differs_by_run_is_the_same(rule: str, one: str, two: str) -> None:
    assert sanitise.text(one) == sanitise.text(two)


@pytest.mark.parametrize(
    ("rule", "one", "two"), SAME, ids=[f"{r}-{i}" for i, (r, *_) in enumerate(SAME)]
)
def test_the_named_rule_is_the_one_that_strikes(rule: str, one: str, two: str) -> None:
    texts = [one]
    for each in RULES:
        texts.append(each.apply(texts[-1]))
    struck = {
        each.name for each, (old, new) in zip(RULES, pairwise(texts), strict=True) if old != new
    }
    assert rule in struck


def test_every_rule_has_an_example_and_a_reason() -> None:
    assert {rule for rule, *_ in SAME} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason for rule in RULES)


@pytest.mark.parametrize(("right", "wrong"), DIFFERENT)
def test_what_matters_stays_different(right: str, wrong: str) -> None:
    assert sanitise.text(right) != sanitise.text(wrong)


@pytest.mark.parametrize("text", [one for _, one, _ in SAME] + [one for one, _ in DIFFERENT])
def test_sanitising_twice_is_sanitising_once(text: str) -> None:
    once = sanitise.text(text)
    assert sanitise.text(once) == once


def test_columns_may_move_with_what_they_hold() -> None:
    one = "STATUS         NAMES\nUp 2 seconds   web\n"
    two = "STATUS              NAMES\nUp About a minute   web\n"
    assert sanitise.text(one) == sanitise.text(two)


def display(**data: object) -> dict[str, object]:
    bundle = {key.replace("__", "+").replace("_", "/"): value for key, value in data.items()}
    return sanitise.output({"output_type": "display_data", "data": bundle, "metadata": {}})


TABLE = """<table border="1"><thead><tr><th></th><th>method</th><th>ms</th></tr></thead>
<tbody><tr><th>0</th><td>{method}</td><td>{ms}</td></tr></tbody></table>"""


def test_a_measured_column_is_not_compared_and_its_neighbour_is() -> None:
    one = display(text_html=TABLE.format(method="GET", ms="12.1"))
    assert one == display(text_html=TABLE.format(method="GET", ms="9"))
    assert one != display(text_html=TABLE.format(method="POST", ms="12.1"))


def test_blanks_in_html_do_not_count_and_words_do() -> None:
    assert display(text_html="<p>a  b</p>\n<p>c</p>") == display(text_html="<p>a b</p><p>c</p>")
    assert display(text_html="<p>ab</p>") != display(text_html="<p>a b</p>")
    assert display(text_html="<p class='x'>a</p>") != display(text_html="<p class='y'>a</p>")


def test_plain_text_beside_html_does_not_count() -> None:
    assert display(text_html="<p>a</p>", text_plain="x") == display(
        text_html="<p>a</p>", text_plain="y"
    )
    assert display(text_plain="x") != display(text_plain="y")


SVG = """<svg xmlns="http://www.w3.org/2000/svg"><rect class="{kind}" x="{x}"/>
<text id="c-{id}">{state}</text><text class="muted time" x="{at}">{time}</text></svg>"""
PICTURE = {"kind": "box", "x": 10, "id": SHORT, "state": "running", "time": "3 s", "at": 4}


def still(**changed: object) -> dict[str, object]:
    svg = SVG.format(**(PICTURE | changed)).encode()
    url = "data:image/svg+xml;base64," + base64.b64encode(svg).decode()
    return display(text_html=f'<img alt="Lifecycle" src="{url}">')


@pytest.mark.parametrize("changed", [{"id": OTHER_SHORT}, {"time": "9 s"}, {"at": 70}])
def test_a_still_may_differ_in_ids_and_what_was_measured(changed: dict[str, object]) -> None:
    assert still() == still(**changed)


@pytest.mark.parametrize("changed", [{"state": "exited"}, {"x": 11}, {"kind": "round"}])
def test_a_still_may_not_differ_in_what_it_tells(changed: dict[str, object]) -> None:
    assert still() != still(**changed)


def test_widgets_and_pixels_are_skipped() -> None:
    shown = display(**{"text_plain": "v", "image_png": "aa"})
    assert shown == display(**{"text_plain": "v", "image_png": "bb"})


def test_streams_and_errors() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["a\n", f"{SHORT}\n"]}
    warning = {"output_type": "stream", "name": "stderr", "text": "10%\r20%\n"}
    (one, two) = sanitise.outputs([warning, stream, stream])
    assert (one["name"], one["text"]) == ("stdout", "a\n{id 1}\n" * 2)
    assert (two["name"], two["text"]) == ("stderr", "20%\n")
    assert stream["text"] == ["a\n", f"{SHORT}\n"]
    error = {"output_type": "error", "ename": "E", "evalue": f"no {SHORT}", "traceback": ["x"]}
    assert sanitise.output(error) == {"output_type": "error", "ename": "E", "evalue": "no {id 1}"}
