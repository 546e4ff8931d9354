"""Which nodes of a swarm are to get a task of a global service, as its orchestrator decides it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from course.watch.swarm import Member
from course.watch.swarm_task import Service, Task

_RULE = re.compile(r"\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*")
_LABEL = "node.labels."
# How a task ends by itself; on a node where it gives up, none follows.
_BY_ITSELF = frozenset({"failed", "complete", "rejected"})


def lacking(
    service: Service, members: Sequence[Member], tasks: Sequence[Task]
) -> tuple[Member, ...]:
    """Returns the nodes that are to get a task of a global service, and have none yet.

    Args:
        service: Any; others lack nothing on a particular node.
        members: Of the swarm.
        tasks: Of that service, also those that ended.
    """
    if service.mode != "global":
        return ()
    newest: dict[str, Task] = {}
    for task in sorted(tasks, key=lambda one: one.created):
        newest[task.node] = task
    served = {
        node
        for node, task in newest.items()
        if task.is_wanted or (not task.is_alive and task.state in _BY_ITSELF)
    }
    return tuple(one for one in members if one.id not in served and fits(one, service))


def fits(member: Member, service: Service) -> bool:
    """Whether a node takes new tasks, and meets each constraint; False where one is not known."""
    takes = member.state == "ready" and member.availability == "active"
    return takes and all(_meets(member, rule) for rule in service.constraints)


def _meets(member: Member, rule: str) -> bool:
    parts = _RULE.fullmatch(rule)
    if not parts:
        return False
    key, operator, wanted = parts.groups()
    known = {"id": member.id, "hostname": member.name, "role": member.role, "ip": member.address}
    if key.lower().startswith(_LABEL):
        value: str | None = member.labels.get(key[len(_LABEL) :], "")
    else:
        value = known.get(key.lower().removeprefix("node."))
    if value is None:  # platforms, labels of engines: the managers do not tell us of them
        return False
    return (value.lower() == wanted.lower()) == (operator == "==")
