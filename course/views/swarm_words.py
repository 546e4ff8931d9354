"""What the Swarm view says: of nodes, services and the quorum, and of everything in a sentence."""

from __future__ import annotations

from course.views.swarm_model import Column, Scene, waits
from course.watch.swarm import Member, Swarm
from course.watch.swarm_count import Count

NAMED = 30  # more tasks than that are counted, not named
LOST = "No quorum: nothing can be changed. Containers go on. This is what the managers told last."
ELECTS = "No manager answers just now: they may be electing a leader. This is what was told last."
OUTSIDE = {
    "inactive": "not in a swarm",
    "pending": "joins a swarm …",
    "error": "could not join",
    "locked": "locked: needs the unlock key",
    "": "its engine does not answer",
}
UPDATES = {
    "updating": ("again", "updating {}/{}"),
    "paused": ("pause", "update paused"),
    "completed": ("stop", "updated"),
    "rollback_started": ("pause", "rolling back {}/{}"),
    "rollback_paused": ("pause", "rollback paused"),
    "rollback_completed": ("stop", "rolled back"),
}


def role(column: Column, answers: bool = True) -> tuple[str, str]:
    """Returns the hue and the words for what a node is in the swarm.

    Args:
        column: The node.
        answers: Whether the managers do; if not, nobody leads as far as is known.
    """
    member, host = column.member, column.host
    if member is None:
        if host.local == "active":
            return "again", "in a swarm of its own"
        return "stop", "switched off" if host.power == "off" else OUTSIDE.get(
            host.local, host.local
        )
    if member.leader and answers:
        return "new", "manager, leader"
    if member.is_manager:
        odd = answers and member.reachability not in ("", "reachable")
        return ("bad", f"manager, {member.reachability}") if odd else ("new", "manager")
    return "stop", "worker"


def state(column: Column, answers: bool = True) -> tuple[str, str]:
    """Returns the hue and the words for how a node is, by the lab's switches and by the swarm."""
    member, power = column.member, column.host.power
    if member is None:
        return ("stop", "cut off") if power == "cut" else ("stop", "")
    down = member.state == "down"
    if power != "on":
        what = "switched off" if power == "off" else "cut off from the others"
        if not answers:
            return "bad", what
        return "bad", what + (", down" if down else f", still {member.state} to the swarm")
    if member.state != "ready":
        return "bad", f"{member.state}: {member.message}" if member.message else member.state
    if member.availability == "drain":
        return "pause", "drain: takes no tasks"
    if member.availability == "pause":
        return "pause", "pause: takes no new tasks"
    return "run", "ready"


def update(count: Count) -> tuple[str, str]:
    """Returns the hue and the words of an update or a rollback; of a job, what is done."""
    if count.service.is_job:
        return "stop", f"{count.done} completed"
    colour, words = UPDATES.get(count.service.update, ("stop", count.service.update))
    return colour, words.format(count.fresh, count.wanted)


def ports(count: Count) -> str:
    """Returns what a service publishes, as "8080→80 on each node, 9000→90 by host"."""
    told = []
    for port in count.service.ports:
        tail = "" if port.protocol == "tcp" else f"/{port.protocol}"
        where = " on its nodes" if port.mode == "host" else ""
        told.append(f"{port.public or '?'}→{port.private}{tail}{where}")
    return ", ".join(told)


def quorum(swarm: Swarm) -> str:
    """Returns how many managers are there, of how many, and how many it takes."""
    total = len(swarm.managers)
    managers = f"{total} managers" if total > 1 else "1 manager"
    return f"{swarm.reachable} of {managers} reachable, {swarm.majority} needed"


def notice(swarm: Swarm) -> str:
    """Returns what is wrong with the managers; empty when nothing is."""
    if not swarm.exists or swarm.answers:
        return ""
    return ELECTS if swarm.quorum else LOST


def tell(scene: Scene) -> str:
    """Returns all of it in words; which node has which task in square brackets."""
    parts = [_node(column, scene) for column in scene.columns]
    parts += [_service(count) for count in scene.counts]
    for name, reason, count in waits(scene.waiting):
        parts.append(f"{count} {'task' if count == 1 else 'tasks'} of {name} waiting: {reason}")
    parts += [f"left over: {_member(one)}" for one in scene.former]
    if scene.swarm.exists:
        parts.append(quorum(scene.swarm))
    return ". ".join(filter(None, [notice(scene.swarm).rstrip("."), "; ".join(parts)]))


def _node(column: Column, scene: Scene) -> str:
    answers = scene.swarm.answers
    told = [role(column, answers)[1], state(column, answers)[1]]
    has = ""
    if column.cards and sum(len(one.cards) for one in scene.columns) <= NAMED:
        has = f" [{' '.join(card.name for card in column.cards)}]"
    elif column.cards:
        has = f" [{len(column.cards)} tasks]"
    return f"{column.name} {', '.join(filter(None, dict.fromkeys(told)))}{has}"


def _service(count: Count) -> str:
    kind = "" if count.service.mode == "replicated" else f" {count.service.mode}"
    changes = update(count)[1]
    told = f"{count.service.name}{kind} {count.running} of {count.wanted}"
    return f"{told}, {changes}" if changes else told


def former(scene: Scene) -> str:
    """Returns what `docker node ls` lists besides the lab's nodes."""
    return ", ".join(map(_member, scene.former))


def _member(member: Member) -> str:
    return f"{member.name} ({member.role}, {member.state})"
