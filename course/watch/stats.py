"""What containers use, second by second, as `docker stats` computes it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from docker import DockerClient
from docker.errors import APIError

from course.watch.parse import moment
from course.watch.state import Container
from course.watch.usage import Payload, Usage, usage

SPAN = 60.0  # seconds that are kept
FIRST = 0.3  # seconds between the first two readings of a container: a rate needs two
STALE = 5.0  # seconds after which a reading is no longer one of two
LIVES = frozenset({"running", "paused"})


@dataclass(frozen=True, slots=True)
class Series:
    """The last minute of one container.

    Attributes:
        state: As in `docker ps`; "removed" for one that is gone.
        memory_limit: Bytes; 0 means no limit.
        cpus: The most it may use; 0 means no limit.
        points: Oldest first.
    """

    id: str
    name: str
    state: str = "running"
    memory_limit: int = 0
    cpus: float = 0.0
    points: tuple[Usage, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether its curve goes on."""
        return self.state in LIVES


@dataclass(frozen=True, slots=True)
class Stats:
    """All curves of one moment.

    Attributes:
        time: Of the reading, in seconds since the epoch.
        series: In the order in which the containers were made.
    """

    time: float = 0.0
    series: tuple[Series, ...] = ()

    def of(self, name: str) -> Series | None:
        """Returns the newest series of the container of this name."""
        return next((one for one in reversed(self.series) if one.name == name), None)


@dataclass(slots=True)
class _Track:
    """What is remembered of one container: its last answer, when that was, and the points."""

    container: Container
    before: Payload | None = None
    at: float = 0.0
    points: deque[Usage] = field(default_factory=deque)

    def is_fresh(self, now: float) -> bool:
        """Whether the last answer is good for a rate."""
        return self.before is not None and now - self.at < STALE

    def take(self, entry: Payload, now: float) -> None:
        """Keeps an answer, and the point that it makes with the one before."""
        if self.before is not None and now - self.at < FIRST / 2:
            return  # somebody asked out of turn: too short a time to tell a rate
        before = self.before if self.is_fresh(now) else None
        point = usage(before, entry, now) if before else None
        self.before, self.at = entry, now
        if point:
            self.points.append(point)

    def series(self, state: str) -> Series:
        """Returns it as a value."""
        one = self.container
        return Series(one.id, one.name, state, one.memory_limit, one.cpus, tuple(self.points))


class StatsReader:
    """Asks the engine what each running container uses, and remembers it for a minute.

    Single answers (`one-shot`, API 1.41) and no streams: ten of them take 17 ms of CPU time.
    Streams take 2 ms, but each is a thread and a TLS connection more, and none can be asked for
    what is so now.

    Args:
        connect: Gives a new client, for the one thread that reads.
        containers: Gives what the engine has, as the watcher knows it.
    """

    def __init__(
        self, connect: Callable[[], DockerClient], containers: Callable[[], Iterable[Container]]
    ) -> None:
        self._connect, self._containers = connect, containers
        self._client: DockerClient | None = None
        self._tracks: dict[str, _Track] = {}

    def read(self) -> Stats:
        """Asks once, and twice of containers that were not there before.

        Raises:
            docker.errors.DockerException, OSError: The engine does not answer.
        """
        there = {one.id: one for one in self._containers()}
        for ident, one in there.items():
            if one.alive or ident in self._tracks:
                self._tracks.setdefault(ident, _Track(one)).container = one
        alive = {
            ident: track
            for ident, track in self._tracks.items()
            if ident in there and track.container.alive
        }
        fresh = time.time()
        new = {ident: track for ident, track in alive.items() if not track.is_fresh(fresh)}
        if new:
            self._ask(new)
            time.sleep(FIRST)
        return self._told(there, self._ask(alive))

    def close(self) -> None:
        """Closes the connection; another reading opens another one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _ask(self, tracks: Mapping[str, _Track]) -> float:
        """Asks for each, and returns when that was."""
        if self._client is None:
            self._client = self._connect()
        now = time.time()
        for ident, track in tracks.items():
            try:
                entry = self._client.api.stats(ident, stream=False, one_shot=True)
            except APIError:
                continue  # it went away meanwhile
            if moment(entry.get("read")) is not None:  # else it ended meanwhile
                track.take(entry, now)
        return now

    def _told(self, there: Mapping[str, Container], now: float) -> Stats:
        for ident, track in list(self._tracks.items()):
            while track.points and track.points[0].time < now - SPAN:
                track.points.popleft()
            if not track.points and (ident not in there or not track.container.alive):
                del self._tracks[ident]
        told = sorted(self._tracks.items(), key=lambda item: item[1].container.created or 0.0)
        return Stats(
            now,
            tuple(
                track.series(track.container.state if ident in there else "removed")
                for ident, track in told
            ),
        )
