"""Expectations of a swarm's services: what they were told, and what their tasks make of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from docker.errors import NotFound

from course.checks.events import epoch, happened
from course.checks.expect import At
from course.checks.verdict import NotYet

BEGINNINGS = ("updating", "rollback_started")


@dataclass(frozen=True)
class Seen:
    """A secret or a config that a service's containers see as a file.

    Attributes:
        name: Of the secret or config.
        path: In the container.
        mode: Of the file, as 0o400.
    """

    name: str
    path: str
    mode: int


@dataclass(frozen=True)
class Port:
    """A port of the swarm's nodes that leads to a service.

    Attributes:
        outer: The nodes' port; 0 where the engine chooses.
        inner: The containers' port.
        mode: "ingress" (the mesh) or "host".
    """

    outer: int
    inner: int
    mode: str


class ServiceAt:
    """One service as the swarm has it at the moment of the check.

    Attributes:
        attrs: What GET /services/{id} said.
        tasks: What GET /tasks said of it: those that are wanted.
    """

    def __init__(self, attrs: dict[str, Any], tasks: list[dict[str, Any]]) -> None:
        self.attrs, self.tasks = attrs, tasks

    @property
    def spec(self) -> dict[str, Any]:
        """What the service was told."""
        return dict(self.attrs["Spec"])

    @property
    def name(self) -> str:
        """As given at its creation."""
        return str(self.spec["Name"])

    @property
    def labels(self) -> dict[str, str]:
        """The service's labels; those of its containers are others."""
        return dict(self.spec.get("Labels") or {})

    @property
    def container(self) -> dict[str, Any]:
        """The part of the specification that each container is made by."""
        return dict(self.spec["TaskTemplate"]["ContainerSpec"])

    @property
    def image(self) -> str:
        """The reference, without the digest that the `docker` command pins."""
        return str(self.container["Image"]).partition("@")[0]

    @property
    def env(self) -> dict[str, str]:
        """The variables that its containers are started with."""
        return dict(pair.partition("=")[::2] for pair in self.container.get("Env") or [])

    @property
    def is_global(self) -> bool:
        """Whether it has one task a node."""
        return "Global" in self.spec["Mode"]

    @property
    def networks(self) -> set[str]:
        """Ids of the networks that its containers are put on."""
        # Up to API 1.24 networks were outside the template; engines still accept that.
        told = self.spec["TaskTemplate"].get("Networks") or self.spec.get("Networks") or []
        return {network["Target"] for network in told}

    @property
    def ports(self) -> list[Port]:
        """What it publishes."""
        told = (self.spec.get("EndpointSpec") or {}).get("Ports") or []
        return [
            Port(each.get("PublishedPort", 0), each["TargetPort"], each.get("PublishMode", ""))
            for each in told
        ]

    @property
    def update(self) -> str:
        """How its last update ended or goes on, as "completed", "rollback_started"; or ""."""
        return str((self.attrs.get("UpdateStatus") or {}).get("State", ""))

    @property
    def running(self) -> list[dict[str, Any]]:
        """Its tasks that are wanted and run."""
        return [task for task in self.tasks if task["Status"]["State"] == "running"]

    def secrets(self) -> list[Seen]:
        """The secrets that its containers see."""
        return [
            _seen(each, "Secret", "/run/secrets/") for each in self.container.get("Secrets") or []
        ]

    def configs(self) -> list[Seen]:
        """The configs that its containers see."""
        return [_seen(each, "Config", "/") for each in self.container.get("Configs") or []]

    def not_yet(self, message: str, look: str = "") -> NoReturn:
        """Raises NotYet, pointing at `docker service inspect` unless told where to look."""
        raise NotYet(message, look or f"docker service inspect --pretty {self.name}")

    def runs(self) -> ServiceAt:
        """Expects a task that runs."""
        if not self.running:
            why = next((told for task in self.tasks if (told := task["Status"].get("Err"))), "")
            told = f" The swarm says: `{why}`." if why else ""
            self.not_yet(
                f"No task of `{self.name}` runs.{told}", f"docker service ps --no-trunc {self.name}"
            )
        return self


def _seen(each: dict[str, Any], kind: str, folder: str) -> Seen:
    file = each.get("File") or {}
    name = str(file.get("Name", ""))
    path = name if name.startswith("/") else folder + name
    return Seen(str(each[f"{kind}Name"]), path, int(file.get("Mode", 0)))


def _api(at: At) -> Any:  # docker-py's calls of services have no types
    return at.client.api


def need_swarm(at: At, look: str) -> None:
    """Raises NotAttempted where node1 manages no swarm.

    Args:
        at: The engine.
        look: What sets the stage.
    """
    if not at.client.info()["Swarm"].get("ControlAvailable"):
        at.not_attempted("`node1` manages no swarm now. Set the stage first.", look)


def service(at: At, name: str) -> ServiceAt | None:
    """Returns the service of this name, or None."""
    try:
        attrs = _api(at).inspect_service(name)
    except NotFound:
        return None
    if attrs["Spec"]["Name"] != name:  # the engine also finds it by the first letters of its id
        return None
    filters = {"service": attrs["ID"], "desired-state": "running"}
    return ServiceAt(attrs, _api(at).tasks(filters=filters))


def is_rolled_back(at: At, one: ServiceAt) -> bool:
    """Whether the last update of a service was a rollback, under way or over.

    Its state alone does not say so: when tasks have failed meanwhile, the swarm may look the
    service over once more after a rollback, and then it says "completed" instead of
    "rollback_completed". The events tell how the update began, as long as node1 remembers.
    """
    created = epoch(one.attrs["CreatedAt"])
    events = happened(at.client, created, "service", service=one.attrs["ID"])
    told = [event.attributes.get("updatestate.new", "") for event in events]
    return began_as_rollback(told, one.update)


def began_as_rollback(told: Iterable[str], state: str) -> bool:
    """Whether the last update began as a rollback.

    Args:
        told: The states that it went through as far as the events tell, oldest first.
        state: The one that it is in; it counts where no event tells a beginning.
    """
    began = [one for one in told if one in BEGINNINGS]
    return (began[-1] if began else state).startswith("rollback")


def services(at: At) -> list[ServiceAt]:
    """Returns all services, without their tasks."""
    return [ServiceAt(attrs, []) for attrs in _api(at).services()]


def secret_names(at: At) -> set[str]:
    """Returns the names of all secrets of the swarm."""
    return {each["Spec"]["Name"] for each in _api(at).secrets()}


def file_of(at: At, task: dict[str, Any], path: str) -> str | None:
    """Returns a text file as a running task's first process sees it, or None.

    The engine's archive call shows no secrets: they are mounted where it does not look.
    """
    pid = (task["Status"].get("ContainerStatus") or {}).get("PID", 0)
    host = _api(at).inspect_node(task["NodeID"])["Description"]["Hostname"]
    return at.process_file(int(pid), path, str(host)) if pid else None
