"""Which worker runs which tests: what shares a lab stays together, and the long begins first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

from xdist.scheduler import LoadScopeScheduling

# Pieces that take longer than the number of their tests says. Begun late, one of them would keep
# one worker busy while the others have nothing left to do. (11 keeps 12a from running beside 12b:
# six engines and two pages at once are slower than one after the other.)
LONG = ("test_swarm_tasks", "test_hub_mode", "test_nodes", "test_tasks", "12b-", "11-", "12a-")

# Each chapter's tasks can be tried in a lab of their own, and each notebook on a page of its own.
_TASK = re.compile(r"/test_(?:swarm_)?tasks\.py::.*\[(\d+[ab]?)\.")
_NOTEBOOK = re.compile(r"::test_a_notebook_runs_without_an_error\[(.+)\]$")


def scope(node_id: str) -> str:
    """What stays on one worker: a file; of tasks a chapter, of notebooks in the browser each."""
    file = node_id.split("::", 1)[0]
    part = _TASK.search(node_id) or _NOTEBOOK.search(node_id)
    return f"{file}::{part[1]}" if part else file


def order(node_ids: Iterable[str]) -> Callable[[str], tuple[int, int, str]]:
    """Returns a sort key of node ids: the long pieces first, then those of most tests."""
    sizes = Counter(map(scope, node_ids))

    def key(node_id: str) -> tuple[int, int, str]:
        piece = scope(node_id)
        rank = next((n for n, name in enumerate(LONG) if name in piece), len(LONG))
        return rank, -sizes[piece], piece

    return key


class ByLab(LoadScopeScheduling):
    """Like `--dist loadfile`, in smaller pieces where a file has labs for several workers."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
