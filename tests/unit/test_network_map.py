"""The Network map, drawn from recorded payloads."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from boxes import Edges, edges, outside, overlaps
from recordings import WIRED, recorded, wired

from course.testing.sanitise import bundle
from course.views.bus_layout import WIDTH
from course.views.bus_model import scene
from course.views.bus_wires import CHIP, CHIPS, TALL, Plan, lanes, plan
from course.views.network import TOP, NetworkMap
from course.views.view import Picture
from course.watch.state import Container, Endpoint, Network, Port, State

SVG = "{http://www.w3.org/2000/svg}"
DEFAULTS = (
    Network("b", "bridge", "bridge", subnets=("172.17.0.0/16",), created=0.0),
    Network("h", "host", "host", created=0.0),
    Network("n", "none", "null", created=0.0),
)


def town(containers: int, networks: int, ports: int = 9) -> State:
    """Containers on a network each, every third on two, every tenth on three."""
    nets = tuple(
        Network(f"n{i}", f"net-{i:02}", "bridge", subnets=(f"172.18.{i}.0/24",), created=1.0 + i)
        for i in range(networks)
    )
    made = []
    for i in range(containers):
        on = [i % networks]
        on += [(i * 3 + 1) % networks] if i % 3 == 0 else []
        on += [(i * 7 + 2) % networks] if i % 10 == 0 else []
        ends = [Endpoint(f"net-{at:02}", f"172.18.{at}.{i + 2}") for at in dict.fromkeys(on)]
        published = (Port(80, "tcp", 8000 + i, "0.0.0.0"),) if i % ports == 0 else ()
        state = "exited" if i % 7 == 6 else "running"
        made.append(
            Container(
                f"{i:064x}",
                f"service-{i:02}",
                state=state,
                created=float(i),
                networks=tuple(ends),
                ports=published,
            )
        )
    return State(containers=tuple(made), networks=DEFAULTS + nets, connected=True, seq=1)


SIZES = [(0, 1), (1, 1), (1, 20), (9, 1), (12, 6), (12, 7), (20, 5), (50, 20), (80, 3)]


def drawn(state: State) -> ElementTree.Element:
    return ElementTree.fromstring(NetworkMap().draw(state))


def keyed(state: State) -> dict[str, ElementTree.Element]:
    groups = drawn(state).iter(f"{SVG}g")
    return {group.attrib["data-key"]: group for group in groups if "data-key" in group.attrib}


def words(node: ElementTree.Element) -> str:
    return " ".join(text.text or "" for text in node.iter(f"{SVG}text"))


def planned(state: State) -> Plan:
    return plan(scene(state), TOP)


def cards(found: Plan) -> list[Edges]:
    return [(card.x, card.y, card.x + card.w, card.y + card.whole) for card in found.cards]


def chips(found: Plan) -> list[Edges]:
    edge = [wire.chip - CHIP / 2 for wire in found.wires if wire.section is None]
    return [(x, TOP, x + CHIP, TOP + TALL) for x in edge]


@pytest.mark.parametrize("engine", WIRED)
def test_in_words(engine: str) -> None:
    told = NetworkMap().tell(wired(engine))
    assert "bridge: tools;" in told
    assert "host: agent;" in told
    assert "none: alone;" in told
    assert "front: web, api, old, names: api, service, web;" in told
    assert "back (internal): api, db1, db2, names: api, db ×2, db1, db2;" in told  # noqa: RUF001
    assert "probe in the network of api" in told
    assert "web publishes 80/tcp at 18080" in told
    assert "tools publishes 22/tcp at a free port" in told
    assert not re.search(r"\d+\.\d+\.\d+|[0-9a-f]{12}", told)


def test_words_of_none_and_many() -> None:
    assert NetworkMap().tell(State()) == "no container hangs on a network"
    assert NetworkMap().tell(town(50, 20)) == "50 containers on 20 networks, 6 published ports"


@pytest.mark.parametrize("engine", WIRED)
def test_a_container_on_two_networks_is_drawn_once_with_a_stub_to_each(engine: str) -> None:
    state = wired(engine)
    svg = NetworkMap().draw(state)
    assert svg.count('data-key="c-api"') == 1
    assert {"wire-api-front", "wire-api-back"} <= keyed(state).keys()
    api = state.container("api")
    assert api is not None
    for end in api.networks:
        assert end.ip in words(keyed(state)["c-api"])


def test_names_hold_where_the_engine_resolves_them() -> None:
    groups = keyed(wired())
    assert "names: api, service, web" in words(groups["n-front"])
    assert "no names resolve here" in words(groups["n-bridge"])
    assert "old" not in words(groups["n-front"])  # it does not run: nothing answers for it


def test_hosts_and_loners_and_guests() -> None:
    groups = keyed(wired())
    assert "the host's addresses" in words(groups["c-agent"])
    assert "only its own lo" in words(groups["c-alone"])
    assert "wire-agent-host" in groups
    assert "wire-alone-none" not in groups
    assert groups["c-probe"] in list(groups["c-api"])  # beside its host, and moves with it
    assert not any(key.startswith("wire-probe") for key in groups)


def test_published_ports_are_at_the_edge_once() -> None:
    state = wired()
    web = state.container("web")
    assert web is not None
    twins = (*web.ports, replace(web.ports[0], ip="::"))  # as an engine with IPv6 tells them
    both = tuple(replace(one, ports=twins) if one is web else one for one in state.containers)
    state = replace(state, containers=both)
    ports = [key for key in keyed(state) if key.startswith("port-")]
    assert sorted(ports) == ["port-tools-22/tcp-1", "port-web-80/tcp-1"]
    assert "0.0.0.0:18080 → web 80/tcp" in words(drawn(state))


def test_more_ports_than_can_be_followed_stand_only_in_their_containers() -> None:
    state = town(CHIPS + 1, 2, ports=1)
    assert not any(key.startswith("port-") for key in keyed(state))
    assert "0.0.0.0:8000→80/tcp" in words(keyed(state)["c-service-00"])


def test_idle_default_networks_are_one_line() -> None:
    state = town(3, 2)
    assert "Nothing hangs on bridge, host, none." in words(drawn(state))
    assert "n-bridge" not in keyed(state)
    assert "n-net-01" in keyed(town(1, 2))  # a network that somebody made is always drawn


def test_a_container_on_no_network_at_all_stands_apart() -> None:
    lone = Container("1", "lone", state="running", network_mode="bridge")
    state = State(containers=(lone,), networks=DEFAULTS[:2], connected=True)
    assert "no network: lone" in NetworkMap().tell(state)
    assert "c-lone" in keyed(state)


def test_a_network_that_is_gone_is_told() -> None:
    stale = Container("1", "stale", state="exited", networks=(Endpoint("old-net"),))
    state = State(containers=(stale,), networks=DEFAULTS, connected=True)
    assert "was removed" in words(keyed(state)["n-old-net"])


@pytest.mark.parametrize(("containers", "networks"), SIZES)
def test_no_two_boxes_overlap_and_all_are_on_the_card(containers: int, networks: int) -> None:
    state = town(containers, networks)
    found = planned(state)
    height = float(drawn(state).attrib["height"])
    boxes = [*cards(found), *chips(found)]
    assert len(cards(found)) == containers
    assert overlaps(boxes) == []
    areas = [edges(section) for section in found.sections]
    assert overlaps(areas) == []
    assert overlaps([*chips(found), *areas]) == []
    assert outside([*boxes, *areas], WIDTH, height) == []
    for section in found.sections:
        left, top, right, bottom = edges(section)
        for card in section.cards:
            assert left <= card.x < card.x + card.w <= right
            assert top < card.y < card.y + card.whole <= bottom


@pytest.mark.parametrize(("containers", "networks"), SIZES)
def test_no_wire_crosses_a_box_or_lies_on_another(containers: int, networks: int) -> None:
    found = planned(town(containers, networks))
    boxes = [*cards(found), *chips(found)]
    pieces = []
    for number, wire in enumerate(found.wires):
        for (x0, y0), (x1, y1) in zip(wire.points, wire.points[1:], strict=False):
            piece = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
            pieces.append((number, piece))
            for box in boxes:  # a wire begins at the very edge of its own
                assert not (
                    piece[0] < box[2] - 0.1
                    and box[0] + 0.1 < piece[2]
                    and piece[1] < box[3] - 0.1
                    and box[1] + 0.1 < piece[3]
                )
    upright = [(n, p) for n, p in pieces if p[0] == p[2] and p[1] != p[3]]
    for at, (one, a) in enumerate(upright):
        for other, b in upright[at + 1 :]:
            if one != other and abs(a[0] - b[0]) < 0.5:
                assert min(a[3], b[3]) <= max(a[1], b[1])


@pytest.mark.parametrize(("containers", "networks"), SIZES)
def test_every_wire_ends_on_its_bus(containers: int, networks: int) -> None:
    state = town(containers, networks)
    found = planned(state)
    hooks = sum(len(one.networks) for one in state.containers)
    assert sum(wire.section is not None for wire in found.wires) == hooks
    for wire in found.wires:
        if wire.section is not None:
            x, y = wire.points[-1]
            assert y == wire.section.line
            assert wire.section.start <= x <= wire.section.end


def test_lanes_are_few_and_free() -> None:
    spans = [(0.0, 100.0), (0.0, 10.0), (20.0, 30.0), (50.0, 5.0)]
    found, count = lanes(spans)
    assert count == 3
    assert found[1] == found[2] == 0  # short ones first, side by side
    assert len({found[0], found[1], found[3]}) == 3


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "it's", "🐳", "a&b", "x" * 300])
def test_names_are_untrusted(name: str) -> None:
    one = Container(
        "1",
        name,
        state="running",
        hostname=name,
        networks=(Endpoint(name, "172.18.0.2", aliases=(name + "2",)), Endpoint("bridge", name)),
        ports=(Port(80, "tcp", 8080, name),),
    )
    guest = Container("2", name + "3", network_mode="container:1")
    state = State(containers=(one, guest), networks=(*DEFAULTS, Network("x", name, name)))
    assert "<script" not in NetworkMap().draw(state)
    assert {f"c-{name}", f"c-{name}3", f"n-{name}"} <= keyed(state).keys()


def test_connecting_moves_the_container_and_keeps_the_order_of_elements() -> None:
    state = wired()
    tools = state.container("tools")
    assert tools is not None
    front = next(end for one in state.containers for end in one.networks if end.network == "front")
    moved = replace(tools, networks=(replace(front, ip="172.18.0.9", names=()),))
    after = replace(
        state, containers=tuple(moved if one is tools else one for one in state.containers)
    )
    assert keyed(state)["c-tools"].get("style") != keyed(after)["c-tools"].get("style")
    assert "front: web, api, old, tools, names: api, service, tools, web" in NetworkMap().tell(
        after
    )


def test_two_runs_give_one_still() -> None:
    def still(state: State) -> dict[str, object]:
        picture = Picture(NetworkMap().draw(state), NetworkMap().tell(state))
        return bundle(picture._repr_mimebundle_())

    state = wired()

    def other(one: Container) -> Container:
        ends = (
            replace(
                end, ip="192.168.113.205" if end.ip else "", mac="", aliases=end.aliases, names=()
            )
            for end in one.networks
        )
        mode = one.network_mode
        mode = f"container:{mode[10:][::-1]}" if mode.startswith("container:") else mode
        ports = (
            replace(p, public=40123 if p.public and p.public > 32767 else p.public)
            for p in one.ports
        )
        return replace(
            one,
            id=one.id[::-1],
            hostname=one.id[::-1][:12],
            networks=tuple(ends),
            network_mode=mode,
            ports=tuple(ports),
        )

    again = replace(
        state,
        containers=tuple(map(other, state.containers)),
        networks=tuple(
            replace(net, subnets=("192.168.112.0/16",) if net.subnets else ())
            for net in state.networks
        ),
    )
    assert NetworkMap().draw(state) != NetworkMap().draw(again)
    assert still(state) == still(again)
    apart = replace(again, containers=tuple(c for c in again.containers if c.name != "db2"))
    assert still(state) != still(apart)


def test_one_port_at_two_of_the_host_has_two_wires() -> None:
    twice = (Port(80, public=8080, ip="0.0.0.0"), Port(80, public=8081, ip="0.0.0.0"))
    web = Container("1", "web", state="running", ports=twice, networks=(Endpoint("n"),))
    found = keyed(State(containers=(web,), networks=(Network("i", "n", "bridge"),)))
    assert {"wire-web-80/tcp", "wire-web-80/tcp-1", "wire-web-n"} <= found.keys()


def test_wires_of_names_that_are_one_when_joined_are_two() -> None:
    nets = (Network("1", "app-net", "bridge"), Network("2", "net", "bridge"))
    both = tuple(
        Container(str(at), name, state="running", networks=(Endpoint(net.name),))
        for at, (name, net) in enumerate(zip(("web", "web-app"), nets, strict=True))
    )
    found = keyed(State(containers=both, networks=nets))
    assert {"wire-web:app-net", "wire-web-app-net"} <= found.keys()


def test_the_engine_that_is_gone_is_told() -> None:
    state = replace(recorded(), connected=False, problem="connection refused")
    assert "does not answer" in NetworkMap().draw(state)


def test_fifty_containers_on_twenty_networks_are_drawn_soon() -> None:
    view, state, times = NetworkMap(), town(50, 20), []
    for _ in range(9):
        start = time.perf_counter()
        view.draw(state)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.03  # three times what the course promises, for a busy machine
