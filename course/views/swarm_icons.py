"""How a task and a node are: a hue and a shape for each state, so that no colour tells it alone."""

from __future__ import annotations

from course.views.icons import icon
from course.views.swarm_model import Card, Column
from course.watch.swarm_task import BEFORE, Task

HUES = (
    {
        "running": "run",
        "complete": "stop",
        "shutdown": "stop",
        "remove": "stop",
        "failed": "bad",
        "rejected": "bad",
        "orphaned": "bad",
    }
    | dict.fromkeys(BEFORE, "new")
    | {"pending": "pause"}
)
SHAPES = {
    "running": "running",
    "complete": "exited",
    "shutdown": "exited",
    "remove": "removing",
    "failed": "failed",
    "rejected": "failed",
    "orphaned": "failed",
    "pending": "paused",
} | dict.fromkeys(set(BEFORE) - {"pending"}, "created")


def sign(task: Task, x: float, y: float) -> str:
    """Returns the shape of a task's state around (x, y)."""
    return icon(SHAPES.get(task.state, "failed"), x, y, HUES.get(task.state, "stop"))


def mood(card: Card, column: Column | None) -> tuple[str, str]:
    """Returns hue and shape of a task: those of its state, if that can still be so."""
    task = card.task
    if task.is_alive and column is not None and column.host.power == "off":
        return "stop", "exited"
    if task.state == "running" and card.lives is False:
        return "bad", "failed"
    return HUES.get(task.state, "stop"), SHAPES.get(task.state, "failed")


def standing(card: Card, column: Column | None) -> str:
    """Returns how a task is, as "running → shutdown" where something else is wanted."""
    task = card.task
    if task.state == "running" and column is not None:
        if column.host.power == "off":
            return "died with its node" if card.is_leaving else "ran when its node went off"
        if card.lives is False:
            return "its container is gone"
        if card.is_leaving and column.member is not None and column.member.state == "down":
            return "runs on, though not wanted" if card.lives else "nobody knows"
    told = task.state
    if task.exit_code is not None and task.state in ("failed", "complete", "shutdown"):
        told += f" ({task.exit_code})"
    usual = task.desired == "running" or (not task.is_alive and task.desired == "shutdown")
    if task.desired == "complete" and task.is_alive:
        usual = True
    return told if usual or task.desired == task.state else f"{told} → {task.desired}"


def past(task: Task) -> str:
    """Returns how an earlier task of a slot ended, with the engine's words."""
    told = task.state if task.exit_code is None else f"{task.state} ({task.exit_code})"
    return f"{told}: {task.error}" if task.error else told
