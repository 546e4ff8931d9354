"""SwarmReader: asks all nodes of a lab at the same time, and waits for none that is dead."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from itertools import chain
from typing import Any

from course.engine.node import Node
from course.watch.swarm import Host, Swarm
from course.watch.swarm_control import Control
from course.watch.swarm_post import Post

SOON = 0.4  # seconds that a reading waits for whoever has not been slow before
PATIENCE = 2.0  # seconds, where somebody wants to know what is so now

Asked = tuple[float, Future[Any]]  # how long an answer has been waited for, and the answer


class SwarmReader:
    """Reads a swarm from whichever manager answers, and from every engine what it says of itself.

    Without a quorum the managers do not answer: what they told last is kept, and each engine
    that lives says itself which containers go on. Nodes without a swarm are read all the same.

    Args:
        nodes: Of the lab.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._posts = [Post(node) for node in nodes]
        self._control = Control()
        self._hosts = tuple(Host(node.name) for node in nodes)
        self._last = Swarm()
        self._hurry = threading.Event()

    def hurry(self) -> None:
        """Makes the next reading complete; for `Sampler`, on any thread."""
        self._hurry.set()

    def read(self) -> Swarm:
        """Returns the swarm as it is now; the same object, where nothing has changed."""
        eager = self._hurry.is_set()
        self._hurry.clear()
        self._look(eager)
        if eager and not self._last.exists and self._managers():
            self._look(eager)  # now it is known whom to ask
        told = self._control
        made = Swarm(
            self._hosts,
            told.members,
            told.services,
            told.tasks,
            answers=told.answers,
            asked=told.asked,
            problem=told.problem,
        )
        if made != self._last:
            self._last = made
        return self._last

    def close(self) -> None:
        """Closes all connections; another reading opens others."""
        self._control.close()
        for post in self._posts:
            post.close()

    def _look(self, eager: bool) -> None:
        if eager:
            self._control.hurry()
        patience = PATIENCE if eager else SOON
        asked = [*chain.from_iterable(self._ask_posts(eager)), *self._control.ask(self._managers())]
        wait([future for waited, future in asked if waited < patience], patience)
        self._control.take()
        self._hosts = tuple(post.host() for post in self._posts)
        if not self._control.answers and _is_over(self._hosts):
            self._control.forget()

    def _ask_posts(self, eager: bool) -> Iterator[Iterator[Asked]]:
        told = self._control
        states = {member.id: member.state for member in told.members}
        strange = states.keys() - {host.member for host in self._hosts}
        eager = eager or not told.answers or bool(strange)
        for post, host in zip(self._posts, self._hosts, strict=True):
            info = eager or host.local != "active"
            doubt = not told.answers or post.power == "cut" or states.get(host.member) == "down"
            yield post.ask(info, living=doubt and told.exists)

    def _managers(self) -> list[Node]:
        """Those that say they are. One that is cut off may still take itself for the leader."""
        there = {host.name for host in self._hosts if host.is_manager and host.local == "active"}
        found = [post.node for post in self._posts if post.node.name in there and post.node.is_on]
        return [node for node in found if not node.is_cut] or found


def _is_over(hosts: Sequence[Host]) -> bool:
    """Whether no node is in a swarm any more."""
    return all(host.power == "on" and host.local == "inactive" for host in hosts)
