"""Asking: sends requests to a published port of each node, and tells of each as it comes back."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from course.engine.node import Node
from course.watch.feed import Feed
from course.watch.mesh import Mesh, Request, merged, parse, publisher, replicas
from course.watch.swarm import Swarm

TIMEOUT = 3  # seconds that a request may take
LOOKS = 3  # at the swarm: a slow engine may not answer the first time
# A line for each request: what curl's exit code was, its seconds, and the page in base64.
# docker:dind has no curl, but wget; that one says what went wrong in words only.
_SCRIPT = """
url={url} page=$(mktemp) left={count}
while [ "$left" -gt 0 ]; do
  left=$((left - 1)) took=-
  : >"$page"
  if command -v curl >/dev/null; then
    took=$(curl -s --noproxy '*' -m {timeout} -o "$page" -w '%{{time_total}}' "$url")
    code=$?
  else
    said=$(wget -q -Y off -T {timeout} -O "$page" "$url" 2>&1)
    code=$?
    case "$said" in
      *refused*) code=7 ;; *"timed out"*) code=28 ;; *unreachable*) code=unreachable ;;
    esac
  fi
  echo "$code $took $(head -c 400 "$page" | base64 | tr -d '\\n')"
done
rm -f "$page"
"""


class Asking(Feed[Mesh]):
    """Requests to one port of several nodes, all nodes at the same time, each one by one.

    A request enters as one from outside does: by the node's address on the nodes' network, and
    sent by another node, where there is another that can.

    Args:
        nodes: Of the lab.
        read: Gives the swarm as it is now.
        port: The published port.
        each: How many requests each node gets.
        path: What is asked for, as "/".
        timeout: Seconds that a request may take.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        read: Callable[[], Swarm],
        port: int,
        each: int = 10,
        path: str = "/",
        timeout: float = TIMEOUT,
    ) -> None:
        names = tuple(node.name for node in nodes)
        super().__init__(Mesh(port, nodes=names, each=each))
        self._nodes, self._read, self._path, self._timeout = nodes, read, path, timeout
        self._one = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask_all, name="mesh", daemon=True)

    def start(self) -> Asking:
        """Begins, on threads of its own; returns itself."""
        self._thread.start()
        return self

    def wait(self, timeout: float) -> bool:
        """Waits until the last request is over; returns whether it is."""
        return self._over.wait(timeout)

    @property
    def longest(self) -> float:
        """Seconds after which it is over whatever the nodes do."""
        return self._state.each * (self._timeout + 1) + 30

    def _ask_all(self) -> None:
        try:
            self._look()
            with ThreadPoolExecutor(len(self._nodes)) as pool:
                list(pool.map(self._ask, self._nodes))
            self._look()  # a task that came meanwhile has answered, too
        except Exception as problem:  # a thread must not print; the picture says it
            self._tell(problem=str(problem) or type(problem).__name__)
        finally:
            self._tell(is_over=True)
            self._over.set()

    def _look(self) -> None:
        for _ in range(LOOKS):
            swarm = self._read()
            if swarm.answers or all(host.local for host in swarm.hosts):
                break
        found = publisher(swarm, self._state.port)
        if found:
            service, mode = found
            tasks = merged(self._state.tasks, replicas(swarm, service))
            self._tell(service=service.name, mode=mode, tasks=tasks)

    def _ask(self, node: Node) -> None:
        url = f"http://{node.address}:{self._state.port}/{self._path.lstrip('/')}"
        script = _SCRIPT.format(
            url=shlex.quote(url), count=self._state.each, timeout=f"{self._timeout:g}"
        )
        lines = Lines(lambda line: self._take(node.name, line))
        self._sender(node).run(script, lines)
        lines.end()

    def _sender(self, node: Node) -> Node:
        others = [one for one in self._nodes if one is not node and one.is_on and not one.is_cut]
        return others[0] if others else node

    def _take(self, node: str, line: str) -> None:
        if request := parse(node, line):
            self._tell(request)

    def _tell(self, request: Request | None = None, **changes: Any) -> None:
        with self._one:
            if request:
                changes["requests"] = (*self._state.requests, request)
            self.publish(replace(self._state, seq=self._state.seq + 1, **changes))


class Lines:
    """Makes lines of a script's output, however it is cut; for `Node.run`.

    Args:
        heard: Called with each line.
    """

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard, self._rest = heard, b""

    def __call__(self, chunk: bytes, is_error: bool) -> None:
        """Takes a chunk; what came from stderr is nothing to read."""
        if is_error:
            return
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        for line in whole:
            self._heard(line.decode(errors="replace"))

    def end(self) -> None:
        """Takes what has no end of line."""
        if self._rest:
            self._heard(self._rest.decode(errors="replace"))
