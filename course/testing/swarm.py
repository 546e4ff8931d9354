"""The sanitiser's rules for swarms: ids of 12 letters, where a task runs, tokens, ages."""

from __future__ import annotations

from course.testing.rule import Rule, rule

_STATE = r"(?:Running|Ready|Accepted|Shutdown|Complete|Remove)"
_TASK = r"(?:\\_ )?[\w.-]+\.(?:\d+|[0-9a-z]{25})"

# Columns of tables that are drawn by lot, in a table with one of these other columns.
BESIDE: dict[str, frozenset[str]] = {
    "id": frozenset({"replicas", "desired state", "availability"}),
    "node": frozenset({"desired state"}),  # the scheduler's choice
}

# They come before the rules for ids: a short id of a swarm may look like one of a container.
SWARM: tuple[Rule, ...] = (
    rule(
        "join-token",
        r"\bSWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}\b",
        "join token",
        "each swarm draws its own; numbered, so that a rotated one differs",
        numbered=True,
    ),
    rule(
        "service-row",
        r"^[0-9a-z]{12}(?= +\S+ +(?:replicated|global)(?: job)? +\d+/\d+)",
        "{swarm id}",
        "a row of `docker service ls`; two ids in a hundred have no digit, so by place",
    ),
    rule(
        "task-row",
        rf"^[0-9a-z]{{12}}( +{_TASK} +\S+ +)(?:node\d+( +))?(?={_STATE} )",
        r"{swarm id}\1{node}\2",
        "a row of `docker service ps`; which node gets a task is the scheduler's choice",
    ),
    rule(
        "node-row",
        r"(?<=\S)( +(?:Ready|Down|Unknown|Disconnected) +(?:Active|Pause|Drain)"
        r" +(?:(?:Leader|Reachable|Unreachable|Unknown) +)?)\d+\.\d+\.\d+\S*$",
        r"\1{version}",
        "the engine's version at the end of a row of `docker node ls`",
    ),
    rule(
        "swarm-object",
        r"(?<=<Service: )[0-9a-z]{10,12}(?=>)|(?<=<Node: )[0-9a-z]{10,12}(?=>)",
        "swarm id",
        "how docker-py shows a service or a node",
        numbered=True,
        key=10,
    ),
    rule(
        "low-age",
        r"\b(?:less than a second|about an? (?:minute|hour)) ago\b",
        "{age} ago",
        "ages as `docker service ps` writes them, without a capital",
    ),
    rule(
        "tasks-in-an-update",
        r"(\bnode\d+ [^;\[\]\n]{4,90}?)(?: \[[^\]\n]+\])?"
        r"(?=; [^\n]*, (?:update paused|updating \d|roll(?:ed|ing) back))",
        r"\1 [{tasks}]",
        "the Swarm view in words, while an update has not come to its end: fewer tasks than nodes, "
        "and which node has none is the scheduler's choice",
    ),
    rule(
        "tasks-of-a-node",
        r"(\bnode\d+ [^;\[\]\n]{4,90}) \[[^\]\n]+\](?=[;.]|['\"]?$|['\"] )",
        r"\1 [{tasks}]",
        "the Swarm view in words: which node has which task is the scheduler's choice",
    ),
    rule(
        "swarm-id",
        r"\b(?=[0-9]*[a-z])[0-9a-z]{25}\b",
        "swarm id",
        "nodes, services and tasks are named by lot too; one in 3000 has no digit, and no word of "
        "ours has 25 letters",
        numbered=True,
        key=25,
    ),
)
