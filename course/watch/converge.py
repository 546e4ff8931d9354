"""Waiting for a swarm to be as it is wanted: bounded, and with an end that says what was seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from course.errors import CourseError
from course.report import Report, silent
from course.watch.swarm import Swarm
from course.watch.swarm_count import Count, counts
from course.watch.swarm_task import Task

EVERY = 0.25  # seconds
TWICE = 2  # readings in a row: an update is told of a moment after the service has changed
_ADVICE = "lab.tasks() lists every task with its error; lab.swarm() draws them."


def converge(
    read: Callable[[], Swarm],
    service: str | None = None,
    timeout: float = 60,
    report: Report = silent,
) -> tuple[float, str]:
    """Waits until each service has the tasks that it wants, as it is now, and no update goes on.

    Args:
        read: Reads the swarm as it is now.
        service: Name of one service; all of them when None.
        timeout: Seconds.
        report: Told the seconds that have gone by.

    Returns:
        The seconds that it took, and what the last look saw.

    Raises:
        CourseError: There is no such swarm or service, its update was paused, or the time is
            over. It says what was seen last: counts, why tasks wait, and their errors.
    """
    tried = f"Waited for {service or 'all services'} to have the tasks that are wanted"
    began, good = time.monotonic(), 0
    while True:
        swarm = read()
        found = _chosen(swarm, service, tried)
        good = good + 1 if swarm.answers and all(one.is_settled for one in found) else 0
        gone = time.monotonic() - began
        if good == TWICE:
            report(tried, timeout, timeout)
            return gone, _counted(found)
        paused = [one for one in found if one.service.update.endswith("paused")]
        if gone > timeout or paused:
            report(tried, timeout, timeout)
            how = "" if paused else f"Not after {timeout:g} s. "
            raise CourseError(f"{tried}.", f"{how}{told(swarm, found)}.", _ADVICE)
        report(tried, gone, timeout)
        time.sleep(EVERY)


def _chosen(swarm: Swarm, service: str | None, tried: str) -> Sequence[Count]:
    if not swarm.exists:
        raise CourseError(
            f"{tried}.",
            "None of the lab's nodes is in a swarm.",
            "lab.client.swarm.init(advertise_addr=lab.nodes[0].address) makes one.",
        )
    found = counts(swarm)
    if service is None:
        return found
    one = [count for count in found if count.service.name == service]
    if not one and swarm.answers:
        names = ", ".join(count.service.name for count in found) or "none"
        raise CourseError(f"{tried}.", f"The swarm has no service of this name; it has {names}.")
    return one


def told(swarm: Swarm, found: Iterable[Count]) -> str:
    """Returns what keeps services from being as they are wanted, with the engine's reasons."""
    if not swarm.answers:
        return f"No manager answers: {swarm.problem or 'nothing came back'}"
    parts = [_story(swarm, count) for count in found if not count.is_settled]
    return "; ".join(parts) or "All is as wanted, but only since now"


def _story(swarm: Swarm, count: Count) -> str:
    service = count.service
    parts = [f"{service.name} has {count.running} of {count.wanted} tasks running"]
    if service.is_updating or service.update.endswith("paused"):
        parts.append(service.update_message or service.update)
    elif count.lacking:
        parts.append(f"{count.lacking} of the nodes that are to run one have none yet")
    elif count.fresh < count.running:
        parts.append(f"{count.fresh} of them are as the service is now")
    reasons = dict.fromkeys(filter(None, map(_reason, _faulty(swarm, service.id))))
    return ": ".join([", ".join(parts), *([", ".join(reasons)] if reasons else [])])


def _faulty(swarm: Swarm, service: str) -> Iterable[Task]:
    """The newest task of each slot that does not run, and the one before where it says nothing."""
    for place, tasks in swarm.by_place.items():
        if place[0] == service and tasks[0].is_wanted and not tasks[0].runs:
            yield next((task for task in tasks if task.error), tasks[0])


def _reason(task: Task) -> str:
    return f"{task.state} ({task.error})" if task.error else task.state


def _counted(found: Iterable[Count]) -> str:
    parts = (
        f"{one.service.name} {one.done if one.service.is_job else one.running}/{one.wanted}"
        for one in found
    )
    return ", ".join(parts) or "there is no service"
