"""On an attached engine the course's own containers are in no picture."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from quiet_engine import QuietEngine
from recordings import PREFIX, load

from course.engine.attached import HELPER, AttachedMachine
from course.watch import parse
from course.watch.history import History
from course.watch.reader import Reader
from course.watch.session import Session
from course.watch.state import Event


class Engine(QuietEngine):
    """Lists two recorded containers; one of them is made a helper."""

    def __init__(self) -> None:
        super().__init__()
        self.found = {one["Id"]: one for one in load()["containers"].values()}
        self.helper = next(
            ident for ident, one in self.found.items() if one["Name"] != f"/{PREFIX}web"
        )

    def containers(self, **_: object) -> list[dict[str, Any]]:
        return [
            {"Id": ident, "Labels": {HELPER: "run"} if ident == self.helper else None}
            for ident in self.found
        ]

    def inspect_container(self, ident: str) -> dict[str, Any]:
        return self.found[ident]


def test_a_helper_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    monkeypatch.setattr(parse, "is_as_listed", lambda known, entry: True)
    reader = Reader(engine)  # type: ignore[arg-type]
    reader.everything()
    assert reader.containers.keys() == engine.found.keys() - {engine.helper}


def test_what_helpers_do_is_not_kept() -> None:
    history = History()
    session = Session(Engine, history, SimpleQueue())  # type: ignore[arg-type]
    ours = {HELPER: "run", "name": "eager_bose"}
    told = [
        Event(1.0, "container", "create", "h", "eager_bose", attributes=ours),
        Event(2.0, "network", "connect", "n", "bridge", attributes={"container": "h"}),
        Event(3.0, "network", "connect", "n", "bridge", attributes={"container": "web"}),
        Event(4.0, "container", "die", "h", "eager_bose", attributes=ours),
        Event(5.0, "network", "disconnect", "n", "bridge", attributes={"container": "h"}),
        Event(6.0, "container", "start", "web", "web"),
    ]
    for event in told:
        session.record(event)
    assert [event.time for event in history.events] == [3.0, 6.0]


def test_what_an_attached_lab_runs_is_a_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class Client:
        def __init__(self) -> None:
            self.containers = self

        def run(self, *_: object, **options: Any) -> Client:
            asked.update(options)
            return self

        def wait(self) -> dict[str, int]:
            return {"StatusCode": 0}

        def logs(self) -> bytes:
            return b"hi"

        def remove(self, force: bool) -> None:
            asked["removed"] = force

        def close(self) -> None:
            asked["closed"] = True

    monkeypatch.setattr(AttachedMachine, "client", lambda self: Client())
    assert AttachedMachine("https://x:2376", Path()).run("echo hi") == (0, b"hi")
    assert asked["labels"] == {HELPER: "run"}
    assert asked["removed"]
