from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import docker
import pytest
from recorded import RECORDED, calls

from course.trace.call import Call, kept_headers, read_body, split_url
from course.trace.commands import commands
from course.trace.explain import UNKNOWN, explain, find

API = Path(docker.__file__).parent / "api"
VERB = re.compile(r"_(get|post|put|delete|post_json)\(")


def cli(name: str) -> list[str]:
    return [item.cli for item in explain(calls(name))]


def docker_py_paths() -> list[str]:
    """Every path that docker-py can ask for, with `x` in each of its places."""
    found = set()
    for file in API.glob("*.py"):
        for path in re.findall(r"""_url\(\s*f?["']([^"'?]+)""", file.read_text(encoding="utf-8")):
            found.add(re.sub(r"\{[^}]*\}", "x", path))
    return sorted(found)


def test_docker_py_is_read_at_all() -> None:
    assert len(docker_py_paths()) > 80
    assert "/containers/create" in docker_py_paths()


@pytest.mark.parametrize("path", docker_py_paths())
def test_every_path_of_docker_py_is_explained(path: str) -> None:
    assert any(find(Call(1, method, path)) for method in ("GET", "POST", "PUT", "DELETE")), path


def test_a_path_that_docker_py_has_not_is_said_to_be_unknown() -> None:
    (item,) = explain([Call(1, "GET", "/containers/web/mood")])
    assert (item.purpose, item.cli) == (UNKNOWN, "")


def test_the_calls_of_a_run_that_pulls() -> None:
    create = "docker create --name hello busybox echo 'hi  there'"
    assert cli("run_pulls") == [
        create,
        "docker pull busybox:latest",
        "docker image inspect busybox:latest",
        create,
        "docker inspect hello",
        "docker start hello",
        "docker logs --follow hello",
        "docker inspect hello",
        "docker wait hello",
        "docker rm hello",
    ]


def test_the_calls_of_a_run_are_one_command_with_the_failed_create_and_the_pull() -> None:
    (command,) = commands(calls("run_pulls"))
    assert command.cli == "docker run --rm --name hello busybox echo 'hi  there'"
    assert (command.first, command.last) == (1, 10)


def test_a_container_without_a_name_keeps_its_short_id() -> None:
    create, _, start, *_ = calls("run_again")
    assert cli("run_again")[2] == f"docker start {create.reply_id[:12]}"
    assert create.reply_id in start.path


def test_a_detached_run_ends_with_the_start() -> None:
    (command,) = commands(calls("options"))
    assert command.cli.startswith("docker run --detach --name web ")
    assert (command.first, command.last) == (1, 3)


def test_a_run_that_failed_is_no_command() -> None:
    assert commands(calls("run_missing")) == ()


def test_the_options_of_a_container() -> None:
    words = shlex.split(cli("options")[0])
    assert words[:2] == ["docker", "create"]
    assert words[-3:] == ["busybox", "-c", "exec sleep 600"]
    pairs = dict(pairwise(words))
    assert pairs["--memory"] == "64m"
    assert pairs["--cpus"] == "0.5"
    assert pairs["--env"] == "A=b c"
    assert pairs["--label"] == "q=it's"
    assert pairs["--volume"] == "/tmp/x y:/d:ro"
    assert pairs["--mount"] == "type=volume,source=data,target=/m,readonly"
    assert pairs["--restart"] == "on-failure:3"
    assert pairs["--health-cmd"] == "true || false"
    assert pairs["--health-interval"] == "30s"
    assert pairs["--entrypoint"] == "sh"
    published = [after for word, after in pairwise(words) if word == "--publish"]
    assert sorted(published) == ["0.0.0.0:5353:53/udp", "8080:80"]
    assert {"--tty", "--interactive", "--init", "--read-only"} <= set(words)


def test_an_exec_is_one_command_in_both_its_calls() -> None:
    wanted = "docker exec --user 0 --env Z=1 web sh -c 'echo $Z'"
    assert cli("options").count(wanted) == 2


def test_networks_volumes_and_images() -> None:
    network = "docker network create --driver bridge --subnet 10.99.1.0/24 --gateway 10.99.1.1"
    assert f"{network} --label a=b apps" in cli("objects")
    assert "docker network connect --alias uno --ip 10.99.1.9 apps one" in cli("objects")
    assert "docker volume create --label a=b data2" in cli("objects")
    assert "docker rmi me/app:1" in cli("objects")
    assert "docker ps --all --filter status=exited" in cli("objects")


def test_a_service() -> None:
    (create,) = [line for line in cli("swarm") if line.startswith("docker service create")]
    assert create.startswith("docker service create --name pinger --replicas 3")
    assert create.endswith("--entrypoint 'sleep 60' busybox x")
    assert "--secret pw" in create
    assert "--publish published=8080,target=80" in create


def test_a_service_is_updated_with_the_flags_that_update_has() -> None:
    (update,) = [line for line in cli("swarm") if line.startswith("docker service update")]
    assert update.startswith("docker service update --replicas 0")
    for words in (
        "--env-add A=1",
        "--secret-add pw",
        "--publish-add published=8080,target=80",
        "--constraint-add node.role==manager",
        "--entrypoint 'sleep 60'",
        "--args x",
        "--image busybox",
    ):
        assert f" {words} " in update
    assert "--name" not in update


def test_the_arguments_of_a_service_are_one_value() -> None:
    spec = {"ContainerSpec": {"Image": "busybox", "Args": ["sh", "-c", "sleep 9"]}}
    body = {"Mode": {"Global": {}}, "TaskTemplate": spec}
    assert explain([Call(1, "POST", "/services/web/update", body=body)])[0].cli == (
        """docker service update --args 'sh -c '"'"'sleep 9'"'"'' --image busybox web"""
    )


SPEC: dict[str, Any] = {
    "Name": "bar",
    "Labels": {"stage": "1"},
    "Mode": {"Replicated": {"Replicas": 2}},
    "TaskTemplate": {
        "ContainerSpec": {
            "Image": "nginx",
            "Args": ["a"],
            "Env": ["MENU=1"],
            "Healthcheck": {"Test": ["CMD-SHELL", "true"]},
        },
        "Networks": [{"Target": "bar-net"}],
        "ForceUpdate": 1,
    },
}


def updated(**container: object) -> dict[str, Any]:
    template = SPEC["TaskTemplate"]
    spec = {**template["ContainerSpec"], **container}
    return {**SPEC, "TaskTemplate": {**template, "ContainerSpec": spec}}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (updated(Env=["MENU=1", "TIP=2"]), "--env-add TIP=2 bar"),
        (updated(Healthcheck={"Test": ["CMD-SHELL", "false"]}), "--health-cmd false bar"),
        (updated(Image="nginx:alpine", Args=["b"]), "--args b --image nginx:alpine bar"),
        ({**SPEC, "Labels": {"stage": "2"}}, "--label-add stage=2 bar"),
        ({**SPEC, "Labels": {}}, "--label-rm stage bar"),
        (updated(Env=["TIP=2"]), "--env-rm MENU --env-add TIP=2 bar"),
        ({key: value for key, value in SPEC.items() if key != "Labels"}, "--label-rm stage bar"),
        ({**SPEC, "Mode": {"replicated": {"Replicas": 0}}}, "--replicas 0 bar"),
    ],
)
def test_an_update_of_a_service_that_was_read_is_what_is_new(
    body: dict[str, Any], wanted: str
) -> None:
    read = Call(1, "GET", "/services/bar", reply_spec=SPEC)
    update = Call(2, "POST", "/services/bar/update", (("version", "7"),), body=body)
    assert explain([read, update])[1].cli == f"docker service update {wanted}"
    unread = explain([replace(update, number=1)])[0].cli
    assert "--network-add bar-net" in unread


WEB = {"TargetPort": 80, "PublishedPort": 8080}


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        (WEB, {**WEB, "Protocol": "tcp", "PublishMode": "ingress"}, ""),
        (WEB, {**WEB, "PublishedPort": 81}, "--publish-rm 80 --publish-add published=81,target=80"),
        ({**WEB, "Protocol": "udp"}, None, "--publish-rm 80/udp"),
        ({**WEB, "PublishMode": "host"}, None, "--publish-rm target=80,protocol=tcp,mode=host"),
    ],
)
def test_a_published_port_is_removed_by_what_it_leads_to(
    before: dict[str, Any], now: dict[str, Any] | None, wanted: str
) -> None:
    read, body = ({"EndpointSpec": {"Ports": [one] if one else []}} for one in (before, now))
    calls = [
        Call(1, "GET", "/services/bar", reply_spec=read),
        Call(2, "POST", "/services/bar/update", body=body),
    ]
    words = ["docker service update", wanted, "bar"]
    assert explain(calls)[1].cli == " ".join(filter(None, words))


ROTATE = "docker swarm join-token --rotate"


@pytest.mark.parametrize(
    ("on", "wanted"),
    [
        (("rotateWorkerToken",), f"{ROTATE} worker"),
        (("rotateManagerToken",), f"{ROTATE} manager"),
        (("rotateWorkerToken", "rotateManagerToken"), f"{ROTATE} worker && {ROTATE} manager"),
        (("rotateManagerUnlockKey",), "docker swarm unlock-key --rotate"),
        ((), "docker swarm update --task-history-limit 0"),
    ],
)
def test_tokens_are_made_anew_by_commands_of_their_own(on: tuple[str, ...], wanted: str) -> None:
    switches = dict.fromkeys(("rotateWorkerToken", "rotateManagerToken"), "False")
    switches |= dict.fromkeys(on, "True")
    body = {
        "Orchestration": {"TaskHistoryRetentionLimit": 0},
        "CAConfig": {"NodeCertExpiry": 7776000000000000},  # docker-py's own, when you say nothing
    }
    call = Call(1, "POST", "/swarm/update", (*switches.items(), ("version", "7")), body=body)
    assert explain([call])[0].cli == wanted


def test_a_networks_driver_options_are_part_of_its_flag() -> None:
    options = {"com.example.sysctls": "a=1,b=2", "com.example.ifname": "eth7"}
    body = {
        "Image": "busybox",
        "HostConfig": {"NetworkMode": "apps"},
        "NetworkingConfig": {"EndpointsConfig": {"apps": {"DriverOpts": options}}},
    }
    made = explain([Call(1, "POST", "/containers/create", body=body)])[0].cli
    row = 'name=apps,"driver-opt=com.example.sysctls=a=1,b=2",driver-opt=com.example.ifname=eth7'
    assert shlex.split(made) == ["docker", "create", "--network", row, "busybox"]
    body = {"Container": "web", "EndpointConfig": {"DriverOpts": {"a": "1"}}}
    made = explain([Call(1, "POST", "/networks/apps/connect", body=body)])[0].cli
    assert made == "docker network connect --driver-opt a=1 apps web"


def test_no_secret_is_kept() -> None:
    kept = json.dumps(RECORDED)
    assert "hunter2" not in kept
    assert "dG9wc2VjcmV0" not in kept  # base64 of the swarm secret
    (login,) = [call for call in calls("objects") if call.path == "/auth"]
    assert login.body["password"] == "***"
    assert login.body["username"] == "ann"
    (secret,) = [call for call in calls("swarm") if call.path == "/secrets/create"]
    assert secret.body["Data"] == "***"


def test_tokens_and_headers_are_masked() -> None:
    body, _ = read_body(
        "/swarm/join", '{"JoinToken": "SWMTKN-1", "RemoteAddrs": ["10.0.0.2:2377"]}'
    )
    assert body == {"JoinToken": "***", "RemoteAddrs": ["10.0.0.2:2377"]}
    headers = {"X-Registry-Auth": "c2VjcmV0", "Content-Type": "application/json", "Accept": "*/*"}
    assert kept_headers(headers) == (
        ("Content-Type", "application/json"),
        ("X-Registry-Auth", "***"),
    )


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_curl_says_what_was_sent(name: str) -> None:
    for item in explain(calls(name)):
        call, words = item.call, shlex.split(item.curl)
        assert words[:4] == ["curl", "-sS", "--unix-socket", "/var/run/docker.sock"]
        (url,) = [word for word in words if word.startswith("http://localhost/")]
        assert split_url(url) == (call.version, call.path, call.query)
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        assert method == call.method
        sent = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
        assert sent == call.body


def test_a_url_is_taken_apart_and_put_together_again() -> None:
    url = "http+docker://localhost/v1.45/images/me/app%3A1/tag?repo=a%26b&tag=&x=1&x=2"
    version, path, query = split_url(url)
    assert (version, path) == ("1.45", "/images/me/app:1/tag")
    assert query == (("repo", "a&b"), ("tag", ""), ("x", "1"), ("x", "2"))
    (item,) = explain([Call(1, "POST", path, query, version)])
    parts = urlsplit(shlex.split(item.curl)[-1])
    assert unquote(parts.path) == "/v1.45" + path
    assert tuple(parse_qsl(parts.query, keep_blank_values=True)) == query


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (Call(1, "GET", "/_ping"), ""),
        (
            Call(1, "POST", "/images/create", (("fromImage", "a/b"), ("tag", "sha256:0a"))),
            "docker pull a/b@sha256:0a",
        ),
        (Call(1, "GET", "/containers/web/logs", (("tail", "all"),)), "docker logs web"),
        (Call(1, "POST", "/containers/web/stop", (("t", "0"),)), "docker stop --time 0 web"),
        (Call(1, "GET", "/containers/web/top", (("ps_args", "-e f"),)), "docker top web '-e f'"),
        (Call(1, "DELETE", "/containers/$(x)", (("force", "True"),)), "docker rm --force '$(x)'"),
        (
            Call(1, "POST", "/build", (("t", "me/app"), ("nocache", "True"), ("q", "False"))),
            "DOCKER_BUILDKIT=0 docker build --tag me/app --no-cache .",
        ),
        (
            Call(1, "GET", "/images/json", (("filters", '{"dangling": ["true"]}'),)),
            "docker images --filter dangling=true",
        ),
        (
            Call(1, "GET", "/tasks",
                 (("filters", '{"service": ["web"], "desired-state": ["running"]}'),)),
            "docker service ps --filter desired-state=running web",
        ),
        (Call(1, "GET", "/images/get", (("names", "a"), ("names", "b"))),
         "docker save --output images.tar a b"),
    ],
)  # fmt: skip
def test_commands_from_the_query(call: Call, wanted: str) -> None:
    assert explain([call])[0].cli == wanted
