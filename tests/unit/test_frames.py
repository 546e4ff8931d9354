"""Tables say what the docker command line says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from recordings import PREFIX, WIRED, container, recorded, wired

from course.watch import frames
from course.watch.state import Port, State

Table = Callable[[State], pd.DataFrame]


def test_docker_ps() -> None:
    state = recorded()
    web = state.container(f"{PREFIX}web")
    assert web is not None
    assert web.started is not None
    table = frames.containers(state, now=web.started + 125).set_index("NAMES")
    assert list(frames.containers(state).columns) == list(frames.CONTAINERS)
    row = table.loc[f"{PREFIX}web"]
    assert row["CONTAINER ID"] == web.id[:12]
    assert row["COMMAND"] == '"sleep 300"'
    assert row["STATUS"] == "Up 2 minutes (healthy)"
    assert row["PORTS"].startswith("0.0.0.0:18997->80/tcp, [::]:18997->80/tcp")
    assert len(table) == 7


def test_without_all_only_what_runs() -> None:
    names = set(frames.containers(recorded(), stopped=False)["NAMES"])
    assert names == {f"{PREFIX}web", f"{PREFIX}paused"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("old", "Exited (137) 3 seconds ago"),
        ("oom", "Exited (137) 3 seconds ago"),
        ("loop", "Restarting (1) 3 seconds ago"),
        ("new", "Created"),
        ("bad", "Created"),
    ],
)
def test_status_of_what_does_not_run(name: str, text: str) -> None:
    one = container(name)
    assert frames.status(one, (one.finished or 0) + 3.2) == text


def test_status_of_what_runs() -> None:
    web, paused = container("web"), container("paused")
    assert frames.status(replace(web, health="starting"), web.started + 1.5) == (  # type: ignore[operator]
        "Up 1 second (health: starting)"
    )
    assert frames.status(paused, paused.started + 3600) == "Up About an hour (Paused)"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "Less than a second"),
        (0.9, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (3599, "59 minutes"),
        (3600, "About an hour"),
        (7300, "2 hours"),
        (86400 * 3, "3 days"),
        (86400 * 20, "2 weeks"),
        (86400 * 100, "3 months"),
        (86400 * 800, "2 years"),
    ],
)
def test_durations_in_the_words_of_the_command_line(seconds: float, words: str) -> None:
    assert frames.duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0B"), (999, "999B"), (3005046, "3.01MB"), (514939270, "515MB"), (2.5e9, "2.5GB")],
)
def test_sizes_in_the_words_of_the_command_line(count: float, words: str) -> None:
    assert frames.size(count) == words


def test_other_tables() -> None:
    state = recorded()
    assert "busybox" in set(frames.images(state)["REPOSITORY"])
    assert set(frames.networks(state)["NAME"]) >= {"bridge", "host", "none"}
    assert list(frames.volumes(state)["VOLUME NAME"]) == [f"{PREFIX}vol"]
    assert set(frames.events(state, last=40)["ACTION"]) >= {"create", "start", "die"}
    dangling = replace(state.images[0], tags=())
    assert frames.images(State(images=(dangling,)))["REPOSITORY"][0] == "<none>"


@pytest.mark.parametrize("engine", WIRED)
def test_who_hangs_on_a_network(engine: str) -> None:
    table = frames.endpoints(wired(engine), "front").set_index("CONTAINER")
    assert list(table.index) == ["web", "api", "old"]
    assert table.loc["api", "IPV4"].endswith("/16")
    assert table.loc["api", "ALIASES"] == "service"  # without the short id of older engines
    assert table.loc["old", "IPV4"] == ""
    assert set(frames.endpoints(wired(engine))["NETWORK"]) == {
        "front", "back", "bridge", "host", "none"
    }  # fmt: skip


@pytest.mark.parametrize("engine", WIRED)
def test_what_is_mounted_where(engine: str) -> None:
    table = frames.mounts(wired(engine), ["db2", "web"])
    assert table.drop(columns="SOURCE").to_numpy().tolist() == [
        ["web", "bind", "", "/usr/share/nginx/html", "ro"],
        ["db2", "volume", "data", "/var/lib/data", "ro"],
    ]
    assert len(frames.mounts(wired(engine))) == 6


@pytest.mark.parametrize("engine", WIRED)
def test_subnets(engine: str) -> None:
    table = frames.subnets(wired(engine)).set_index("NAME")
    assert table["INTERNAL"].to_dict()["back"]
    assert table.loc["front", "SUBNET"].endswith("/16")
    assert table.loc["host", "SUBNET"] == ""


@pytest.mark.parametrize("table", [frames.containers, frames.images, frames.events])
def test_a_table_shows_nasty_names_and_does_not_obey_them(table: Table) -> None:
    hostile = "<script>🐳</script>"
    one = replace(container("web"), name=hostile, command=hostile, image=hostile)
    image = replace(recorded().images[0], tags=(f"{hostile}:<b>",))
    event = replace(recorded().events[0], name=hostile, detail=hostile)
    shown = table(State(containers=(one,), images=(image,), events=(event,)))._repr_html_()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;🐳&lt;/script" in shown


def test_empty_tables_have_their_columns() -> None:
    tables = (frames.containers, frames.images, frames.networks, frames.volumes, frames.events)
    for table in (*tables, frames.subnets, frames.endpoints, frames.mounts):
        assert len(table(State()).columns) > 0


def test_a_port_that_is_not_published() -> None:
    assert frames.ports([Port(6379)]) == "6379/tcp"
