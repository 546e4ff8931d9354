from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.errors import ContainerError, NotFound
from docker.types import Healthcheck, Mount, Ulimit

from course.engine.sandbox import Sandbox
from course.trace.call import Call
from course.trace.recorder import Recorder
from course.trace.table import Trace
from course.views.story import story
from course.watch.state import Event

SLEEP = ["sleep", "300"]
OPTIONS: dict[str, Any] = {
    "mem_limit": "64m",
    "nano_cpus": 500_000_000,
    "pids_limit": 50,
    "ports": {"80/tcp": 8080, "53/udp": ("0.0.0.0", 5353), "81/tcp": None},
    "environment": {"GREETING": "it's $HOME"},
    "volumes": {"/tmp/a b": {"bind": "/d", "mode": "ro"}},
    "mounts": [Mount("/m", "data", type="volume", read_only=True)],
    "tmpfs": {"/run": "size=1m"},
    "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
    "healthcheck": Healthcheck(test=["CMD-SHELL", "true || false"], interval=30_000_000_000),
    "ulimits": [Ulimit(name="nofile", soft=1024, hard=2048)],
    "cap_drop": ["ALL"],
    "cap_add": ["CHOWN"],
    "labels": {"who": 'me "&" you'},
    "user": "1000:1000",
    "working_dir": "/tmp",
    "hostname": "h1",
    "entrypoint": ["sh", "-c"],
    "init": True,
    "tty": True,
    "stdin_open": True,
    "read_only": True,
    "stop_signal": "SIGINT",
    "dns": ["9.9.9.9"],
    "extra_hosts": {"db": "10.1.2.3"},
    "sysctls": {"net.ipv4.ip_forward": "1"},
    "security_opt": ["no-new-privileges"],
    "shm_size": "32m",
}
# Filled in by the engine, or by the CLI where docker-py leaves them out.
NOT_ASKED_FOR = {"ConsoleSize", "OomScoreAdj", "AttachStdout", "AttachStderr", "Volumes"}


@pytest.fixture(scope="module")
def client(box: Sandbox) -> docker.DockerClient:
    client = box.client()
    client.images.pull("busybox:latest")
    return client


@pytest.fixture(autouse=True)
def _tidy(client: docker.DockerClient) -> Iterator[None]:
    yield
    for container in client.containers.list(all=True):
        container.remove(force=True, v=True)


def asked(client: docker.DockerClient, name: str) -> dict[str, Any]:
    """What was asked of a container, with every way of saying "nothing" left out."""
    found = client.api.inspect_container(name)
    both = {**found["Config"], **found["HostConfig"]}
    # The CLI's --entrypoint takes one word; the rest stands before the command.
    both["Cmd"] = (both.pop("Entrypoint") or []) + (both["Cmd"] or [])
    if found["Id"].startswith(both["Hostname"]):
        del both["Hostname"]
    return {k: v for k, v in both.items() if v and k not in NOT_ASKED_FOR}


def ending(recorder: Recorder, end: str) -> Call:
    """The last call whose path ends so."""
    return [call for call in recorder.calls if call.path.endswith(end)][-1]


def on_host(box: Sandbox, script: str) -> str:
    code, output = box.run(script)
    assert code == 0, output.decode()
    return output.decode()


def test_a_run_call_by_call(client: docker.DockerClient) -> None:
    with Trace(client) as trace:
        assert client.containers.run("busybox", "echo hi", remove=True) == b"hi\n"
    told = [(call.method, call.path.rpartition("/")[2], call.status) for call in trace.calls]
    id_ = trace.calls[0].reply_id
    assert told == [
        ("POST", "create", 201),
        ("GET", "json", 200),
        ("POST", "start", 204),
        ("GET", "logs", 200),
        ("GET", "json", 200),
        ("POST", "wait", 200),
        ("DELETE", id_, 204),
    ]
    assert all(call.ms >= call.headers_ms > 0 for call in trace.calls)  # type: ignore[operator]
    assert trace.commands[0].cli == "docker run --rm busybox echo hi"
    assert "send" not in vars(client.api)


def test_an_image_that_nobody_has(client: docker.DockerClient) -> None:
    with Recorder(client) as recorder, pytest.raises(NotFound):
        client.containers.run("busybox:no-such-tag")
    create, pull = recorder.calls
    assert (create.status, create.error) == (404, "No such image: busybox:no-such-tag")
    assert pull.status == 404
    assert "no-such-tag" in pull.error


def test_an_error_is_recorded_and_still_told_to_the_caller(client: docker.DockerClient) -> None:
    with Recorder(client) as recorder, pytest.raises(NotFound, match="nobody"):
        client.containers.get("nobody")
    (call,) = recorder.calls
    assert (call.status, call.error) == (404, "No such container: nobody")
    with Recorder(client) as recorder, pytest.raises(ContainerError):
        client.containers.run("busybox", "false")
    assert [call.status for call in recorder.calls if call.path.endswith("/wait")] == [200]


def test_logs_come_while_the_container_runs(client: docker.DockerClient) -> None:
    script = "echo first; read line; echo second"
    with Recorder(client) as recorder:
        made = client.containers.run("busybox", ["sh", "-c", script], detach=True, stdin_open=True)
        lines = made.logs(stream=True, follow=True)
        assert next(lines) == b"first\n"
        call = ending(recorder, "/logs")
        assert (call.status, call.ms) == (200, None)
        made.kill()
        assert list(lines) == []
    after = ending(recorder, "/logs")
    assert after.ms is not None
    assert after.ms > after.headers_ms  # type: ignore[operator]


@pytest.mark.parametrize("what", ["exec", "attach"])
def test_an_upgraded_connection_is_timed_to_its_end(client: docker.DockerClient, what: str) -> None:
    script = "read line; echo second"
    made = client.containers.run("busybox", ["sh", "-c", script], detach=True, stdin_open=True)
    with Recorder(client) as recorder:
        if what == "exec":
            stream = made.exec_run(["sh", "-c", "sleep 0.3; echo second"], stream=True).output
        else:
            stream = made.attach(stream=True)
        end = "/attach" if what == "attach" else "/start"
        call = ending(recorder, end)
        assert (call.status, call.ms) == (101, None)
        if what == "attach":
            made.kill()
        assert b"".join(stream) == (b"second\n" if what == "exec" else b"")
    assert ending(recorder, end).ms is not None


def test_events_go_on_after_the_block(client: docker.DockerClient) -> None:
    with Recorder(client) as recorder:
        stream = client.events(decode=True)
    client.containers.create("busybox")
    assert next(stream)["Action"] == "create"
    assert [call.path for call in recorder.calls] == ["/events"]
    stream.close()


def test_blocks_nest_and_each_has_its_own_calls(client: docker.DockerClient) -> None:
    with Recorder(client) as outer:
        client.ping()
        with Recorder(client) as inner:
            client.version()
    client.ping()
    assert [call.path for call in outer.calls] == ["/_ping", "/version"]
    assert [call.path for call in inner.calls] == ["/version"]
    assert inner.calls[0].number == 1


def test_another_clients_calls_are_not_recorded(box: Sandbox, client: docker.DockerClient) -> None:
    with Recorder(client) as recorder:
        thread = threading.Thread(target=lambda: box.client().ping())
        thread.start()
        thread.join()
    assert recorder.calls == ()


def test_the_docker_command_makes_the_same_container(
    box: Sandbox, client: docker.DockerClient
) -> None:
    with Trace(client) as trace:
        client.containers.create("busybox", ["exec sleep 300"], name="one", **OPTIONS)
    command = trace.explanations[0].cli.replace("--name one", "--name two", 1)
    on_host(box, command)
    assert asked(client, "two") == asked(client, "one")


def test_one_line_makes_the_same_as_all_calls(box: Sandbox, client: docker.DockerClient) -> None:
    with Trace(client) as trace:
        client.containers.run("busybox", SLEEP, name="one", detach=True, mem_limit="64m")
    (command,) = trace.commands
    on_host(box, command.cli.replace("--name one", "--name two", 1))
    assert client.containers.get("two").status == "running"
    assert asked(client, "two") == asked(client, "one")


def test_curl_runs_as_written(box: Sandbox, client: docker.DockerClient) -> None:
    with Trace(client) as trace:
        one = client.containers.create("busybox", SLEEP, name="one", labels={"q": "it's"})
        one.start()
        client.containers.list(filters={"label": ["q=it's"]})
        client.containers.list(all=True, filters={"name": "no one"})
    create, _, start, listed, *_ = trace.explanations
    made = json.loads(on_host(box, create.curl.replace("name=one", "name=two", 1)))
    on_host(box, start.curl.replace(create.call.reply_id, made["Id"]))
    assert client.containers.get("two").labels["q"] == "it's"
    assert client.containers.get("two").status == "running"
    found = json.loads(on_host(box, listed.curl))
    assert sorted(entry["Names"][0] for entry in found) == ["/one", "/two"]
    assert shlex.split(create.curl)[0] == "curl"


def test_the_story_of_a_run_from_its_own_events(client: docker.DockerClient) -> None:
    stream = client.events(decode=True)
    with Trace(client) as trace:
        client.containers.run("busybox", "true", name="told", remove=True)
    events = []
    for entry in stream:
        actor = entry["Actor"]
        name = actor["Attributes"].get("name", "")
        events.append(
            Event(0, entry["Type"], entry["Action"], actor["ID"], name, "", actor["Attributes"])
        )
        if entry["Action"] == "destroy":
            break
    stream.close()
    done = {step.verb: set(step.done) for step in story(trace.calls, events)}
    assert done["create"] == {"container create"}
    assert done["start"] == {"network connect", "container start"}
    assert done["wait"] == {"container die", "network disconnect"}
    assert done["remove"] == {"container destroy"}
