"""The mesh in words."""

from __future__ import annotations

from course.watch.mesh import Mesh, Replica


def plural(count: int, word: str) -> str:
    """Returns "1 request", "2 requests"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def asked(mesh: Mesh) -> str:
    """Returns what is asked for, and who publishes it how."""
    each = f"{plural(mesh.each, 'request')} to port {mesh.port} of each node"
    if not mesh.service:
        return f"{each}; no service publishes it"
    how = "on every node" if mesh.mode == "ingress" else "on the nodes of its tasks"
    return f"{each}; {mesh.service} publishes it {how} ({mesh.mode})"


def tell_mesh(mesh: Mesh) -> str:
    """Returns what became of the requests, without what is drawn by lot."""
    if mesh.problem:
        return f"The requests were broken off: {mesh.problem}"
    if not mesh.requests:
        return f"{asked(mesh)}. None has come back yet."
    told = [asked(mesh), *(_of(mesh, node) for node in mesh.nodes)]
    if not mesh.is_over:
        told.append("more requests are under way")
    return ". ".join(told) + "."


def _of(mesh: Mesh, node: str) -> str:
    parts = [_answered(mesh, node), *(f"{n} {what}" for what, n in failed(mesh, node))]
    told = ", ".join(part for part in parts if part) or "nothing has come back yet"
    return f"{node}: {told}"


def _answered(mesh: Mesh, node: str) -> str:
    count = mesh.taken(node)
    if not count:
        return ""
    who = [replica for (at, replica) in mesh.flows if at == node]
    return f"{'all' if count == mesh.each else count} answered, {_by(mesh, node, who)}"


def _by(mesh: Mesh, node: str, who: list[Replica]) -> str:
    if not any(one.node for one in who):
        return f"with {plural(len(who), 'different page')}"
    # Worth a word: a node without a task answers, too.
    elsewhere = "" if any(one.node == node for one in mesh.tasks) else " elsewhere"
    return f"by {plural(len(who), 'task')}{elsewhere}"


def failed(mesh: Mesh, node: str) -> list[tuple[str, int]]:
    """Returns the errors of a node's requests and how many there were of each, by name."""
    return sorted(mesh.errors(node).items())
