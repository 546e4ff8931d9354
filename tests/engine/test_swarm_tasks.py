"""Every task of the chapters whose lab has several engines, on three live ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from docker.errors import APIError
from task_stage import Stage, right_answers, tasks, wrong_answers
from waiting import until

from course.catalogue import Task, catalogue
from course.checks.lab import Lab
from course.checks.make_swarm import change_member, is_whole, mark_swarm
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
    yield Stage(opened, clear, tidy)
    opened.close()


def clear(lab: Lab) -> None:
    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        list(pool.map(clear_node, lab.nodes))


def clear_node(node: Node) -> None:
    """Takes the node out of its swarm, whatever that is, and empties it but for its images."""
    node.forget_swarm()
    empty(node)


def tidy(lab: Lab) -> None:
    """Keeps a swarm that is whole, without all that it was told; else as `clear`."""
    if not is_whole(lab):
        clear(lab)
        return
    api: Any = lab.client.api
    for service in api.services():
        api.remove_service(service["ID"])
    for secret in api.secrets():
        api.remove_secret(secret["ID"])
    for config in api.configs():
        api.remove_config(config["ID"])
    with ThreadPoolExecutor(len(lab.nodes)) as pool:
        try:
            until(lambda: not any(list(pool.map(empty, lab.nodes))), seconds=30)
        except AssertionError:  # an engine may keep the network of a task that never quite started
            clear(lab)
            return
    for node in lab.nodes:
        change_member(lab, node.name, Labels={})
    mark_swarm(lab, {})


def empty(node: Node) -> list[str]:
    """Removes containers, networks and volumes; gives what is still there."""
    api = node.client.api
    for container in api.containers(all=True):
        with suppress(APIError):  # the swarm itself may be removing it
            api.remove_container(container["Id"], v=True, force=True)
    for network in api.networks():
        if network["Name"] not in PREDEFINED:
            with suppress(APIError):
                api.remove_network(network["Id"])
    for volume in api.volumes()["Volumes"] or []:
        with suppress(APIError):
            api.remove_volume(volume["Name"], force=True)
    left = {network["Name"] for network in api.networks()} - PREDEFINED
    left |= {container["Id"] for container in api.containers(all=True)}
    return sorted(left | {volume["Name"] for volume in api.volumes()["Volumes"] or []})


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
