"""The mesh: what it makes of lines and of a swarm, how it is drawn, and what a test may compare."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest

from course.engine.ipvs import Ipvs, look
from course.testing import sanitise
from course.testing.markup import markup
from course.views.mesh import MeshView, draw_mesh, tell_mesh
from course.views.mesh_layout import CARD, GATE_HIGH, Layout
from course.watch.mesh import Mesh, Replica, Request, merged, parse, publisher, replicas
from course.watch.mesh_reader import Asking, Lines
from course.watch.swarm import Member, Swarm
from course.watch.swarm_task import Opening, Service, Task

NODES = ("node1", "node2", "node3")
FIRST = Replica("web.1", "node1", "a" * 12)
SECOND = Replica("web.2", "node2", "b" * 12)
BOTH = (FIRST, SECOND)
HOSTILE = '<script>alert("&\x00")</script>'


def answered(node: str, who: Replica, count: int) -> list[Request]:
    return [Request(node, who.container or who.name, seconds=0.004)] * count


def refused(node: str, count: int, error: str = "refused") -> list[Request]:
    return [Request(node, error=error)] * count


def mesh(*parts: list[Request], each: int = 4, mode: str = "ingress", **more: Any) -> Mesh:
    requests = tuple(request for part in parts for request in part)
    given: dict[str, Any] = {"nodes": NODES, "service": "web", "tasks": BOTH, "is_over": True}
    return Mesh(8080, each=each, mode=mode, requests=requests, **(given | more))


def spread(first: int = 2) -> Mesh:
    pairs = [[*answered(n, FIRST, first), *answered(n, SECOND, 4 - first)] for n in NODES]
    return mesh(*pairs)


def line(code: object, took: str, page: str | bytes = b"") -> str:
    data = page.encode() if isinstance(page, str) else page
    return f"{code} {took} {base64.b64encode(data).decode()}"


def texts(moment: Mesh) -> list[str]:
    return [node.text or "" for node in ET.fromstring(draw_mesh(moment)).iter() if node.text]


# -- what comes back


def test_an_answer_is_the_first_line_of_the_page() -> None:
    said = parse("node1", line(0, "0.012", "\n  4f2c  \nmore\n"))
    assert said == Request("node1", "4f2c", seconds=0.012)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (7, "refused"),
        (28, "timed out"),
        (52, "empty answer"),
        (56, "broken off"),
        ("unreachable", "unreachable"),
        (6, "curl said 6"),
    ],
)
def test_what_went_wrong_is_said_in_words(code: object, told: str) -> None:
    assert parse("node2", line(code, "3.0")) == Request("node2", error=told, seconds=3.0)


def test_a_program_that_measures_nothing() -> None:
    assert parse("node1", line(0, "-", "page")) == Request("node1", "page")


def test_pages_without_words_and_pages_of_any_bytes() -> None:
    assert parse("node1", line(0, "0.1", "")) == Request("node1", "an empty page", seconds=0.1)
    odd = parse("node1", line(0, "0.1", b"\xff\xfe" + b"x" * 500))
    assert odd is not None
    assert odd.answer.startswith("\ufffd\ufffdx")
    assert len(odd.answer) == 40


@pytest.mark.parametrize("words", ["", "one", "0 soon aGk=", "0 0.1 !!!", "sh: 1: curl: not found"])
def test_other_words_of_the_script_are_no_request(words: str) -> None:
    assert parse("node1", words) is None


def test_lines_however_the_output_is_cut() -> None:
    heard: list[str] = []
    lines = Lines(heard.append)
    for chunk in (b"0 0.1 aG", b"k=\n7 0", b".2 \n0 0.3 eA=="):
        lines(chunk, False)
    lines(b"noise\n", True)
    lines.end()
    assert heard == ["0 0.1 aGk=", "7 0.2 ", "0 0.3 eA=="]


# -- what the swarm says


def swarm() -> Swarm:
    members = (Member("n1", "node1"), Member("n2", "node2"))
    web = Service("s1", "web", ports=(Opening(80, 8080), Opening(81, 8081, mode="host")))
    everywhere = Service("s2", "all", mode="global", ports=(Opening(80, 9000),))
    tasks = (
        Task("t1", "s1", 1, "n1", state="running", container="a" * 64),
        Task("t2", "s1", 2, "n2", state="running", container="b" * 64),
        Task("t3", "s1", 3, "n2", state="preparing", container="c" * 64),
        Task("t4", "s1", 1, "n2", "shutdown", "shutdown", container="d" * 64),
        Task("t5", "s2", 0, "n2", state="running", container="e" * 64),
    )
    return Swarm(members=members, services=(web, everywhere), tasks=tasks, answers=True)


def test_who_publishes_a_port_and_how() -> None:
    found = {port: publisher(swarm(), port) for port in (8080, 8081, 9000, 80)}
    told = {port: one and (one[0].name, one[1]) for port, one in found.items()}
    expected = {8080: ("web", "ingress"), 8081: ("web", "host"), 9000: ("all", "ingress"), 80: None}
    assert told == expected


def test_only_tasks_that_run_can_answer() -> None:
    web, everywhere = swarm().services
    assert replicas(swarm(), web) == BOTH
    assert replicas(swarm(), everywhere) == (Replica("all.node2", "node2", "e" * 12),)


def test_a_task_seen_twice_is_one() -> None:
    third = Replica("web.3", "node3", "c" * 12)
    assert merged(BOTH, (SECOND, third)) == (FIRST, SECOND, third)


# -- what becomes of both


def test_requests_are_counted_by_node_and_task() -> None:
    moment = mesh(answered("node1", FIRST, 3), answered("node3", SECOND, 1), refused("node3", 2))
    assert moment.flows == {("node1", FIRST): 3, ("node3", SECOND): 1}
    assert (moment.taken("node1"), moment.taken("node2"), moment.taken("node3")) == (3, 0, 1)
    assert moment.errors("node3") == {"refused": 2}
    assert (moment.answered(FIRST), moment.answered(SECOND)) == (3, 1)


def test_a_page_may_name_the_task_itself() -> None:
    moment = mesh([Request("node2", "web.1")])
    assert moment.flows == {("node2", FIRST): 1}


def test_pages_of_others_are_kept_apart() -> None:
    moment = mesh([Request("node1", "Welcome"), Request("node1", "a" * 11)])
    assert [one.name for one in moment.replicas] == ["web.1", "web.2", "Welcome", "a" * 11]


def test_tasks_stand_by_node_and_number() -> None:
    tasks = [Replica(f"web.{n}", "node2" if n % 2 else "node1", f"{n:012}") for n in (10, 9, 2, 1)]
    names = [one.name for one in mesh(tasks=tuple(tasks)).replicas]
    assert names == ["web.2", "web.10", "web.1", "web.9"]


# -- in words


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (spread(), "node3: all answered, by 2 tasks elsewhere."),
        (mesh(*[refused(n, 4) for n in NODES]), "node1: 4 refused. node2: 4 refused."),
        (mesh(answered("node1", FIRST, 3), refused("node1", 1)), "node1: 3 answered, by 1 task, 1"),
        (mesh(refused("node1", 1), is_over=False), "more requests are under way."),
        (mesh(), "None has come back yet."),
        (mesh(mode="host"), "web publishes it on the nodes of its tasks (host)"),
        (mesh(service="", tasks=()), "no service publishes it"),
        (mesh(problem="the engine has gone"), "broken off: the engine has gone"),
        (mesh([Request("node1", "x")], tasks=()), "node1: 1 answered, with 1 different page"),
    ],
)
def test_words(moment: Mesh, told: str) -> None:
    assert told in tell_mesh(moment)


def test_the_words_do_not_depend_on_the_lot() -> None:
    assert tell_mesh(spread(1)) == tell_mesh(spread(3))


# -- as a picture


def test_the_picture_has_a_title_and_says_the_counts() -> None:
    said = texts(
        mesh(answered("node1", FIRST, 4), refused("node2", 4), answered("node3", FIRST, 1))
    )
    assert said[0] == "Mesh"
    for words in (
        "4 answered",
        "4 refused",
        "node3: no task of web here",
        "9 of 12 have come back",
    ):
        assert words in said


@pytest.mark.parametrize("moment", [spread(), mesh(), mesh(refused("node1", 4)), Mesh(80)])
def test_the_same_moment_is_the_same_picture(moment: Mesh) -> None:
    assert draw_mesh(moment) == draw_mesh(replace(moment, seq=9))
    ET.fromstring(draw_mesh(moment))


def test_hostile_words_are_only_words() -> None:
    tasks = (Replica(HOSTILE, "node1", HOSTILE), Replica("x", HOSTILE))
    requests = [Request("node1", HOSTILE), Request("node2", HOSTILE + "2")]
    svg = draw_mesh(mesh(requests, refused("node3", 1, HOSTILE), tasks=tasks, service=HOSTILE))
    ET.fromstring(svg)
    assert "<script" not in svg
    assert "script" in svg


def test_what_is_drawn_by_lot_is_not_compared() -> None:
    one, other = markup(draw_mesh(spread(1))), markup(draw_mesh(spread(3)))
    assert one == other
    assert draw_mesh(spread(1)) != draw_mesh(spread(3))


def test_what_matters_is_compared() -> None:
    good = markup(draw_mesh(spread()))
    assert good != markup(draw_mesh(mesh(*[refused(n, 4) for n in NODES])))
    assert good != markup(draw_mesh(mesh(*[answered(n, FIRST, 4) for n in NODES])))


def test_bands_stay_within_gates_and_cards() -> None:
    many = tuple(Replica(f"web.{n}", f"node{n % 3 + 1}", f"{n:012}") for n in range(30))
    requests = [answered(node, one, 2) for node in NODES for one in many]
    for moment in (
        spread(),
        mesh(*requests, each=60, tasks=many),
        mesh(answered("node1", FIRST, 4)),
    ):
        layout = Layout(moment)
        for _, replica, band in layout.flows:
            row = next(row for row in layout.rows if replica in row.replicas)
            top = row.card(row.replicas.index(replica))
            assert top <= band.right - band.wide / 2
            assert band.right + band.wide / 2 <= top + CARD
        for took, _ in layout.sent:
            assert took.wide <= GATE_HIGH


def test_the_table_says_who_answered_how_often() -> None:
    asking = Asking([], Swarm, 8080)
    asking.publish(mesh(answered("node1", FIRST, 3), refused("node1", 1), seq=1))
    asking._over.set()
    table = MeshView(asking).table()
    assert table.to_dict("records") == [
        {"node": "node1", "answer": "web.1", "runs on": "node1", "requests": 3},
        {"node": "node1", "answer": "refused", "runs on": "", "requests": 1},
    ]
    html = {"text/html": table.to_html()}
    masked = sanitise.outputs([{"output_type": "display_data", "data": html, "metadata": {}}])
    assert "{requests}" in str(masked)


# -- the probe


@pytest.mark.parametrize(("code", "found"), [(0, True), (1, False)])
def test_the_probe_is_true_or_false_and_says_it(code: int, found: bool) -> None:
    told = look(lambda script: (code, b""))
    assert bool(told) is found
    assert repr(told).startswith(
        "This lab's kernel has IPVS" if found else "This lab's kernel has no"
    )
    assert repr(told) == repr(Ipvs(found))
