"""Every task of the course, against a live engine: what authors must have got right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from course.catalogue import Task, catalogue
from course.checks import runner
from course.checks.lab import Lab
from course.checks.taskfile import TaskFile, load
from course.checks.verdict import Outcome, Verdict
from course.engine.lab import Lab as EngineLab
from course.engine.sandbox import Sandbox
from course.images.supply import Supply

TASKS = [task for chapter in catalogue().chapters for task in chapter.tasks]
WRONG = [
    pytest.param(task, answer, words, id=f"{task.id}-{answer.__name__}")
    for task in TASKS
    for answer, words in load(task).wrong
]
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)

Stage = Callable[[Task], tuple[Lab, TaskFile]]


@pytest.fixture(scope="module")
def lab(have: Supply, box: Sandbox) -> Iterator[Lab]:
    opened = EngineLab(catalogue().chapter("03"), box, have.source)
    yield opened
    opened.close()


@pytest.fixture
def stage(lab: Lab) -> Stage:
    """Gives a lab that holds what the task's setup makes and nothing else."""

    def set_up(task: Task) -> tuple[Lab, TaskFile]:
        clear(lab)
        file = load(task)
        if file.setup:
            file.setup(lab)
        return lab, file

    return set_up


def clear(lab: Lab) -> None:
    for container in lab.client.api.containers(all=True):
        lab.client.api.remove_container(container["Id"], v=True, force=True)
    for volume in lab.client.api.volumes()["Volumes"] or []:
        lab.client.api.remove_volume(volume["Name"], force=True)
    lab.run("rm -rf /root/.docker/config.json")


def contents(lab: Lab) -> dict[str, Any]:
    """Returns all that a check could change; the containers whole, to the process and the exec."""
    api = lab.client.api
    return {
        "containers": [whole(lab, each["Id"]) for each in api.containers(all=True)],
        "images": sorted(image["Id"] for image in api.images(all=True)),
        "networks": sorted(network["Id"] for network in api.networks()),
        "volumes": sorted(volume["Name"] for volume in api.volumes()["Volumes"] or []),
    }


def whole(lab: Lab, container: str) -> dict[str, Any]:
    """Returns all that the engine says of a container, less what it changes by itself.

    It tells mounts in any order, and a health check runs and reports on its own time.
    """
    found: dict[str, Any] = lab.client.api.inspect_container(container)
    found["Mounts"].sort(key=lambda mount: mount["Destination"])
    found["State"].pop("Health", None)
    found.pop("ExecIDs", None)
    return found


def checked(lab: Lab, task: Task, answer: object = None) -> Verdict:
    before = contents(lab)
    verdict = runner.check(lab, task, answer)
    assert contents(lab) == before, "a check changed the engine"
    return verdict


@each_task
def test_no_task_starts_solved_nor_without_its_stage(stage: Stage, task: Task) -> None:
    lab, _ = stage(task)
    verdict = checked(lab, task)
    assert verdict.outcome is Outcome.NOT_ATTEMPTED, verdict
    assert verdict.look
    clear(lab)
    assert not checked(lab, task).solved


@each_task
def test_the_solution_solves_it_and_one_can_start_over(stage: Stage, task: Task) -> None:
    lab, file = stage(task)
    verdict = checked(lab, task, file.solve(lab))
    assert verdict.solved, verdict
    if file.setup:
        file.setup(lab)
        assert checked(lab, task).outcome is Outcome.NOT_ATTEMPTED


@pytest.mark.parametrize(("task", "answer", "words"), WRONG)
def test_a_wrong_answer_is_told_why(
    stage: Stage, task: Task, answer: Callable[[Lab], object], words: str
) -> None:
    lab, _ = stage(task)
    verdict = checked(lab, task, answer(lab))
    assert verdict.outcome is Outcome.NOT_YET, verdict
    assert words in verdict.message


def test_the_stages_of_other_tasks_are_no_attempt_at_one(stage: Stage) -> None:
    chapter = [task for task in TASKS if task.id.startswith("3.")]
    lab, _ = stage(chapter[0])
    for task in chapter:
        if setup := load(task).setup:
            setup(lab)
    outcomes = {task.id: checked(lab, task).outcome for task in chapter}
    assert set(outcomes.values()) == {Outcome.NOT_ATTEMPTED}, outcomes


@each_task
def test_wrong_answers_differ_in_their_feedback(task: Task) -> None:
    words = [words for _, words in load(task).wrong]
    assert len(words) >= 2
    assert all(words)
    for one in words:
        assert [other for other in words if one in other] == [one]
