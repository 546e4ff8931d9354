"""The audit, on what real engines said of real containers (docker.io 20.10.24 and 26.1.5)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from course.checks.audit import COLUMNS, Audit, audit
from course.checks.audit_rules import RULES, Severity

PAYLOADS = Path(__file__).parents[1] / "payloads"
ENGINES = ("20.10", "26.1")
# Each rule: a container that breaks it, words of what is found there, one that keeps it.
CASES = (
    ("privileged", "open", "is privileged", "bare"),
    ("engine socket", "open", "`/var/run/docker.sock`", "hard"),
    ("host folder", "open", "`/` of the host can be written to at `/host`", "hard"),
    ("host namespace", "open", "the host's processes", "bare"),
    ("strong capability", "open", "`SYS_ADMIN`", "hard"),
    ("unconfined", "open", "`seccomp=unconfined`", "hard"),
    ("user", "bare", "runs as root", "hard"),
    ("capabilities", "bare", "nobody has asked for", "hard"),
    ("new privileges", "bare", "can become root", "hard"),
    ("root file system", "bare", "can be changed", "hard"),
    ("memory", "bare", "all of the host's memory", "hard"),
    ("processes", "bare", "as the host can hold", "hard"),
    ("secret", "open", "`DB_PASSWORD`", "hard"),
    ("device", "open", "`/dev/null`", "bare"),
    ("writable folder", "open", "`/srv/page` of the host", "hard"),
    ("open port", "published", "80/tcp is published", "hard"),
    ("tag", "bare", "`alpine` is whatever", "hard"),
    ("health", "bare", "when it hangs", "hard"),
    ("restart", "bare", "stays down", "hard"),
)
each_engine = pytest.mark.parametrize("engine", ENGINES)


def payload(engine: str, name: str) -> dict[str, Any]:
    path = PAYLOADS / f"audit-{engine}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["containers"][name]
    return found


def found(said: Audit, rule: str) -> list[str]:
    return [one.found for one in said.findings if one.rule == rule]


def changed(where: str, **values: Any) -> dict[str, Any]:
    """The container that keeps every rule, with something else in it."""
    attrs = copy.deepcopy(payload("26.1", "hard"))
    (attrs[where] if where else attrs).update(values)
    return attrs


def test_every_rule_has_its_case() -> None:
    assert [case[0] for case in CASES] == [rule.name for rule in RULES]


@each_engine
@pytest.mark.parametrize(("rule", "breaks", "words", "keeps"), CASES, ids=[c[0] for c in CASES])
def test_a_rule_finds_what_breaks_it_and_nothing_else(
    engine: str, rule: str, breaks: str, words: str, keeps: str
) -> None:
    told = found(audit(payload(engine, breaks)), rule)
    assert any(words in one for one in told), told
    assert found(audit(payload(engine, keeps)), rule) == []


@each_engine
def test_what_keeps_every_rule_passes_without_a_word(engine: str) -> None:
    said = audit(payload(engine, "hard"))
    assert said.passed
    assert said.findings == ()
    assert said.name == "hard"


@each_engine
def test_both_engines_tell_the_same(engine: str) -> None:
    def told(which: str, name: str) -> list[tuple[str, str]]:
        said = audit(payload(which, name)).findings
        return [(one.rule, one.found) for one in said if one.rule != "tag"]

    for name in ("bare", "open", "published", "hard"):
        assert told(engine, name) == told(ENGINES[0], name)


def test_the_worst_comes_first_and_low_findings_pass() -> None:
    said = audit(payload("26.1", "open"))
    ranks = [list(Severity).index(one.severity) for one in said.findings]
    assert ranks == sorted(ranks)
    assert not said.passed
    loose = audit(changed("HostConfig", RestartPolicy={"Name": "no"}))
    assert [one.severity for one in loose.findings] == [Severity.LOW]
    assert loose.passed


def test_each_namespace_of_the_host_is_named() -> None:
    told = found(audit(payload("26.1", "open")), "host namespace")
    assert [word for one in told for word in ("PidMode", "NetworkMode", "IpcMode", "UTSMode")
            if word in one] == ["PidMode", "NetworkMode", "IpcMode", "UTSMode"]  # fmt: skip


def test_of_the_mounts_only_those_that_decide_what_the_host_does_are_high() -> None:
    said = audit(payload("26.1", "open"))
    assert found(said, "host folder") == [
        "`/etc` of the host can be read at `/conf`",
        "`/` of the host can be written to at `/host`",
    ]
    assert found(said, "writable folder") == ["It may write to `/srv/page` of the host"]


def test_a_read_only_socket_is_a_socket() -> None:
    attrs = payload("26.1", "open")
    assert [m["RW"] for m in attrs["Mounts"] if m["Source"].endswith(".sock")] == [False]
    assert found(audit(attrs), "engine socket")


def test_secrets_are_known_by_name_and_by_a_password_in_an_address() -> None:
    told = " ".join(found(audit(payload("26.1", "open")), "secret"))
    assert [name for name in ("DB_PASSWORD", "API_KEY", "LINK") if f"`{name}`" in told] == [
        "DB_PASSWORD", "API_KEY", "LINK"]  # fmt: skip
    for name in ("TOKEN_FILE", "EMPTY_TOKEN", "PATHS"):
        assert name not in told


@pytest.mark.parametrize(
    "pair",
    ["MYSQL_ALLOW_EMPTY_PASSWORD=yes", "GPG_KEY=7169605F", "PASSENGERS=4", "URL=http://a:80/x@y"],
)
def test_what_only_looks_like_a_secret_is_none(pair: str) -> None:
    assert found(audit(changed("Config", Env=[pair])), "secret") == []


def test_no_report_holds_a_secret() -> None:
    said = audit(payload("26.1", "open"))
    for text in (repr(said), said._repr_html_(), said.table().to_string()):
        assert "anchor-7" not in text
        assert "k-1" not in text


@pytest.mark.parametrize(
    ("image", "moves"),
    [
        ("nginx", True),
        ("nginx:latest", True),
        ("registry.lab:5000/app", True),
        ("registry.lab:5000/app:1.2", False),
        ("nginx@sha256:00aa", False),
        ("sha256:00aa", False),
        ("nginx:latest@sha256:00aa", False),
    ],
)
def test_a_tag_is_told_from_a_port_and_a_digest(image: str, moves: bool) -> None:
    assert bool(found(audit(changed("Config", Image=image)), "tag")) == moves


@pytest.mark.parametrize("user", ["", "0", "root", "0:0", "root:app", "0:1000"])
def test_root_is_root_by_any_name(user: str) -> None:
    assert found(audit(changed("Config", User=user)), "user")


@pytest.mark.parametrize("limit", [None, 0, -1])
def test_there_are_three_ways_to_say_no_limit(limit: int | None) -> None:
    assert found(audit(changed("HostConfig", PidsLimit=limit)), "processes")


@pytest.mark.parametrize("option", ["no-new-privileges", "no-new-privileges:true"])
def test_no_new_privileges_is_known_in_either_way_of_writing(option: str) -> None:
    assert not found(audit(changed("HostConfig", SecurityOpt=[option])), "new privileges")
    off = [option, "no-new-privileges=false"]
    assert found(audit(changed("HostConfig", SecurityOpt=off)), "new privileges")


def test_paths_of_the_kernel_that_are_not_masked_are_a_protection_switched_off() -> None:
    bare = changed("HostConfig", MaskedPaths=[], ReadonlyPaths=[])
    assert found(audit(bare), "unconfined") == [
        "A protection is switched off: `systempaths=unconfined`"
    ]
    for paths in (None, ["/proc/kcore"]):
        assert found(audit(changed("HostConfig", MaskedPaths=paths)), "unconfined") == []
    privileged = changed("HostConfig", MaskedPaths=[], Privileged=True)
    assert found(audit(privileged), "unconfined") == []


def test_a_port_for_the_host_alone_is_not_open() -> None:
    assert len(found(audit(payload("26.1", "published")), "open port")) == 2  # not 81/tcp
    assert found(audit(payload("26.1", "everything_published")), "open port") == [
        "All its ports are published at every address of the host"
    ]


def test_a_health_check_that_is_switched_off_is_none() -> None:
    assert found(audit(payload("26.1", "everything_published")), "health")


def test_the_table_has_a_row_a_finding() -> None:
    said = audit(payload("26.1", "bare"))
    table = said.table()
    assert tuple(table.columns) == COLUMNS
    assert list(table["RULE"]) == [one.rule for one in said.findings]


def test_what_comes_from_the_engine_is_escaped() -> None:
    attrs = changed("Config", Env=["<img>_TOKEN=1"], Image="<b>")
    attrs["Name"] = "/<i>"
    page = audit(attrs)._repr_html_()
    for tag in ("<img", "<b>", "<i>"):
        assert tag not in page
    assert "&lt;img&gt;_TOKEN" in page
