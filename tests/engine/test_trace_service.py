"""The command that a trace has for an update of a service does to it what the call did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.models.services import Service
from docker.types import (
    ConfigReference,
    EndpointSpec,
    Mount,
    Resources,
    SecretReference,
    ServiceMode,
)
from waiting import until

from course.engine.sandbox import Sandbox
from course.trace.table import Trace


@pytest.fixture(scope="module")
def client(box: Sandbox) -> Iterator[docker.DockerClient]:
    client = box.client()
    client.swarm.init("127.0.0.1")
    for name in ("near", "far"):
        client.networks.create(name, "overlay")
    for name in ("old", "new"):
        client.secrets.create(name=name, data=name.encode())
        client.configs.create(name=name, data=name.encode())
    yield client
    client.swarm.leave(force=True)


@pytest.fixture(autouse=True)
def _no_service_stays(client: docker.DockerClient) -> Iterator[None]:
    yield
    for service in client.services.list():
        service.remove()


def secret(client: docker.DockerClient, name: str, **more: Any) -> SecretReference:
    return SecretReference(client.secrets.list(filters={"name": name})[0].id, name, **more)


def config(client: docker.DockerClient, name: str, **more: Any) -> ConfigReference:
    return ConfigReference(client.configs.list(filters={"name": name})[0].id, name, **more)


def spec(client: docker.DockerClient) -> dict[str, Any]:
    """Has two of everything, and no task."""
    return {
        "mode": ServiceMode("replicated", 0),
        "args": ["sleep", "300"],
        "env": ["KEPT=1", "GONE=2"],
        "labels": {"kept": "1", "gone": "2"},
        "container_labels": {"kept": "1", "gone": "2"},
        "constraints": ["node.role==manager", "node.hostname!=x"],
        "mounts": [Mount("/kept", "a", type="volume"), Mount("/gone", "b", type="volume")],
        "networks": ["near"],
        "secrets": [secret(client, "old", filename="key")],
        "configs": [config(client, "old", filename="/etc/kept")],
        "endpoint_spec": EndpointSpec(ports={8080: 80, 5353: (53, "udp"), 9090: (90, "tcp")}),
    }


def told(client: docker.DockerClient) -> str:
    """What is asked of a service, whatever the order in which its lists came to be."""

    def sort(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: sort(item) for key, item in value.items() if item not in (None, [], {})}
        return sorted(map(sort, value), key=str) if isinstance(value, list) else value

    # With what the engine takes where nobody says anything: docker-py sends it, a command does not.
    found = client.api.inspect_service("one", insert_defaults=True)
    return json.dumps(sort(found["Spec"]), sort_keys=True, indent=1)


CHANGES: dict[str, dict[str, Any]] = {
    "variables": {"env": ["KEPT=3", "MORE=4"]},
    "labels": {"labels": {"kept": "3"}, "container_labels": {"more": "4"}},
    "constraints": {"constraints": ["node.role==manager", "node.hostname!=y"]},
    "mounts": {"mounts": [Mount("/kept", "c", type="volume"), Mount("/more", "b", type="volume")]},
    "networks": {"networks": ["far"]},
    "ports": {"endpoint_spec": EndpointSpec(mode="vip", ports={8081: 80, 9090: (90, "tcp")})},
    "nothing": {"labels": {}, "env": [], "mounts": [], "constraints": []},
    "limit": {"resources": Resources(mem_limit=64 * 1024**2)},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change(box: Sandbox, client: docker.DockerClient, change: str) -> None:
    compare(box, client, **CHANGES[change])


def test_a_secret_and_a_config_are_changed_for_others(
    box: Sandbox, client: docker.DockerClient
) -> None:
    secrets = [secret(client, "new", filename="key", mode=0o400)]
    configs = [config(client, "new", filename="/etc/kept", uid="7")]
    command = compare(box, client, secrets=secrets, configs=configs)
    assert "--secret-rm old --secret-add source=new,target=key,mode=0400" in command


def create(client: docker.DockerClient) -> Service:
    """Creates a service; the swarm's own first change of it, its addresses and ports, is over."""
    made = client.services.create("busybox:latest", name="one", **spec(client))

    def has_addresses() -> bool:
        made.reload()
        endpoint = made.attrs["Endpoint"]
        return bool(endpoint.get("VirtualIPs") and endpoint.get("Ports"))

    until(has_addresses)
    return made


def compare(box: Sandbox, client: docker.DockerClient, **asked: Any) -> str:
    """Updates a service by a call, and one like it by the command that the trace has for it."""
    one = create(client)
    with Trace(client) as trace:
        one.update(**asked)
    command = trace.explanations[-1].cli
    assert command.startswith("docker service update ")
    by_call = told(client)
    one.remove()
    create(client)
    code, output = box.run(command.replace(" update", " update --detach", 1))
    assert code == 0, f"{command}: {output.decode()}"
    assert told(client).splitlines() == by_call.splitlines(), command
    return command
