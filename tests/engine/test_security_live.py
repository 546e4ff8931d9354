"""What chapter 14 brings along, on a live engine: the audit, the gate, the second engine."""

from __future__ import annotations

import json

import pytest
from kit_fixtures import Run, finish, kit_engine, run

from course.catalogue import ROOT, catalogue
from course.checks.audit import audit
from course.engine.cluster import Cluster
from course.engine.sandbox import Sandbox
from course.engine.upload import upload
from course.errors import CourseError
from course.notebook.lab import Lab

__all__ = ["kit_engine", "run"]
pytestmark = pytest.mark.engine

SOCKET = "/var/run/docker.sock"
EXERCISES = ROOT / "exercises" / "14-security"
SECOND = "docker --host unix:///run/second.sock"


def test_the_audit_follows_what_the_engine_says_of_a_container(box: Sandbox, run: Run) -> None:
    bare = run("busybox", "sleep", "60", name="bare")
    told = {one.rule for one in audit(box.client().api.inspect_container(bare.id)).findings}
    assert {"user", "capabilities", "memory", "processes", "tag"} <= told
    walled = run(
        "busybox:latest", "sleep", "60", name="walled", user="1000", cap_drop=["ALL"],
        security_opt=["no-new-privileges"], read_only=True, mem_limit="64m", pids_limit=20,
    )  # fmt: skip
    assert audit(box.client().api.inspect_container(walled.id)).passed


def test_the_audit_finds_the_paths_that_a_client_unmasked(box: Sandbox, run: Run) -> None:
    run("busybox", "true", name="bare")  # it pulls the image, too
    options = "--name unmasked --security-opt systempaths=unconfined"
    code, said = box.run(f"docker create {options} busybox")
    assert code == 0, said.decode()
    found = audit(box.client().api.inspect_container("unmasked")).findings
    box.run("docker rm unmasked")
    told = [one.found for one in found if one.rule == "unconfined"]
    assert told == ["A protection is switched off: `systempaths=unconfined`"]


def test_a_lab_audits_by_name_and_says_what_there_is_instead(box: Sandbox, run: Run) -> None:
    run("busybox", "sleep", "60", name="bare")
    lab = Lab(catalogue().chapter("14"), Cluster.of(box), "kit")
    try:
        assert lab.audit("bare").name == "bare"
        with pytest.raises(CourseError, match=r"'gone'.*it has .*bare"):
            lab.audit("gone")
    finally:
        lab.client.close()


def test_the_gate_lets_through_what_is_on_its_list_and_nothing_else(box: Sandbox, run: Run) -> None:
    place = upload(box, EXERCISES / "gate", "/exercises/gate")
    mounts = [f"{place}:/gate:ro", f"{SOCKET}:{SOCKET}"]
    run("python:3.13-slim", "python", "/gate/gate.py", name="gate", volumes=mounts,
        cap_drop=["ALL"], read_only=True)  # fmt: skip
    ready = "for i in $(seq 50); do curl -s $G/_ping >/dev/null && break; sleep 0.2; done; "
    ask = ready + " ".join(
        f"curl -s -o /tmp/out -w '%{{http_code}}\\n' {one};"
        for one in (
            "$G/containers/json", "$G/containers/json?all=1", "$G/containers/gate/json",
            "$G/images/json", "$G/containers/json/../gate/json --path-as-is",
            "-X POST $G/containers/gate/stop", "-X DELETE $G/containers/gate",
        )
    )  # fmt: skip
    asker = run("nginx:alpine", "sh", "-c", ask, network_mode="container:gate",
                environment={"G": "http://localhost:2375"})  # fmt: skip
    code, said = finish(asker)
    assert (code, said.split()) == (0, ["200", "200", "403", "403", "403", "501", "501"])


def test_the_second_engine_comes_and_goes_and_leaves_the_first_alone(
    box: Sandbox, run: Run
) -> None:
    run("busybox", "sleep", "60", name="mine")
    place = upload(box, EXERCISES / "second", "/exercises/second")
    for _ in range(2):  # a second start replaces the first
        code, said = box.run(f"sh {place}/engine.sh start --userns-remap=default")
        assert code == 0, said.decode()
    code, options = box.run(f"{SECOND} info --format '{{{{json .SecurityOptions}}}}'")
    assert "name=userns" in json.loads(options)
    assert box.run(f"sh {place}/engine.sh stop")[0] == 0
    assert box.run(f"{SECOND} version")[0] != 0
    code, left = box.run("ls -d /var/lib/second /run/second.pid /sys/class/net/second0 2>/dev/null")
    assert left == b""
    assert box.run("ls -d /sys/class/net/docker0")[0] == 0
    assert [one.name for one in box.client().containers.list()] == ["mine"]
