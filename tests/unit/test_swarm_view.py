"""The Swarm picture and its buttons, from a recorded swarm."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from swarms import HOSTILE, hostile, many, swarm

from course.testing.sanitise import bundle
from course.views import swarm_words
from course.views.sampled import UNREAD
from course.views.swarm import SwarmView, draw_swarm
from course.views.swarm_controls import SwarmControls, legal_node, legal_service
from course.views.swarm_layout import Spot, plan
from course.views.swarm_model import read
from course.views.view import Picture
from course.watch.sampler import Sample
from course.watch.swarm import Swarm

SVG = "{http://www.w3.org/2000/svg}"
MOMENTS = [
    "inactive", "formed", "rest", "scaled", "updating", "rolling-back", "rolled-back", "paused",
    "drained", "down", "lost",
]  # fmt: skip
EVERY = [*map(swarm, MOMENTS), many(), many(60, 7), many(10, 1), Swarm()]


def tell(moment: str) -> str:
    return swarm_words.tell(read(swarm(moment)))


def groups(seen: Swarm) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(draw_swarm(seen))
    found = [one for one in root.iter(f"{SVG}g") if one.get("data-key")]
    keys = [one.get("data-key", "") for one in found]
    assert len(keys) == len(set(keys)), "two elements of one name"
    return dict(zip(keys, found, strict=True))


def words(element: ElementTree.Element) -> str:
    return " ".join("".join(one.itertext()) for one in element.iter(f"{SVG}text"))


def spots(seen: Swarm) -> dict[str, Spot]:
    return {spot.card.key: spot for spot in plan(read(seen)).spots}


def test_before_the_first_reading_nothing_is_said_of_a_swarm() -> None:
    view = SwarmView()
    assert repr(view) == f"Swarm: {UNREAD}"
    assert words(ElementTree.fromstring(view.draw(view.empty()))) == f"Swarm {UNREAD}"
    refused = replace(view.empty(), problem="connection refused")
    assert "The engine does not answer" in view.draw(refused)
    view.show(Sample(swarm("inactive"), 1, connected=True))
    assert "no swarm: each engine is on its own" in view.draw(view.state)


def test_every_node_is_a_column_in_a_swarm_or_not() -> None:
    assert tell("inactive") == "; ".join(f"node{at} not in a swarm" for at in (1, 2, 3))
    assert {"n-node1", "n-node2", "n-node3"} <= groups(swarm("inactive")).keys()
    assert tell("formed") == (
        "node1 manager, leader, ready; node2 manager, ready; node3 manager, ready; "
        "3 of 3 managers reachable, 2 needed"
    )


def test_each_task_stands_in_the_column_of_its_node() -> None:
    seen = swarm("rest")
    names = {member.id: member.name for member in seen.members}
    planned = plan(read(seen))
    edges = {column.name: (x, x + wide) for column, x, wide in planned.columns}
    for spot in planned.spots:
        if spot.card.task.node:
            left, right = edges[names[spot.card.task.node]]
            assert left < spot.x
            assert spot.x + spot.w < right


def test_a_task_that_waits_is_told_with_its_reason() -> None:
    found = groups(swarm("rest"))
    assert "lane" in found
    assert "1 task of picky waiting: no suitable node (scheduling constraints not" in tell("rest")
    assert spots(swarm("rest"))["t-picky.1"].y > spots(swarm("rest"))["t-web.3"].y
    assert "lane" not in groups(swarm("updating"))


def test_history_stands_behind_the_task_of_a_slot() -> None:
    card = groups(swarm("rest"))["t-crasher.1"]
    title = card.find(f"{SVG}title")
    assert title is not None
    assert str(title.text).startswith("crasher.1: ready; before: failed (3): task: non-zero exit")
    assert str(title.text).count("failed (3)") == 4
    assert len(list(card.iter(f"{SVG}g"))) == 1 + 1 + 4 * 2  # its shape, and four marks
    rejected = groups(swarm("rest"))["t-ghost.1"]
    assert "rejected → ready: No such image" in words(rejected)


def test_a_slots_next_task_takes_over_its_card_and_the_leaving_one_stays() -> None:
    before, during = spots(swarm("rest")), spots(swarm("updating"))
    assert before["t-api.2"].x < during["t-api.2"].x  # from node1 to node3: it glides
    assert during["t-api.2-old-0"].x == before["t-api.2"].x
    assert "running → shutdown" in words(groups(swarm("updating"))["t-api.2-old-0"])


def test_updates_and_rollbacks_are_told() -> None:
    assert "updating 1/3" in words(groups(swarm("updating"))["s-web"])
    assert "rolling back 2/3" in words(groups(swarm("rolling-back"))["s-web"])
    assert "rolled back" in words(groups(swarm("rolled-back"))["s-web"])
    assert "update paused" in words(groups(swarm("paused"))["s-api"])
    assert "8080→80 on its nodes" in words(groups(swarm("rest"))["s-web"])


def test_a_drained_and_a_dead_node() -> None:
    assert "node3 manager, drain: takes no tasks;" in tell("drained")
    assert "node2 manager, unreachable, switched off, down" in tell("down")
    dead = groups(swarm("down"))["t-web.2-old-0"]
    assert "died with its node" in words(dead)
    assert not list(dead.iterfind(f".//{SVG}path[@class='run']")), "it does not run"


def test_without_a_quorum_the_last_known_is_kept_and_what_goes_on_is_told() -> None:
    told = tell("lost")
    assert told.startswith("No quorum: nothing can be changed. Containers go on.")
    assert "1 of 3 managers reachable, 2 needed" in told
    assert "leader" not in told
    found = groups(swarm("lost"))
    assert "running" in words(found["t-web.1"])
    assert "ran when its node went off" in words(found["t-web.5"])
    assert "at last" in words(found["s-web"])
    seen = swarm("lost")
    none = replace(seen, hosts=tuple(replace(one, living=()) for one in seen.hosts))
    assert "its container is gone" in words(groups(none)["t-web.1"])


def test_an_election_is_no_lost_quorum() -> None:
    seen = replace(swarm("formed"), answers=False)
    assert swarm_words.tell(read(seen)).startswith("No manager answers just now")


def test_a_node_cut_off_whose_task_goes_on() -> None:
    seen = swarm("down")
    hosts = tuple(replace(one, power="cut") if one.power == "off" else one for one in seen.hosts)
    assert "cut off from the others, down" in swarm_words.tell(read(replace(seen, hosts=hosts)))
    (task,) = (
        task for task in seen.tasks if task.slot == 2 and task.is_alive and not task.is_wanted
        and seen.service("web").id == task.service
    )  # fmt: skip
    living = type(seen.hosts[2].living[0])(task.id, "web.2")  # type: ignore[index]
    hosts = tuple(replace(one, living=(living,)) if one.power == "cut" else one for one in hosts)
    found = groups(replace(seen, hosts=hosts))
    assert "runs on, though not wanted" in words(found["t-web.2-old-0"])


def test_left_overs_and_swarms_of_their_own() -> None:
    seen = swarm("formed")
    hosts = tuple(
        replace(one, member="another") if one.name == "node3" else one for one in seen.hosts
    )
    told = swarm_words.tell(read(replace(seen, hosts=hosts)))
    assert "node3 in a swarm of its own" in told
    assert "left over: node3 (manager, ready)" in told
    assert "docker node ls lists besides: node3" in draw_swarm(replace(seen, hosts=hosts))


@pytest.mark.parametrize("seen", EVERY, ids=[*MOMENTS, "many", "seven", "one", "nothing"])
def test_nothing_overlaps_and_all_is_inside(seen: Swarm) -> None:
    planned = plan(read(seen))
    for one, two in pairwise(sorted(planned.spots, key=lambda spot: (spot.y, spot.x))):
        assert one.y + one.h <= two.y or one.x + one.w <= two.x, (one.card.key, two.card.key)
    for spot in planned.spots:
        assert spot.x >= 24
        assert spot.x + spot.w <= 956.1
        assert planned.top < spot.y
        assert spot.y + spot.h <= planned.bottom
    groups(seen)
    for element in ElementTree.fromstring(draw_swarm(seen)).iter(f"{SVG}rect"):
        assert float(element.get("width", 0)) >= 0


def test_the_same_moment_is_the_same_picture_and_is_drawn_once() -> None:
    view, seen = SwarmView(), swarm("rest")
    picture = view.draw(Sample(seen, 1, connected=True))
    assert view.draw(Sample(seen, 2, connected=True)) is picture
    assert view.draw(Sample(replace(seen), 3, connected=True)) == picture
    gone = view.draw(Sample(seen, 4, connected=False, problem="gone"))
    assert "The engine does not answer" in gone


def test_the_order_of_elements_is_by_name_so_that_none_is_moved_in_the_page() -> None:
    for moment in ("rest", "updating", "down"):
        keys = [key for key in groups(swarm(moment)) if key.startswith("t-")]
        assert keys == sorted(keys)


def test_where_tasks_stand_by_lot_is_not_compared_and_what_they_are_is() -> None:
    def still(seen: Swarm) -> object:
        told = f"Swarm: {swarm_words.tell(read(seen))}"
        return bundle(Picture(draw_swarm(seen), told)._repr_mimebundle_())

    one = swarm("rolled-back")
    ids = [member.id for member in one.members]
    turned = dict(zip(ids, [*ids[1:], ids[0]], strict=True))
    other = replace(
        one,
        tasks=tuple(
            replace(task, node=turned.get(task.node, task.node), id=task.id[::-1])
            if task.slot
            else task
            for task in one.tasks
        ),
    )
    assert spots(one) != spots(other)
    assert still(one) == still(other)
    ended = tuple(replace(task, state="failed") for task in one.tasks)
    assert still(one) != still(replace(one, tasks=ended))


def test_hostile_words_are_words() -> None:
    svg = draw_swarm(hostile())
    assert "<script" not in svg
    root = ElementTree.fromstring(svg)
    assert "<script>alert(1)</script>" in "".join(root.itertext())
    controls = SwarmControls(lambda action, name: None)
    controls.refresh(hostile())
    controls._say(HOSTILE)
    assert "<script" not in controls._says.value


def test_200_tasks_are_tiles_and_quickly_drawn() -> None:
    assert {spot.size for spot in plan(read(many())).spots} == {"tile"}
    draw_swarm(many(turn=1))
    took = []
    for turn in range(2, 9):
        seen, start = many(turn=turn), time.perf_counter()
        draw_swarm(seen)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05  # ten times what is usual, for a busy machine; the bench has the bound


def test_what_is_legal_with_a_service() -> None:
    rest, web = swarm("rest"), swarm("rest").service("web")
    assert legal_service(rest, web) == {"scale up", "scale down", "update"}
    assert legal_service(rest, rest.service("agent")) == {"update"}
    assert "roll back" in legal_service(swarm("updating"), swarm("updating").service("web"))
    assert legal_service(swarm("lost"), web) == frozenset()
    assert legal_service(rest, None) == frozenset()
    none = replace(web, wanted=0)  # type: ignore[type-var]
    assert "scale down" not in legal_service(rest, none)


def test_what_is_legal_with_a_node() -> None:
    def legal(moment: str, name: str) -> frozenset[str]:
        return legal_node(swarm(moment), swarm(moment).host(name))

    assert legal("inactive", "node1") == {"kill"}
    assert legal("formed", "node1") == {"kill", "drain", "demote"}
    assert legal("drained", "node3") == {"kill", "activate", "demote"}
    assert legal("down", "node2") == {"bring back", "drain", "demote"}
    paused = replace(
        swarm("formed"),
        members=tuple(replace(one, availability="pause") for one in swarm("formed").members),
    )
    assert legal_node(paused, paused.host("node1")) == {"kill", "activate", "drain", "demote"}
    assert legal("lost", "node1") == {"bring back"}
    assert legal("lost", "node3") == {"kill"}


def controls_of(moment: str, act: object) -> SwarmControls:
    controls = SwarmControls(act)  # type: ignore[arg-type]
    controls.refresh(swarm(moment))
    return controls


def enabled(controls: SwarmControls, kind: str) -> set[str]:
    return {name for name, one in controls._buttons[kind].items() if not one.disabled}


def test_buttons_follow_the_chosen_service_and_node() -> None:
    controls = controls_of("drained", print)
    controls.choose("service web")
    assert enabled(controls, "service") == {"scale up", "scale down", "update"}
    controls.choose("service agent")
    assert enabled(controls, "service") == {"update"}
    controls.choose("node node3")
    assert enabled(controls, "node") == {"kill", "activate", "demote"}
    controls.choose("node nosuch")
    controls.choose("nonsense")
    assert controls._choices["node"].value == "node3"
    controls.refresh(swarm("inactive"))
    assert enabled(controls, "service") == set()


def test_a_button_acts_once_and_tells_a_refusal() -> None:
    done: list[tuple[str, str]] = []
    go, over = threading.Event(), threading.Event()

    def act(action: str, name: str) -> None:
        done.append((action, name))
        go.wait(5)
        over.set()
        raise RuntimeError("no <b>quorum</b>")

    controls = controls_of("formed", act)
    controls.choose("node node2")
    drain = controls._buttons["node"]["drain"]
    drain.click()
    assert enabled(controls, "node") == set(), "it is under way"
    drain.click()
    go.set()
    assert over.wait(5)
    deadline = time.monotonic() + 5
    while "✕" not in controls._says.value and time.monotonic() < deadline:
        time.sleep(0.01)
    assert done == [("drain", "node2")]
    assert "drain node2: no &lt;b&gt;quorum" in controls._says.value
    assert "drain" in enabled(controls, "node")


def test_no_ids_and_addresses_in_words() -> None:
    for moment in MOMENTS:
        told = tell(moment)
        assert not re.search(r"\b[0-9a-z]{25}\b|10\.77", told)


def test_two_services_that_end_at_once_are_two() -> None:
    seen = swarm("rest")
    ends = tuple(
        replace(one, service=f"gone{at}", slot=1, desired="remove", state="running")
        for at, one in enumerate(seen.tasks[:2])
    )
    drawn = groups(replace(seen, services=(), tasks=ends))
    assert {"t-?gone0.1-old-0", "t-?gone1.1-old-0"} <= drawn.keys()
