"""Payloads of real engines become State."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError

import pytest
from recordings import ENGINES, PREFIX, WIRED, container, events, load, recorded, wired

from course.watch import parse
from course.watch.history import History
from course.watch.state import EVENTS_KEPT, Event, Port, State


@pytest.mark.parametrize("engine", ENGINES)
def test_a_running_container_with_everything(engine: str) -> None:
    web = container("web", engine)
    assert (web.name, web.image, web.command) == (f"{PREFIX}web", "busybox", "sleep 300")
    assert (web.state, web.exit_code, web.health) == ("running", None, "healthy")
    assert web.created < web.started  # type: ignore[operator]
    assert web.finished is None
    assert web.pid > 0
    assert Port(80, "tcp", 18997, "0.0.0.0") in web.ports
    assert {port.private for port in web.ports} == {80, 81}
    assert [(end.network, bool(end.ip)) for end in web.networks] == [(f"{PREFIX}net", True)]
    (mount,) = web.mounts
    assert (mount.type, mount.name, mount.target) == ("volume", f"{PREFIX}vol", "/data")
    assert not mount.writable
    assert (web.memory_limit, web.cpus) == (64 * 2**20, 0.5)
    assert (web.stop_signal, web.restart_policy) == ("SIGQUIT", "on-failure")
    assert web.labels["x"] == "<b>"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "state", "code", "oom"),
    [
        ("old", "exited", 137, False),
        ("oom", "exited", 137, True),
        ("new", "created", None, False),
        ("bad", "created", 127, False),
        ("paused", "paused", None, False),
        ("loop", "restarting", 1, False),
    ],
)
def test_how_a_container_stands(
    engine: str, name: str, state: str, code: int | None, oom: bool
) -> None:
    one = container(name, engine)
    assert (one.state, one.exit_code, one.oom_killed) == (state, code, oom)


@pytest.mark.parametrize("engine", ENGINES)
def test_objects_other_than_containers(engine: str) -> None:
    state = recorded(engine)
    assert any("busybox:latest" in image.tags and image.size > 0 for image in state.images)
    assert {"bridge", "host", "none", f"{PREFIX}net"} == {net.name for net in state.networks}
    bridge = next(net for net in state.networks if net.name == "bridge")
    assert bridge.driver == "bridge"
    assert "/" in bridge.subnets[0]
    (volume,) = state.volumes
    assert (volume.name, volume.anonymous) == (f"{PREFIX}vol", False)
    assert volume.created


@pytest.mark.parametrize("engine", ENGINES)
def test_events(engine: str) -> None:
    told = [event for event in events(engine) if event.name == f"{PREFIX}old"]
    actions = [event.action for event in told]
    assert actions[:4] == ["create", "start", "kill", "kill"]
    assert set(actions[4:]) >= {"die", "stop"}
    assert [e.attributes["signal"] for e in told if e.action == "kill"] == ["15", "9"]
    assert all(event.time > 1.7e9 and event.type == "container" for event in told)


def test_api_1_52_drops_the_old_event_fields() -> None:
    entry = next(entry for entry in load()["events"] if entry["Type"] == "container")
    newer = {key: value for key, value in entry.items() if key not in ("status", "id", "from")}
    assert newer != entry, "the recorded engine is old enough to have them"
    assert parse.event(newer) == parse.event(entry)


def test_api_1_52_drops_the_top_level_address() -> None:
    entry = load()["containers"]["paused"]
    newer = copy.deepcopy(entry)
    assert newer["NetworkSettings"].pop("IPAddress")
    assert parse.container(newer) == parse.container(entry)
    assert parse.container(newer).networks[0].ip


def test_an_exec_event_keeps_its_command_apart() -> None:
    event = parse.event({"Type": "container", "Action": "exec_create: sh -c echo: hi"})
    assert (event.action, event.detail) == ("exec_create", "sh -c echo: hi")


@pytest.mark.parametrize("written", [None, "", "0001-01-01T00:00:00Z", 0, "yesterday"])
def test_never_is_none(written: object) -> None:
    assert parse.moment(written) is None


def test_moments_of_both_kinds_agree() -> None:
    assert parse.moment("2026-11-23T18:37:48.458882771Z") == pytest.approx(1795459068.458882)
    assert parse.moment("2026-11-23T19:37:48+01:00") == parse.moment(1795459068)


def test_state_never_changes() -> None:
    state = recorded()
    with pytest.raises(FrozenInstanceError):
        state.seq = 2  # type: ignore[misc]
    with pytest.raises(TypeError):
        state.container(f"{PREFIX}web").labels["x"] = "y"  # type: ignore[union-attr,index]
    assert State() == State()


def test_a_container_is_found_by_name_and_id() -> None:
    state = recorded()
    web = state.container(f"{PREFIX}web")
    assert web is not None
    assert state.container(web.id) is web
    assert state.container("nobody") is None


def test_history_keeps_each_event_once_and_the_last_200() -> None:
    history = History()
    told = [Event(history.newest + i, "container", "start", str(i)) for i in range(300)]
    assert all(history.record(event) for event in told)
    assert not any(history.record(event) for event in told[-50:])  # told again after a reconnect
    assert list(history.events) == told[-EVENTS_KEPT:]


def test_history_knows_an_engine_whose_clock_is_off() -> None:
    history = History()
    ours = history.now()
    history.record(Event(ours + 100, "container", "start", "a"))
    assert history.now() == pytest.approx(ours + 100, abs=5)


def test_history_waits_for_the_end_that_an_exit_must_have() -> None:
    history, old = History(), container("old")
    assert not history.behind({old.id: old})  # it ended before we looked: no event is due
    history.record(Event(history.newest + 1, "container", "start", old.id))
    assert history.behind({old.id: old})
    history.record(Event(history.newest + 1, "container", "die", old.id))
    assert not history.behind({old.id: old})


@pytest.mark.parametrize("engine", WIRED)
def test_where_a_container_hangs(engine: str) -> None:
    state = wired(engine)
    api, back = state.container("api"), next(net for net in state.networks if net.name == "back")
    assert api is not None
    ends = {end.network: end for end in api.networks}
    assert ends.keys() == {"front", "back"}
    assert ends["back"].network_id == back.id
    assert ends["back"].prefix == 16
    assert ends["front"].gateway.endswith(".1")
    assert "service" in ends["front"].aliases
    assert "service" in ends["front"].names or load(engine)["api"] < "1.44"
    assert back.internal
    assert [bool(gateway) for gateway in back.gateways] == [True] * len(back.subnets)


@pytest.mark.parametrize("engine", WIRED)
def test_whose_network_a_container_is_in(engine: str) -> None:
    state = wired(engine)
    modes = {one.name: one.network_mode for one in state.containers}
    api, web = state.container("api"), state.container("web")
    assert api is not None
    assert web is not None
    assert modes["probe"] == f"container:{api.id}"
    assert (modes["agent"], modes["alone"]) == ("host", "none")
    assert web.hostname == web.id[:12]
    assert {net.name for net in state.networks if net.resolves} == {"front", "back"}


@pytest.mark.parametrize("engine", WIRED)
def test_mounts_of_all_kinds(engine: str) -> None:
    state = wired(engine)
    told = {
        (one.name, mount.target): (mount.type, mount.writable, mount.options)
        for one in state.containers
        for mount in one.mounts
    }
    assert told == {
        ("web", "/usr/share/nginx/html"): ("bind", False, ""),
        ("api", "/run/cache"): ("tmpfs", True, "size=64m"),
        ("api", "/run/keys"): ("tmpfs", True, "size=1m"),
        ("db1", "/var/lib/data"): ("volume", True, ""),
        ("db1", "/var/log/db"): ("volume", True, ""),
        ("db2", "/var/lib/data"): ("volume", False, ""),
    }
    assert [one.name for one in state.users("data")] == ["db1", "db2"]
    assert state.users("left") == ()
    assert [volume.anonymous for volume in state.volumes].count(True) == 1


def test_a_list_that_shows_another_network_is_news() -> None:
    """An engine tells no event when a network is connected to a stopped container."""
    old = wired().container("old")
    assert old is not None
    entry = {"State": "exited", "NetworkSettings": {"Networks": {"front": {}}}}
    assert parse.is_as_listed(old, entry)
    entry["NetworkSettings"] = {"Networks": {"front": {}, "back": {}}}
    assert not parse.is_as_listed(old, entry)
    assert not parse.is_as_listed(old, {**entry, "State": "running"})
