"""What `course doctor` and chapter 1's preflight say is what is there."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.catalogue import catalogue
from course.cli import app
from course.engine import doctor, ipvs
from course.engine.doctor import Finding
from course.engine.host import HostEngine
from course.engine.sandbox import Sandbox
from course.errors import CourseError
from course.images import preflight
from course.images.supply import Supply


def by_check(findings: object) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}  # type: ignore[attr-defined]


def test_the_engine_is_the_one_that_answers(host: HostEngine) -> None:
    found = by_check(doctor.engine_findings(host))
    said = host.client.version()
    assert said["Version"] in found["engine"].found
    assert found["API"].found == said["ApiVersion"]
    assert found["socket"].found.replace("~", str(Path.home())) == host.endpoint.url
    assert str(Path.home()) not in found["socket"].found  # a notebook is passed on with it
    assert host.endpoint.why in found["socket"].shown
    info = host.client.info()
    assert found["storage driver"].found == info["Driver"]
    assert info["Architecture"] in found["system"].found
    assert found["memory"].ok is (info["MemTotal"] >= doctor.NEEDED_MEMORY)


def test_kernel_features_are_probed_and_nothing_stays_behind(box: Sandbox) -> None:
    before = box.run("ip -o link")
    found = by_check(doctor.kernel_findings(box.run))
    assert found["overlay"].ok is True
    assert found["VXLAN"].ok is True
    has_ipvs, _ = box.run("test -e /proc/net/ip_vs")
    assert found["IPVS"].ok is (True if has_ipvs == 0 else None)
    assert box.run("ip -o link")[0] == 0
    assert b"vxprobe" not in box.run("ip -o link")[1]
    assert len(box.run("ip -o link")[1].splitlines()) == len(before[1].splitlines())


def test_ipvs_is_looked_for_as_the_mesh_looks_for_it(box: Sandbox) -> None:
    asked: list[list[str]] = [[], []]

    def noted(where: list[str]) -> doctor.Run:
        return lambda script: (where.append(script), box.run(script))[1]

    known = ipvs.look(noted(asked[0]))
    found = by_check(doctor.kernel_findings(noted(asked[1])))
    assert asked[0][0] in asked[1]
    assert found["IPVS"].ok is (True if known else None)
    # What asks the kernel to load it is in the lab's image: only `modprobe` need not be.
    assert box.run("command -v genl ip grep")[0] == 0


def test_a_missing_feature_says_what_needs_it(box: Sandbox) -> None:
    found = by_check(doctor.kernel_findings(lambda _: box.run("false")))
    assert found["IPVS"].ok is None
    assert "chapter 12" in found["IPVS"].shown


def test_disk_is_seen_from_inside_as_from_outside(host: HostEngine, box: Sandbox) -> None:
    inside = doctor.remote_disk_finding(box.run)
    assert inside is not None
    assert inside.ok is True
    if host.is_local_linux:
        outside = by_check(doctor.engine_findings(host))["disk"]
        # Others write to this disk while we look.
        free = [float(one.found.split()[0]) for one in (inside, outside)]
        assert free[0] == pytest.approx(free[1], abs=2)


@pytest.mark.parametrize(
    ("finding", "ok"),
    [
        (doctor.disk_finding(1 << 30), False),
        (doctor.disk_finding(50 << 30), True),
        (doctor.memory_finding(1 << 30), False),
        (doctor.memory_finding(8 << 30), True),
    ],
)
def test_too_little_is_a_fault_with_advice(finding: Finding, ok: bool) -> None:
    assert finding.ok is ok
    assert bool(finding.shown) is not ok


def test_a_port_is_free_taken_or_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other, socket.socket() as free:
        other.bind(("127.0.0.1", 0))
        other.listen()
        free.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        ports = other.getsockname()[1], free.getsockname()[1]
        monkeypatch.setattr(
            doctor, "catalogue", lambda: type("Ports", (), {"ports": (*ports, 3)})()
        )
        taken, unused, ours = doctor.port_findings(ours={3})
    assert (taken.ok, unused.ok, ours.ok) == (None, True, True)
    assert "lab.url" in taken.shown
    assert "lab of yours" in ours.found


def test_a_proxys_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://sam:secret@proxy.example:3128")
    assert by_check(doctor.network_findings())["proxy"].found.endswith("//…@proxy.example:3128")


def test_an_extra_authority_must_be_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_EXTRA_CA", "/nowhere/ca.pem")
    found = by_check(doctor.network_findings())["extra CA"]
    assert (found.found, found.ok) == ("/nowhere/ca.pem", False)
    monkeypatch.setenv("COURSE_EXTRA_CA", __file__)
    assert by_check(doctor.network_findings())["extra CA"].ok is True


def test_where_systemd_runs_each_unit_is_asked_for() -> None:
    def systemctl(words: list[str]) -> tuple[int, str]:
        assert words[:2] == ["systemctl", "is-enabled"]
        return (0, "enabled\n") if words[2] == "docker" else (1, "disabled\n")

    found = by_check(doctor.systemd_findings(systemctl, booted=True))
    assert found["docker"].ok is True
    assert found["docker"].shown == ""
    assert "sudo systemctl enable --now containerd" in found["containerd"].shown


def test_without_systemd_nothing_is_wrong() -> None:
    (found,) = doctor.systemd_findings(lambda words: (1, ""), booted=False)
    assert found.ok is None


@pytest.mark.parametrize(
    ("source", "left", "answers", "words", "ok"),
    [
        ("hub", 76, True, "76 pulls left", True),
        ("hub", None, True, "no limit", True),
        ("hub", None, False, "out of reach", False),
        ("kit", 100, True, "100 pulls left", True),
        ("kit", None, False, "out of reach", None),
    ],
)
def test_docker_hub_is_told_of_with_either_source(
    source: str, left: int | None, answers: bool, words: str, ok: bool | None
) -> None:
    found = by_check(doctor.source_findings(source, left, answers=answers))
    assert words in found["Docker Hub"].found
    assert found["Docker Hub"].ok is ok


def test_a_host_that_runs_no_sandbox_is_a_finding(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Sandbox:
        raise CourseError("Started a sandbox engine.", "It did not answer.", "Do this.")

    monkeypatch.setattr(preflight, "take_sandbox", refuse)
    found = {entry.check: entry for _, part in preflight.sections() for entry in part}
    assert found["sandbox"].ok is False
    assert "It did not answer." in found["sandbox"].found
    assert found["sandbox"].advice == "Do this."
    assert "image source" in found  # and the table goes on


def test_the_preflight_of_a_lab_has_every_part(have: Supply, box: Sandbox) -> None:
    shown = preflight.preflight(box.run)
    parts = [title for title, _ in shown.sections]
    assert parts == [
        "This machine",
        "Docker engine",
        "Kernel features",
        "Images",
        "Ports and network",
        "Start on boot",
    ]
    frame = shown.frame()
    assert list(frame.columns) == ["PART", "CHECK", "FOUND", "OK", "ADVICE"]
    assert {f"port {port}" for port in catalogue().ports} <= set(frame["CHECK"])
    assert set(frame["OK"]) <= {"✓", "•"}, frame.to_string()
    for port in box.address.ports.values():
        mine = frame[frame["CHECK"] == f"port {port}"]
        assert mine.empty or mine["FOUND"].item() == "in use by a lab of yours"


def test_one_part_can_be_shown_alone(have: Supply, box: Sandbox) -> None:
    (part,) = preflight.preflight(box.run, "Start on boot").sections
    assert part[0] == "Start on boot"


def test_a_part_that_is_not_there_says_which_are(have: Supply, box: Sandbox) -> None:
    with pytest.raises(CourseError, match="Start on boot"):
        preflight.preflight(box.run, "start")


def test_what_the_engine_says_is_escaped() -> None:
    hostile = Finding("kernel", "<script>alert(1)</script>", None, "Run `a <b`.")
    shown = preflight.Preflight((("Docker <engine>", (hostile,)),))._repr_html_()
    assert "<script>" not in shown
    assert "Docker &lt;engine&gt;" in shown
    assert "Run <code>a &lt;b</code>." in shown


@pytest.mark.skipif(sys.platform == "win32", reason="a socket that is a file")
def test_no_engine_is_a_finding_and_an_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    found = by_check(preflight.findings())["engine"]
    assert found.ok is False
    assert "DOCKER_HOST" in found.shown
    ended = CliRunner().invoke(app, ["doctor"])
    assert ended.exit_code == 1
    assert "✗" in ended.output
    assert "Traceback" not in ended.output


def test_course_doctor_shows_the_same_findings(have: Supply) -> None:
    ended = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["doctor"])
    assert ended.exit_code == 0, ended.output
    for title, entries in preflight.sections():
        assert title in ended.output
        assert all(entry.check in ended.output for entry in entries)
