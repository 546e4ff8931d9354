"""What a swarm is asked to run, and what it makes of that: services, and the tasks of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# The states of a task before it runs, and while it does; all others are ends.
BEFORE = ("new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting")
ALIVE = frozenset({*BEFORE, "running"})
# Desired states of a task that is to stay; a job's is to end well.
WANTED = frozenset({"running", "ready", "accepted", "complete"})


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Opening:
    """A port that a service publishes; `mode` is ingress (on every node) or host."""

    private: int
    public: int | None = None
    protocol: str = "tcp"
    mode: str = "ingress"


@dataclass(frozen=True, slots=True)
class Service:
    """A service.

    Attributes:
        mode: replicated, global, replicated-job or global-job.
        wanted: Replicas that are asked for; None where each node gets one.
        update: updating, paused, completed, rollback_started, rollback_paused or
            rollback_completed; empty when it was never updated.
        update_message: What the engine says about that.
        networks: Their ids.
        template: What its tasks are made from; of a task that is up to date it is the same.
        has_previous: Whether it can be rolled back.
    """

    id: str
    name: str
    mode: str = "replicated"
    wanted: int | None = None
    image: str = ""
    ports: tuple[Opening, ...] = ()
    update: str = ""
    update_message: str = ""
    networks: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=_nothing, hash=False)
    version: int = 0
    template: str = ""
    has_previous: bool = False

    @property
    def is_updating(self) -> bool:
        """Whether the swarm replaces its tasks, forwards or back."""
        return self.update in ("updating", "rollback_started")

    @property
    def is_job(self) -> bool:
        """Whether its tasks are to end."""
        return self.mode.endswith("-job")


@dataclass(frozen=True, slots=True)
class Task:
    """A task: one container to be, its run, or what is remembered of it.

    Attributes:
        service: Id of its service, as `node` is of its node (empty: none yet).
        slot: Number among the service's replicas; 0 in a global service, where `node` is its place.
        desired: The state that the swarm wants: running, ready, shutdown, complete or remove.
        error: What the engine says that went wrong; why it is not placed, of a pending one.
        exit_code: None until it has ended.
        created: Seconds since the epoch, as is `updated` (of its state).
    """

    id: str
    service: str
    slot: int = 0
    node: str = ""
    desired: str = "running"
    state: str = "new"
    message: str = ""
    error: str = ""
    exit_code: int | None = None
    image: str = ""
    created: float = 0.0
    updated: float = 0.0
    container: str = ""
    template: str = ""

    @property
    def place(self) -> tuple[str, int, str]:
        """Its slot: one task after the other fills it."""
        return self.service, self.slot, "" if self.slot else self.node

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self.state in ALIVE

    @property
    def is_wanted(self) -> bool:
        """Whether the swarm wants it to run, or to be ready for that, or to have done its job."""
        return self.desired in WANTED

    @property
    def runs(self) -> bool:
        """Whether it runs and is to go on."""
        return self.state == "running" and self.desired == "running"
