from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import DockerException
from spares import mine_only
from waiting import until

from course.catalogue import ROOT
from course.engine import boot as boot_room
from course.engine import ownership, reaper
from course.engine import sandbox as room
from course.engine.boot import boot
from course.engine.lab import _running, ensure_spare, keep_spare, take_sandbox
from course.engine.profile import DATA_ROLE, SPARE, memory_bytes
from course.engine.reaper import reap
from course.engine.reset import reset
from course.engine.sandbox import Sandbox
from course.errors import CourseError
from course.images.supply import Supply


def inspect(box: Sandbox) -> dict:
    return box.host.client.api.inspect_container(box.address.container)


def test_the_api_refuses_whoever_has_no_certificate(box: Sandbox) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{box.address.url}/version", verify=str(box.folder / "ca.pem"), timeout=5)


def test_another_sandboxes_certificate_is_refused(box: Sandbox, have: Supply) -> None:
    other = take_sandbox(have.host, have.image, have.mirror, "test")
    try:
        with pytest.raises((DockerException, requests.RequestException)):
            room.connect(box.address.url, other.folder, timeout=5)
    finally:
        other.stop()


def test_keys_are_readable_by_their_owner_only(box: Sandbox) -> None:
    assert (box.folder / "key.pem").stat().st_mode & 0o077 == 0


def test_every_port_is_on_the_loopback_address(box: Sandbox) -> None:
    bound = [
        entry for ports in inspect(box)["NetworkSettings"]["Ports"].values() for entry in ports
    ]
    assert {entry["HostIp"] for entry in bound} == {"127.0.0.1"}


def test_memory_processes_and_logs_are_capped(box: Sandbox) -> None:
    config = inspect(box)["HostConfig"]
    assert config["Memory"] == memory_bytes()
    assert config["PidsLimit"] == 4096
    assert config["LogConfig"]["Config"]["max-size"] == "10m"


def test_a_published_port_reaches_this_machine(box: Sandbox) -> None:
    command = ["sh", "-c", "echo it works > /tmp/index.html; httpd -f -p 80 -h /tmp"]
    box.client().containers.run("busybox", command, ports={80: 8080}, detach=True, name="web")

    def answer() -> str:
        try:
            return urllib.request.urlopen(box.url(8080), timeout=2).read().decode()
        except OSError:
            return ""

    assert until(answer) == "it works\n"


def test_other_ports_are_refused_with_the_list(box: Sandbox) -> None:
    with pytest.raises(CourseError, match="8080"):
        box.url(9999)


def test_run_gives_exit_code_and_both_streams(box: Sandbox) -> None:
    seen: list[tuple[bytes, bool]] = []
    script = "echo out; echo oops >&2; exit 3"
    code, output = box.run(script, lambda chunk, is_stderr: seen.append((chunk, is_stderr)))
    assert code == 3
    assert sorted(output.split()) == [b"oops", b"out"]
    assert (b"oops\n", True) in seen


def test_an_engine_that_is_killed_comes_back_with_its_containers(box: Sandbox) -> None:
    box.client().images.pull("busybox", "latest")
    box.client().containers.create("busybox", ["true"], name="survivor")
    box.run("pkill -9 dockerd")

    def names() -> list[str]:
        try:
            return [c.name for c in box.client(timeout=2).containers.list(all=True)]
        except (DockerException, requests.RequestException):
            return []

    assert "survivor" in until(names)


def test_reset_leaves_nothing(box: Sandbox) -> None:
    client = box.client()
    client.containers.run("busybox", ["sleep", "100"], detach=True)
    client.volumes.create("kept")
    client.networks.create("mine")
    client.swarm.init()
    reset(client)
    assert client.containers.list(all=True) == []
    assert client.images.list(all=True) == []
    assert client.volumes.list() == []
    assert {network.name for network in client.networks.list()} == {"bridge", "host", "none"}
    assert client.info()["Swarm"]["LocalNodeState"] == "inactive"


def test_a_spare_is_claimed_once(have: Supply) -> None:
    spare = boot(have.host, have.image, mine_only(have))
    try:
        assert inspect(spare)["Name"].split("-")[-2] == SPARE
        first = spare.claim("test")
        assert (first, spare.claim("test")) == (True, False)
        assert spare.address.container not in _running(have.host, have.image, mine_only(have))
    finally:
        spare.stop()


def test_of_many_at_the_same_moment_one_gets_the_spare(have: Supply) -> None:
    spare = boot(have.host, have.image, mine_only(have))
    start = threading.Barrier(8)

    def claim(number: int) -> bool:
        start.wait()
        return spare.claim(f"test{number}")

    try:
        with ThreadPoolExecutor(8) as crowd:
            claims = list(crowd.map(claim, range(8)))
        assert claims.count(True) == 1
        assert inspect(spare)["Name"].split("-")[-2] == f"test{claims.index(True)}"
    finally:
        spare.stop()


def test_a_spare_of_another_engine_is_not_handed_out(have: Supply, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {have.image}\nLABEL other=engine\n")
    name = f"{have.image.split(':')[0]}:another-engine"
    have.host.client.images.build(path=str(tmp_path), tag=name, rm=True)
    spare = boot(have.host, have.image, mine_only(have))
    try:
        assert spare.address.container in _running(have.host, have.image, mine_only(have))
        assert spare.address.container not in _running(have.host, name, mine_only(have))
    finally:
        spare.stop()
        have.host.client.images.remove(name)


def test_stop_leaves_neither_container_nor_volume_nor_folder(have: Supply) -> None:
    box = boot(have.host, have.image, have.mirror, "test")
    volumes = [mount["Name"] for mount in inspect(box)["Mounts"] if mount["Type"] == "volume"]
    assert len(volumes) == 1
    data = have.host.client.volumes.get(volumes[0])
    assert ownership.labels(DATA_ROLE).items() <= data.attrs["Labels"].items()
    box.stop()
    with pytest.raises(docker.errors.NotFound):
        inspect(box)
    with pytest.raises(docker.errors.NotFound):
        have.host.client.volumes.get(volumes[0])
    assert not box.folder.exists()


def test_a_taken_course_port_is_replaced_by_another(have: Supply) -> None:
    first = boot_room._boot(have.host, have.image, have.mirror, "test", same_ports=True)
    try:
        second = boot_room._boot(have.host, have.image, have.mirror, "test", same_ports=True)
        second.stop()
        ours, theirs = first.address.ports, second.address.ports
        assert set(ours) == set(theirs)
        assert not set(ours.values()) & set(theirs.values())
    finally:
        first.stop()


def test_an_image_that_is_no_engine_is_told_in_one_paragraph(have: Supply) -> None:
    before = set(room.sandboxes_dir().iterdir())
    with pytest.raises(CourseError, match="sandbox engine"):
        boot(have.host, "learning-docker/no-such-image:1", have.mirror, "test")
    assert set(room.sandboxes_dir().iterdir()) - before == set()


# Sandboxes that share another folder are nobody else's: it takes no spare with the usual patience,
# and leaves no other worker one that has as little of it as its own.
OWNER = """
import sys, time
from pathlib import Path
import course
from course.engine import folder
folder.place = lambda: Path(sys.argv[1])
lab = course.open("03")
print(lab.nodes[0].machine.address.container, flush=True)
"""
IDLE = "time.sleep(600)"
IN_A_CALL = """
lab.client.images.pull("busybox", "latest")
lab.client.containers.run("busybox", ["sleep", "600"], name="endless")
"""


def start_owner(body: str, shared: Path) -> tuple[subprocess.Popen[str], str]:
    env = os.environ | {"COURSE_ORPHAN_SECONDS": "4", "COURSE_SPARE_SECONDS": "4"}
    words = [sys.executable, "-c", OWNER + body, str(shared)]
    owner = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env)
    assert owner.stdout
    return owner, owner.stdout.readline().strip()


def runs_inside(have: Supply, container: str, name: str) -> bool:
    """Whether a container of that name runs in this sandbox."""
    words = ["docker", "ps", "--quiet", "--filter", f"name={name}"]
    asked = have.host.client.containers.get(container).exec_run(words)
    return asked.exit_code == 0 and bool(asked.output.strip())


@pytest.mark.parametrize("body", [IDLE, IN_A_CALL], ids=["idle", "in a call"])
def test_a_sandbox_ends_itself_after_kill_9_of_its_kernel(
    have: Supply, body: str, tmp_path: Path
) -> None:
    owner, container = start_owner(body, tmp_path)
    if body == IN_A_CALL:
        until(lambda: runs_inside(have, container, "endless"), seconds=30)
    api = have.host.client.api
    volume = next(
        m["Name"] for m in api.inspect_container(container)["Mounts"] if m["Type"] == "volume"
    )
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    # No call of ours: neither reaper nor open. The sandbox notices by itself.
    until(lambda: not api.containers(all=True, filters={"id": container}), seconds=30, every=0.5)
    assert not api.volumes(filters={"name": volume})["Volumes"]


def test_what_it_waited_as_a_spare_does_not_count_when_it_is_claimed(
    have: Supply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_ORPHAN_SECONDS", "6")
    box = boot(have.host, have.image, mine_only(have))
    try:
        time.sleep(9)  # nobody is connected
        assert box.claim("test")
        time.sleep(3)  # nobody yet: two looks at least
        assert box.is_running()
        until(lambda: not box.is_running(), seconds=15)
    finally:
        box.stop()


def test_an_owner_whose_start_is_reckoned_anew_is_still_there(tmp_path: Path) -> None:
    """psutil adds a process's ticks to the time of the boot: both move when the clock is set."""
    owner = tmp_path / "owner.json"
    owner.write_text(json.dumps({"pid": os.getpid(), "started": 1.0}))
    assert not reaper._is_orphan(tmp_path)
    ended = subprocess.Popen(["true"])
    ended.wait()
    owner.write_text(json.dumps({"pid": ended.pid}))
    assert reaper._is_orphan(tmp_path)


def test_up_says_why_no_sandbox_starts_and_an_open_lab_goes_on(have: Supply) -> None:
    with pytest.raises(CourseError, match="Started a sandbox engine"):
        ensure_spare(have.host, "no-such-image:1", have.mirror)
    keep_spare(have.host, "no-such-image:1", have.mirror)


def test_a_spare_that_pulls_through_another_mirror_is_not_taken(have: Supply) -> None:
    box = boot(have.host, have.image, mine_only(have))
    try:
        assert box.address.container in _running(have.host, have.image, mine_only(have))
        assert box.address.container not in _running(have.host, have.image, have.mirror)
    finally:
        box.stop()


def test_the_reaper_takes_orphans_and_leaves_the_others(have: Supply, box: Sandbox) -> None:
    script = (
        "from course.images import supply; from course.engine.lab import take_sandbox;"
        "h = supply.ready(); s = take_sandbox(h.host, h.image, h.mirror, 'test');"
        "print(s.address.container)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    keep_spare(have.host, have.image, have.mirror)
    containers = {entry["Id"] for entry in have.host.client.api.containers(all=True)}
    assert done.stdout.strip() not in containers
    assert box.address.container in containers


def test_the_reaper_takes_data_without_a_sandbox_and_leaves_the_others(
    have: Supply, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = have.host.client.api
    lost = api.create_volume(labels=ownership.labels(DATA_ROLE))["Name"]
    theirs = api.create_volume()["Name"]
    try:
        reap(have.host)
        assert api.inspect_volume(lost)  # a sandbox that is being made may be about to take it
        monkeypatch.setattr(reaper, "BOOTING_SECONDS", -1)
        reaper._remove_lost_data(have.host)  # a whole reap would take other workers' new labs
        with pytest.raises(docker.errors.NotFound):
            api.inspect_volume(lost)
        assert api.inspect_volume(theirs)
        assert box.answers()
    finally:
        api.remove_volume(theirs)


def test_a_sandbox_with_a_paused_container_ends_too(have: Supply) -> None:
    box = take_sandbox(have.host, have.image, have.mirror, "test")
    paused = box.client().containers.run("busybox", ["sleep", "3600"], detach=True)
    paused.pause()
    box.stop()
    filters = {"id": box.address.container}
    assert have.host.client.api.containers(all=True, filters=filters) == []
