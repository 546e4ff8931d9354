"""Every task of the chapters whose lab has several engines, on three live ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from docker.errors import APIError
from task_stage import Stage, tasks, wrong_answers

from course.catalogue import Task, catalogue
from course.checks.lab import Lab
from course.engine.cluster import boot_cluster
from course.engine.lab import Lab as EngineLab
from course.engine.node import Node
from course.images.supply import Supply

TASKS = tasks(of_swarms=True)
PREDEFINED = {"bridge", "host", "none", "docker_gwbridge", "ingress"}
each_task = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)


@pytest.fixture(scope="module")
def stage(have: Supply) -> Iterator[Stage]:
    nodes = boot_cluster(have.host, have.image, have.mirror, "test", 3)
    opened = EngineLab(catalogue().chapter("12a"), nodes, have.source)
    yield Stage(opened, clear)
    opened.close()


def clear(lab: Lab) -> None:
    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        list(pool.map(clear_node, lab.nodes))


def clear_node(node: Node) -> None:
    """Takes the node out of its swarm, whatever that is, and empties it but for its images."""
    node.forget_swarm()
    api = node.client.api
    for container in api.containers(all=True):
        api.remove_container(container["Id"], v=True, force=True)
    for network in api.networks():
        if network["Name"] not in PREDEFINED:
            with suppress(APIError):
                api.remove_network(network["Id"])
    for volume in api.volumes()["Volumes"] or []:
        api.remove_volume(volume["Name"], force=True)


@each_task
def test_no_task_starts_solved_nor_without_its_stage(stage: Stage, task: Task) -> None:
    stage.starts_unsolved(task)


@each_task
def test_the_solution_solves_it_and_one_can_start_over(stage: Stage, task: Task) -> None:
    stage.is_solved_by_its_solution(task)


@pytest.mark.parametrize(("task", "answer", "words"), wrong_answers(TASKS))
def test_a_wrong_answer_is_told_why(
    stage: Stage, task: Task, answer: Callable[[Lab], object], words: str
) -> None:
    stage.tells_why(task, answer, words)
