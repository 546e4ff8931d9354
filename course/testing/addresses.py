"""The sanitiser's rules for networks: addresses, ports, interfaces, and how long `ping` took."""

from __future__ import annotations

from course.testing.rule import Rule, rule

_HIGH_PORT = r"(?:3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[45]\d{4}|6[0-5]\d{3})"
_PRIVATE = r"(?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168|169\.254)"

ADDRESSES: tuple[Rule, ...] = (
    rule("veth", r"\bveth[0-9a-f]{7}\b", "veth{id}", "the host's end of a cable is named by lot"),
    rule("mac", r"\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b", "{mac}", "drawn by lot"),
    rule(
        "lab-link",
        r"(<a class='lab-url' href=')http://[^/'\s]+:\d+('[^>\n]*>\n)http://[^/\s]+:\d+$",
        r"\1http://{lab}:{port}\2http://{lab}:{port}",
        "what `lab.url` shows: where this machine reaches the lab; the port inside is its title",
    ),
    rule(
        "host-port",
        rf"((?:127\.0\.0\.1|0\.0\.0\.0|localhost|\[::1?\]|:::?):|'HostPort': '|\"HostPort\": \")"
        rf"{_HIGH_PORT}\b",
        r"\1{port}",
        "a free port of the kernel's choice (32768 and up)",
    ),
    rule(
        "ipv4",
        rf"(?<![\d.])(?!10\.50\.){_PRIVATE}(?:\.\d{{1,3}}){{2,3}}(?![\d.]*\d)",
        "{ip}",
        "private addresses hang on which networks the machine has; loopback and public ones stay, "
        "and 10.50, which chapter 06 gives itself",
    ),
    rule(
        "ipv6",
        r"(?<![\w:])(?:fe80|f[cd][0-9a-f]{2})(?::[0-9a-f]{0,4}){2,7}(?![\w:])",
        "{ipv6}",
        "link-local and unique local addresses are drawn by lot",
    ),
    rule(
        "interface-number",
        r"^\d+(?=: (?:eth\d|docker0|outside|br-|veth)[\w{}-]*(?:@|:| {2,}))|(?<=@if)\d+\b",
        "{n}",
        "`ip` numbers interfaces in the order that the host made them",
    ),
    rule("ss-process", r"(?<=\bpid=)\d+,fd=\d+\b", "{pid},fd={fd}", "who `ss` says listens"),
    rule(
        "ping-times",
        r"(?<=/avg/max = )[\d./]+ ms\b|(?<=/avg/max/mdev = )[\d./]+ ms\b",
        "{duration}",
        "the summary of `ping`",
    ),
)
