from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from recordings import FOLDER

from course.errors import CourseError
from course.testing.markup import markup
from course.views.forest import MOST, grow
from course.views.processes import ProcessesView, draw_processes, tell_processes
from course.watch.processes import Process, Processes, parse, read_processes
from course.watch.sampler import Sample
from course.watch.state import Container

# What the script printed on a Docker host with five containers, one of them in the host's PID
# namespace, one in another's, one with a zombie, one with an init; and a namespace made by hand.
RECORDED = json.loads((FOLDER / "processes.json").read_text(encoding="utf-8"))
ALL = parse(RECORDED["output"], RECORDED["names"])
NAMES = sorted(RECORDED["names"].values())


def one(name: str, container: str) -> Process:
    return next(process for process in ALL.of(container) if process.name == name)


def drawn(processes: Processes, *names: str) -> ET.Element:
    return ET.fromstring(draw_processes(processes, names))


def texts(processes: Processes, *names: str) -> list[str]:
    return [
        node.text or "" for node in drawn(processes, *names).iter() if node.tag.endswith("text")
    ]


def place(element: ET.Element) -> tuple[float, float]:
    x, y = re.findall(r"-?[\d.]+(?=px)", element.attrib["style"])
    return float(x), float(y)


def keyed(processes: Processes) -> dict[str, ET.Element]:
    return {
        node.attrib["data-key"]: node
        for node in drawn(processes).iter()
        if "data-key" in node.attrib
    }


def test_each_container_has_its_processes() -> None:
    assert {name: len(ALL.of(name)) for name in NAMES} == {
        "inited": 3, "pidhost": 2, "side": 2, "web": 3, "zomb": 3,
    }  # fmt: skip


def test_both_numbers() -> None:
    first = one("sh", "web")
    assert (first.inner_pid, first.is_host) == (1, False)
    assert first.pid > 1
    assert first.command == "sh -c while :; do sleep 5; done"


def test_the_hosts_pid_namespace() -> None:
    assert all(
        process.is_host and process.inner_pid == process.pid for process in ALL.of("pidhost")
    )
    assert "pidhost: 2 processes in the host's PID namespace" in tell_processes(ALL)


def test_anothers_pid_namespace() -> None:
    assert {process.namespace for process in ALL.of("side")} == {one("sh", "web").namespace}
    assert 1 not in {process.inner_pid for process in ALL.of("side")}
    assert "in web's PID namespace" in texts(ALL)


def test_a_zombie_belongs_to_its_parents_container() -> None:
    (dead,) = [process for process in ALL.of("zomb") if process.is_zombie]
    parent = next(process for process in ALL.shown if process.pid == dead.ppid)
    assert (dead.command, parent.container) == ("sleep", "zomb")
    assert tell_processes(ALL.only(["zomb"])) == ("zomb: PID 1 sleep, 1 more, 1 zombie (sleep)")


def test_an_init_is_pid_1() -> None:
    assert one("docker-init", "inited").inner_pid == 1
    assert one("sh", "inited").user == "1000"


def test_the_engine_is_there_and_the_reading_is_not() -> None:
    hosts = {process.name for process in ALL.shown if not process.container and process.is_host}
    assert hosts >= {"docker-init", "dockerd", "containerd", "containerd-shim", "docker-proxy"}
    assert not hosts & {"grep", "stat"}
    assert ALL.others == 2  # what watches for the lab's client


def test_a_namespace_that_docker_did_not_make() -> None:
    made = [process for process in ALL.shown if not process.container and not process.is_host]
    assert [process.inner_pid for process in made] == [1, 2]
    assert "a PID namespace of its own, not Docker's" in texts(ALL)


def test_busybox_writes_each_argument_on_its_own_line() -> None:
    lines = RECORDED["output"].split("\n")
    split = [
        f"{line.partition(':')[0]}:{word}"
        for line in lines if "/cmdline:" in line
        for word in line.partition(":")[2].rstrip("\0").split("\0")
    ]  # fmt: skip
    others = [line for line in lines if "/cmdline:" not in line]
    assert parse("\n".join([*others, *split]), RECORDED["names"]) == ALL


def test_an_argument_with_lines_is_one_command() -> None:
    output = "9/status:Name:\tsh\n9/status:PPid:\t1\n"
    output += "9/cmdline:sh\0-c\0echo a\n9/cmdline:9/status:Name:\tx\0\n"
    # it is selected for the namespace that it is in
    found = parse(output + "9/status:NSpid:\t9\t1\n", {})
    assert [process.command for process in found.shown] == ["sh -c echo a 9/status:Name: x"]


def test_a_process_that_ended_while_it_was_read_is_left_out() -> None:
    assert parse("7/cmdline:sh\0\nself:9\n", {}) == Processes()


def test_an_engine_in_a_container_of_this_engine() -> None:
    inner, outer = "a" * 64, "b" * 64
    lines = [
        "5/status:Name:\tsleep", "5/status:PPid:\t1", "5/status:NSpid:\t5\t3\t1",
        f"5/cgroup:0::/docker/{outer}/docker/{inner}",
    ]  # fmt: skip
    (found,) = parse("\n".join(lines), {outer: "dind"}).shown
    assert (found.container, found.inner_pid) == ("dind", 3)


def test_a_host_that_tells_nothing() -> None:
    with pytest.raises(CourseError, match="ended with 127"):
        read_processes(lambda script: (127, b"sh: grep: not found"), [])


def test_names_come_from_the_engine() -> None:
    containers = [Container(ident, name) for ident, name in RECORDED["names"].items()]
    found = read_processes(lambda script: (0, RECORDED["output"].encode()), containers)
    assert found == ALL


def test_a_frame_for_each_container_around_its_rows() -> None:
    forest = grow(ALL, 0, 0)
    assert sorted(frame.name for frame in forest.frames) == ["", *NAMES]
    for frame in forest.frames:
        inside = [
            row.process.container for row in forest.rows
            if frame.y < row.y < frame.y + frame.height
        ]  # fmt: skip
        assert set(inside) == {frame.name}
        assert len(inside) == len(ALL.of(frame.name)) or not frame.name
    assert len({row.y for row in forest.rows}) == len(forest.rows) == len(ALL.shown)


def test_a_process_is_further_to_the_right_than_its_parent() -> None:
    rows = {row.process.pid: row for row in grow(ALL, 0, 0).rows}
    for row in rows.values():
        if row.process.ppid in rows:
            assert row.x > rows[row.process.ppid].x
            assert row.y > rows[row.process.ppid].y


def test_a_child_whose_parent_is_in_another_container_stays_in_its_frame() -> None:
    web = one("sh", "web")
    orphan = replace(one("sleep", "side"), pid=9000, ppid=web.pid)
    forest = grow(replace(ALL, shown=(*ALL.shown, orphan)), 0, 0)
    (side,) = [frame for frame in forest.frames if frame.name == "side"]
    (row,) = [row for row in forest.rows if row.process is orphan]
    assert side.y < row.y < side.y + side.height


def test_a_fork_bomb_is_cut() -> None:
    web = one("sh", "web")
    many = tuple(replace(web, pid=5000 + n, ppid=web.pid, inner_pid=50 + n) for n in range(100))
    bomb = replace(ALL, shown=(*ALL.shown, *many))
    assert f"… and {103 - MOST} more" in texts(bomb)
    assert len([row for row in grow(bomb, 0, 0).rows if row.process.container == "web"]) == MOST


def test_pid_1_and_zombies_are_told_by_word_and_shape() -> None:
    (dead,) = [process for process in ALL.shown if process.is_zombie]
    zombie = keyed(ALL)[f"pid:{dead.pid}"]
    assert "zombie" in [node.text for node in zombie.iter()]
    assert any("dash" in node.attrib.get("class", "") for node in zombie.iter())
    first = keyed(ALL)[f"pid:{one('sh', 'web').pid}"]
    assert "PID 1" in [node.text for node in first.iter()]
    assert any(node.tag.endswith("rect") for node in first)


def test_what_stays_glides() -> None:
    gone = one("sh", "inited")
    fewer = replace(ALL, shown=tuple(process for process in ALL.shown if process != gone))
    before, after = keyed(ALL), keyed(fewer)
    assert f"pid:{gone.pid}" not in after
    last = f"pid:{max(process.pid for process in ALL.shown)}"
    assert place(after[last]) != place(before[last])
    assert all("glide" in node.attrib["class"] for node in after.values())
    assert [*after] == [key for key in before if key in after]


def test_pids_are_not_compared() -> None:
    moved = tuple(
        replace(
            process, pid=process.pid + 1000 * (process.pid > 1),
            ppid=process.ppid + 1000 * (process.ppid > 1),
            inner_pid=process.inner_pid + 1000 * (process.inner_pid > 1),
            namespace=f"9{process.namespace}", state=process.state.replace("S", "R"),
        ) for process in ALL.shown
    )  # fmt: skip
    other = Processes(moved, 7)
    assert draw_processes(other) != draw_processes(ALL)
    assert markup(draw_processes(other)) == markup(draw_processes(ALL))


@pytest.mark.parametrize(
    "change", [{"state": "Z"}, {"inner_pid": 7}, {"command": "sh -c true"}, {"user": "1000"}]
)
def test_what_is_told_is_compared(change: dict[str, object]) -> None:
    web = one("sh", "web")
    other = tuple(replace(p, **change) if p == web else p for p in ALL.shown)  # type: ignore[arg-type]
    assert markup(draw_processes(replace(ALL, shown=other))) != markup(draw_processes(ALL))


def test_words_have_no_numbers_of_the_kernel() -> None:
    told = tell_processes(ALL)
    assert "web: PID 1 sh, 2 more" in told
    assert "inited: PID 1 docker-init, 2 more" in told
    assert "1 PID namespace that no container has" in told
    numbers = {str(p.pid) for p in ALL.shown if p.pid > 9}
    assert not numbers & set(re.findall(r"\d+", told))


def test_only_some_containers() -> None:
    some = ALL.only(["web"])
    assert {process.container for process in some.shown} == {"", "web"}
    names = [process.name for process in some.shown if not process.container]
    assert names.count("containerd-shim") == 1
    assert {"dockerd", "containerd", "docker-init"} <= set(names)


def test_a_container_that_does_not_run() -> None:
    assert "gone: no process, it does not run" in texts(ALL.only(["gone"]), "gone")
    assert tell_processes(ALL.only(["gone"]), ["gone"]) == "gone: no process"
    assert "No container runs." in texts(Processes())
    assert tell_processes(Processes()) == "no container runs"


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "\"'&><g onload='x'>", "🐳\x00\x1b[31m"]
)
def test_the_words_of_processes_are_escaped(evil: str) -> None:
    wild = tuple(
        replace(process, name=evil, command=evil, user=evil, container=process.container and evil)
        for process in ALL.shown
    )
    root = ET.fromstring(draw_processes(Processes(wild), [evil]))
    assert not [node for node in root.iter() if "script" in node.tag or "onload" in node.attrib]


def test_the_view() -> None:
    view = ProcessesView("web", "web")
    assert view.names == ("web",)
    assert repr(view) == "Processes: Nothing is read yet."
    view.show(Sample(ALL, 1, connected=True))
    assert repr(view) == "Processes: web: PID 1 sh, 2 more"
    assert "no longer" not in view.draw(view.state)
    lost = Sample(ALL, 2, connected=False, problem="refused")
    assert "The engine does not answer" in view.draw(lost)


def test_why_nothing_could_be_read() -> None:
    problem = str(CourseError("Read the processes of the host.", "It has no /proc.", "Look. " * 40))
    told = Sample(Processes(), 1, problem=problem, refused=True, unread=True)
    for view in (ProcessesView(), ProcessesView("web")):
        drawn = view.draw(told)
        assert "! Read the processes of the host. It has no /proc. Look." in drawn
        assert "Nothing is read yet." in drawn
        assert "No container runs" not in drawn
        assert "it does not run" not in drawn
        assert view.tell(told).startswith("Nothing is read yet. Read the processes")
    strip = [node for node in ET.fromstring(drawn).iter() if node.get("class") == "bad bold"]
    assert len(strip) == 3, "as many lines as it needs"
    ended = replace(told, value=ALL, unread=False)
    assert "! This is the last that was read. Read the processes" in view.draw(ended)
