"""Every task of the chapters with one engine, live: what authors must have got right."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from task_stage import Stage, checked, right_answers, tasks, wrong_answers

from course.catalogue import Task, catalogue
from course.checks.lab import Lab
from course.checks.taskfile import load
from course.checks.verdict import Outcome
from course.engine.cluster import Cluster
from course.engine.lab import Lab as EngineLab
from course.engine.sandbox import Sandbox
from course.images.supply import Supply

TASKS = tasks(of_swarms=False)
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)


@pytest.fixture(scope="module")
def stage(have: Supply, box: Sandbox) -> Iterator[Stage]:
    opened = EngineLab(catalogue().chapter("03"), Cluster.of(box), have.source)
    yield Stage(opened, clear)
    opened.close()


def clear(lab: Lab) -> None:
    for container in lab.client.api.containers(all=True):
        lab.client.api.remove_container(container["Id"], v=True, force=True)
    for volume in lab.client.api.volumes()["Volumes"] or []:
        lab.client.api.remove_volume(volume["Name"], force=True)
    lab.run("rm -rf ~/.docker/config.json")


@each_task
def test_no_task_starts_solved_nor_without_its_stage(stage: Stage, task: Task) -> None:
    stage.starts_unsolved(task)


@each_task
def test_the_solution_solves_it_and_one_can_start_over(stage: Stage, task: Task) -> None:
    stage.is_solved_by_its_solution(task)


@pytest.mark.parametrize(("task", "answer"), right_answers(TASKS))
def test_another_right_answer_solves_it(
    stage: Stage, task: Task, answer: Callable[[Lab], object]
) -> None:
    stage.is_solved_by(task, answer)


@pytest.mark.parametrize(("task", "answer", "words"), wrong_answers(TASKS))
def test_a_wrong_answer_is_told_why(
    stage: Stage, task: Task, answer: Callable[[Lab], object], words: str
) -> None:
    stage.tells_why(task, answer, words)


def test_the_stages_of_other_tasks_are_no_attempt_at_one(stage: Stage) -> None:
    chapter = [task for task in TASKS if task.id.startswith("3.")]
    stage.set(chapter[0])
    for task in chapter:
        if setup := load(task).setup:
            setup(stage.lab)
    outcomes = {task.id: checked(stage.lab, task).outcome for task in chapter}
    assert set(outcomes.values()) == {Outcome.NOT_ATTEMPTED}, outcomes
