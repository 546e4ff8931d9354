"""The Compose picture: a project as its labels tell it, from recorded engines."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from types import MappingProxyType
from xml.etree import ElementTree

import pytest
from boxes import Edges, edges, outside, overlaps
from recordings import COMPOSED, composed

from course.testing.sanitise import bundle
from course.views.compose import TOP, Compose
from course.views.compose_layers import layers
from course.views.compose_layout import CHIP, EDGE, NARROW, PASSAGE, WIDTH, Plan, plan
from course.views.compose_model import LABEL, Project, projects, read
from course.views.svg import text_width
from course.views.view import Picture
from course.watch.state import Container, Endpoint, Mount, Network, Port, State, Volume

SVG = "{http://www.w3.org/2000/svg}"


def made(
    service: str, *, number: int = 1, needs: str = "", project: str = "big", **more: object
) -> Container:
    labels = {
        f"{LABEL}project": project,
        f"{LABEL}service": service,
        f"{LABEL}container-number": str(number),
        f"{LABEL}depends_on": needs,
    }
    name = f"{project}-{service}-{number}"
    filled = {"state": "running", "labels": MappingProxyType(labels), **more}
    return Container(f"id-{name}", name, **filled)  # type: ignore[arg-type]


def town(count: int, *, chained: bool = True) -> State:
    """Services of which most depend on two earlier ones; every third has three replicas."""
    containers = []
    for at in range(count):
        needs = [f"s{at // 2:02}:service_started:false", f"s{at // 3:02}:service_healthy:false"]
        asked = ",".join(needs) if chained and at % 4 and at // 2 != at else ""
        for number in range(1, 4 if at % 3 == 0 else 2):
            containers.append(
                made(
                    f"s{at:02}",
                    number=number,
                    needs=asked,
                    networks=(Endpoint("big_default", "172.18.0.9"), Endpoint("big_back")),
                    mounts=(Mount("volume", "/data", name="big_data"), Mount("tmpfs", "/run")),
                    ports=(Port(80, "tcp", 8000 + at, "0.0.0.0"),),
                )
            )
    return State(containers=tuple(containers), connected=True, seq=1)


SIZES = (0, 1, 2, 12, 40)


def keyed(view: Compose, state: State) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(view.draw(state))
    groups = [group for group in root.iter(f"{SVG}g") if "data-key" in group.attrib]
    keys = [group.attrib["data-key"] for group in groups]
    assert len(keys) == len(set(keys))
    return dict(zip(keys, groups, strict=True))


def words(node: ElementTree.Element) -> str:
    return " ".join(text.text or "" for text in node.iter(f"{SVG}text"))


@pytest.mark.parametrize("engine", COMPOSED)
def test_in_words(engine: str) -> None:
    told = Compose("shop").tell(composed("up", engine))
    assert told.startswith("shop: api 1 running, after db (healthy) and migrate (completed); ")
    assert (
        "db 1 running (healthy); docs 1 running; migrate 1 exited (0), after db (healthy)" in told
    )
    assert "web 1 running, after api (started), publishes 80/tcp at 8080" in told
    assert "worker 2 running, after db (started)" in told
    assert "network shop_back (internal): api, db, migrate, worker" in told
    assert told.endswith("volume shop_rows: db")
    assert not re.search(r"\d+\.\d+\.\d+|[0-9a-f]{12}", told)


@pytest.mark.parametrize("engine", COMPOSED)
def test_scaled_stopped_and_run_once(engine: str) -> None:
    state = composed("later", engine)
    groups = keyed(Compose("shop"), state)
    assert {"c-shop-worker-1", "c-shop-worker-2", "c-shop-worker-3"} <= groups.keys()
    assert "exited (137)" in words(groups["c-shop-web-1"])
    assert words(groups["once-worker-0"]) == "docker compose run running"
    assert "worker 3 running, 1 one-off" in Compose("shop").tell(state)


def test_a_restart_is_counted() -> None:
    groups = keyed(Compose("shop"), composed("later"))
    assert words(groups["c-shop-api-1"]) == "shop-api-1 running, 1 restart"


@pytest.mark.parametrize("engine", COMPOSED)
def test_stop_keeps_containers_and_down_removes_them(engine: str) -> None:
    view = Compose("shop")
    stopped = keyed(view, composed("stop", engine))
    assert {"c-shop-web-1", "c-shop-db-1", "s-web", "n-shop_front"} <= stopped.keys()
    down = keyed(view, composed("down", engine))
    assert not {"c-shop-web-1", "c-shop-db-1", "s-web", "n-shop_front"} & down.keys()
    assert "no container has it" in words(down["v-shop_rows"])


def test_down_does_not_take_what_ran_once() -> None:
    told = Compose("shop").tell(composed("down"))
    assert told.startswith("shop: worker 1 one-off; network shop_back (internal): worker;")


def test_a_project_that_is_not_there() -> None:
    view = Compose("visits")
    assert view.tell(State()) == (
        "Nothing here belongs to a project visits: not yet, or not any more."
    )
    assert "Projects here: shop." in view.tell(composed("up"))
    assert "not yet, or not any more" in view.draw(State())


def test_the_only_project_needs_no_name() -> None:
    assert Compose().tell(composed("visits-up")).startswith("There are several: shop, visits.")
    assert Compose().tell(composed("up")).startswith("shop: api")
    assert Compose().tell(State()).startswith("Nothing here carries Compose's labels")
    assert projects(composed("visits-up")) == ["shop", "visits"]  # of shop a volume is left


def test_the_exercise_visits() -> None:
    told = Compose("visits").tell(composed("visits-up"))
    assert told == (
        "visits: node-app 1 running, after redis-server (healthy), publishes 8081/tcp at 8081; "
        "redis-server 1 running (healthy); network visits_default: node-app, redis-server"
    )


def test_docker_compose_1_tells_no_depends_on() -> None:
    state = composed("up")

    def older(one: Container) -> Container:
        kept = {key: value for key, value in one.labels.items() if "depends_on" not in key}
        return replace(one, labels=MappingProxyType(kept))

    state = replace(state, containers=tuple(map(older, state.containers)))
    groups = keyed(Compose("shop"), state)
    assert not any(key.startswith("needs-") for key in groups)
    assert {"s-api", "s-web", "c-shop-db-1"} <= groups.keys()


def test_conditions_are_met_or_not() -> None:
    state = composed("up")
    before = keyed(Compose("shop"), state)
    assert "after db healthy" in words(before["s-api"])
    sick = tuple(
        replace(one, health="unhealthy") if one.name == "shop-db-1" else one
        for one in state.containers
    )
    after = keyed(Compose("shop"), replace(state, containers=sick))
    assert "after db not healthy" in words(after["s-api"])
    assert "dash" in ElementTree.tostring(after["needs-api-db"]).decode()
    assert "dash" not in ElementTree.tostring(before["needs-api-db"]).decode()


def test_a_service_that_has_no_container_is_outlined() -> None:
    state = State(containers=(made("web", needs="db:service_healthy:false"),), connected=True)
    groups = keyed(Compose(), state)
    assert "no container" in words(groups["s-db"])
    assert "after db not healthy" in words(groups["s-web"])


def test_mounts_are_told_as_the_file_writes_them() -> None:
    said = words(keyed(Compose("shop"), composed("up"))["s-api"])
    for wanted in ("./api → /src:ro", "anonymous → /cache", "tmpfs → /scratch"):
        assert wanted in said


def test_what_starts_first_stands_left() -> None:
    services = read(composed("up"), "shop").services
    names = [[one.name for one in layer] for layer in layers(services)]
    assert names == [["db", "docs"], ["migrate", "worker"], ["api"], ["web"]]


def test_a_cycle_ends() -> None:
    ring = tuple(
        made(f"s{at}", needs=f"s{(at + 1) % 4}:service_started:false,out:service_started:false")
        for at in range(4)
    )
    state = State(containers=ring, connected=True)
    assert sum(map(len, layers(read(state, "big").services))) == 5
    assert {"s-s0", "s-s3", "s-out"} <= keyed(Compose(), state).keys()
    lone = made("me", needs="me:service_started:false")
    assert "s-me" in keyed(Compose(), State(containers=(lone,)))


def boxes(planned: Plan) -> list[Edges]:
    return [edges(box) for box in planned.boxes]


def chips(planned: Plan) -> list[Edges]:
    spots = [box.spot(at) for box in planned.boxes for at in range(len(box.shown))]
    return [(x, y, x + wide, y + CHIP) for x, y, wide in spots]


@pytest.mark.parametrize("chained", [True, False])
@pytest.mark.parametrize("count", SIZES)
def test_no_two_boxes_overlap_and_all_are_on_the_card(count: int, chained: bool) -> None:
    state = town(count, chained=chained)
    project = read(state, "big") if count else Project("big")
    planned = plan(project, TOP)
    root = ElementTree.fromstring(Compose("big").draw(state))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert len(planned.boxes) == count
    assert overlaps(boxes(planned)) == []
    assert overlaps(chips(planned)) == []
    assert outside([*boxes(planned), *chips(planned)], width, height) == []
    for box in planned.boxes:
        left, top, right, bottom = edges(box)
        for at in range(len(box.shown)):
            x, y, wide = box.spot(at)
            assert left < x < x + wide < right
            assert top < y < y + CHIP < bottom


@pytest.mark.parametrize("count", SIZES)
def test_no_arrow_crosses_a_box(count: int) -> None:
    planned = plan(read(town(count), "big"), TOP)
    wanted = {
        (box.service.name, need.service) for box in planned.boxes for need in box.service.needs
    }
    assert {(wire.service, wire.need.service) for wire in planned.wires} == wanted - {
        (name, name) for name, _ in wanted
    }
    for wire in planned.wires:
        # It bends between columns only; within one it is straight.
        straight = zip(wire.points[1::2], wire.points[2::2], strict=False)
        for (x1, y1), (x0, y0) in straight:
            assert y0 == y1
            lane = (x0, y0 - 1, x1, y0 + 1)
            assert all(overlaps([lane, box]) == [] for box in boxes(planned))
        assert [x for x, _ in wire.points] == sorted((x for x, _ in wire.points), reverse=True)


def test_a_long_chain_makes_a_wide_picture() -> None:
    chain = tuple(
        made(f"s{at:02}", needs=f"s{at - 1:02}:service_started:false" if at else "")
        for at in range(12)
    )
    root = ElementTree.fromstring(Compose().draw(State(containers=chain)))
    assert float(root.attrib["width"]) == 48 + 12 * NARROW + 11 * PASSAGE


def test_many_replicas_are_counted() -> None:
    many = tuple(made("web", number=at) for at in range(1, 31))
    state = State(containers=many, connected=True)
    assert "and 22 running" in words(keyed(Compose(), state)["s-web"])
    assert Compose().tell(state) == "big: 30 containers of 1 service"
    names = [one.name for one in read(state, "big").services[0].containers]
    assert names[:3] == ["big-web-1", "big-web-2", "big-web-3"]  # by number, not as text


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "it's", "🐳", "a&b", "x" * 300])
def test_names_are_untrusted(name: str) -> None:
    one = made(
        name,
        needs=f"{name}2:{name}:false,,:,::",
        project=name,
        health=name,
        image=name,
        networks=(Endpoint(name),),
        mounts=(Mount("bind", name, name), Mount("volume", name, name=name), Mount(name, name)),
        ports=(Port(80, name, 8080, name),),
    )
    odd = MappingProxyType({**one.labels, f"{LABEL}container-number": "²"})
    state = State(
        containers=(one, replace(one, id="2", name=name + "3", labels=odd)),
        networks=(Network("1", name, name, labels=one.labels),),
        volumes=(Volume(name, labels=one.labels),),
    )
    assert "<script" not in Compose(name).draw(state)
    assert {f"s-{name}", f"n-{name}", f"v-{name}", f"c-{one.name}"} <= keyed(
        Compose(), state
    ).keys()


def test_starting_moves_nothing_and_changes_no_order() -> None:
    state = composed("up")
    waiting = tuple(replace(one, state="created", health=None) for one in state.containers)
    before = keyed(Compose("shop"), replace(state, containers=waiting))
    after = keyed(Compose("shop"), state)
    assert list(before) == list(after)
    assert [group.get("style") for group in before.values()] == [
        group.get("style") for group in after.values()
    ]


def test_two_runs_give_one_still() -> None:
    def still(state: State) -> dict[str, object]:
        view = Compose("shop")
        return bundle(Picture(view.draw(state), view.tell(state))._repr_mimebundle_())

    state = composed("later")

    def other(one: Container) -> Container:
        name = re.sub(r"run-[0-9a-f]{12}", "run-0123456789ab", one.name)
        mounts = (replace(m, name=m.name[::-1]) if len(m.name) == 64 else m for m in one.mounts)
        return replace(one, id=one.id[::-1], name=name, mounts=tuple(mounts))

    again = replace(state, containers=tuple(map(other, reversed(state.containers))))
    assert still(state) == still(again)
    fewer = tuple(one for one in state.containers if one.name != "shop-worker-3")
    assert still(state) != still(replace(state, containers=fewer))


def test_forty_services_are_drawn_soon() -> None:
    view, state, times = Compose(), town(40), []
    for _ in range(9):
        start = time.perf_counter()
        view.draw(state)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.03  # six times what is usual, for a busy machine


def test_many_projects_stay_on_the_card() -> None:
    several = (made("web", project=f"some-quite-long-project-{at}") for at in range(9))
    root = ElementTree.fromstring(Compose().draw(State(containers=tuple(several))))
    told = [node for node in root.iter(f"{SVG}text") if node.get("class") == "dim"]
    assert "There are several: some-quite-long-project-0, " in (told[0].text or "")
    assert (told[-1].text or "").startswith("Name the one")
    assert all(text_width(node.text or "", 12) <= WIDTH - 2 * EDGE for node in told)
    assert sum((node.text or "").count("some-quite") for node in told) == 9
