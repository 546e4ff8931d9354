"""The stage on which tasks are tried: what it holds, and what must be true of every task."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from typing import Any

import docker
import pytest
from docker.errors import APIError

from course.catalogue import Task, catalogue
from course.checks import runner
from course.checks.lab import Lab
from course.checks.taskfile import load
from course.checks.verdict import Outcome, Verdict

SWARM_TASK = "com.docker.swarm.task"
PATIENCE = 5  # seconds; a manager without a quorum would keep us waiting
Clear = Callable[[Lab], None]


def tasks(*, of_swarms: bool) -> list[Task]:
    """The tasks of the chapters whose lab has one engine, or of those with several."""
    chapters = [one for one in catalogue().chapters if (one.nodes > 1) == of_swarms]
    return [task for chapter in chapters for task in chapter.tasks]


def wrong_answers(tasks: Iterable[Task]) -> list[Any]:
    """One parameter set (task, answer, words of its feedback) for each wrong answer."""
    return [
        pytest.param(task, answer, words, id=f"{task.id}-{answer.__name__}")
        for task in tasks
        for answer, words in load(task).wrong
    ]


def right_answers(tasks: Iterable[Task]) -> list[Any]:
    """One parameter set (task, answer) for each right answer beside the solution."""
    return [
        pytest.param(task, answer, id=f"{task.id}-{answer.__name__}")
        for task in tasks
        for answer in load(task).right
    ]


def checked(lab: Lab, task: Task, answer: object = None) -> Verdict:
    """The verdict of a check that has changed nothing."""
    before = contents(lab)
    verdict = runner.check(lab, task, answer)
    assert contents(lab) == before, "a check changed the engine"
    return verdict


def contents(lab: Lab) -> dict[str, Any]:
    """Returns all that a check could change, of each node that is on."""
    return {node.name: _engine(node.client.api) for node in lab.nodes if node.is_on}


def _engine(api: docker.APIClient) -> dict[str, Any]:
    """What an engine holds: containers whole, to the process and the exec.

    What a swarm makes and unmakes by itself (the containers of its tasks, its networks where a
    task needs them) is left out; what it was told is there.
    """
    own = [one["Id"] for one in api.containers(all=True) if SWARM_TASK not in one["Labels"]]
    networks = [one for one in api.networks() if one["Scope"] == "local"]
    return {
        "containers": [whole(api, each) for each in own],
        "images": sorted(image["Id"] for image in api.images(all=True)),
        "networks": sorted(one["Id"] for one in networks if one["Name"] != "docker_gwbridge"),
        "volumes": sorted(volume["Name"] for volume in api.volumes()["Volumes"] or []),
        "swarm": _told(api),
    }


def whole(api: docker.APIClient, container: str) -> dict[str, Any]:
    """Returns all that the engine says of a container, less what it changes by itself.

    It tells mounts in any order, and a health check runs and reports on its own time.
    """
    found: dict[str, Any] = api.inspect_container(container)
    found["Mounts"].sort(key=lambda mount: mount["Destination"])
    found["State"].pop("Health", None)
    found.pop("ExecIDs", None)
    return found


def _told(api: docker.APIClient) -> dict[str, Any] | None:
    """What a manager was told; None where there is none, or no quorum."""
    if not api.info()["Swarm"].get("ControlAvailable"):
        return None
    with suppress(APIError, OSError), closing(_patient(api)) as quick:
        lists = (quick.nodes(), quick.services(), quick.secrets(), quick.configs())
        specs = [{one["ID"]: one["Spec"] for one in found} for found in lists]
        return {"tokens": quick.inspect_swarm()["JoinTokens"], "specs": specs}
    return None


def _patient(api: docker.APIClient) -> docker.APIClient:
    """The same client with a bound of its own on each answer."""
    client = docker.APIClient(base_url=api.base_url, version=api._version, timeout=PATIENCE)  # type: ignore[attr-defined]
    client.adapters, client.verify, client.cert = api.adapters, api.verify, api.cert
    client.trust_env = False
    return client


class Stage:
    """A lab that holds what a task's setup makes and nothing else.

    Args:
        lab: Where.
        clear: Empties it.
        tidy: Leaves of it what takes long to make anew and is of no task; `clear` if None.
    """

    def __init__(self, lab: Lab, clear: Clear, tidy: Clear | None = None) -> None:
        self.lab, self.clear, self.tidy = lab, clear, tidy or clear
        self._looked: set[str] = set()

    def set(self, task: Task) -> None:
        """Tidies the lab and sets the stage."""
        self.tidy(self.lab)
        if setup := load(task).setup:
            setup(self.lab)

    def starts_unsolved(self, task: Task) -> None:
        """No task starts solved, nor without its stage."""
        self.set(task)
        verdict = checked(self.lab, task)
        assert verdict.outcome is Outcome.NOT_ATTEMPTED, verdict
        assert verdict.look
        self.look(verdict)
        self.clear(self.lab)
        assert not checked(self.lab, task).solved

    def is_solved_by_its_solution(self, task: Task) -> None:
        """The solution solves it, and one can start over."""
        self.set(task)
        file = load(task)
        verdict = checked(self.lab, task, file.solve(self.lab))
        assert verdict.solved, verdict
        if file.setup:
            file.setup(self.lab)
            assert checked(self.lab, task).outcome is Outcome.NOT_ATTEMPTED

    def is_solved_by(self, task: Task, answer: Callable[[Lab], object]) -> None:
        """Another right answer solves it, too."""
        self.set(task)
        verdict = checked(self.lab, task, answer(self.lab))
        assert verdict.solved, verdict

    def tells_why(self, task: Task, answer: Callable[[Lab], object], words: str) -> None:
        """A wrong answer is told what is wrong with it."""
        self.set(task)
        verdict = checked(self.lab, task, answer(self.lab))
        assert verdict.outcome is Outcome.NOT_YET, verdict
        assert words in verdict.message
        self.look(verdict)

    def look(self, verdict: Verdict) -> None:
        """What a verdict says to look at is a whole cell that can be run, each once."""
        first, _, script = verdict.cell.partition("\n")
        if not first.startswith("%%host"):
            compile(verdict.cell, verdict.task, "exec")
        elif verdict.cell not in self._looked:
            self._looked.add(verdict.cell)
            options = first.split()[1:]
            node = next((word for word in options if not word.startswith("--")), "node1")
            code, said = self.lab.run(script, node)
            assert code == 0 or "--may-fail" in options, (verdict.cell, code, said.decode())
