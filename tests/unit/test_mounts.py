"""The Mounts picture, drawn from recorded payloads."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from boxes import Edges, edges, outside, overlaps
from recordings import WIRED, recorded, wired

from course.testing.sanitise import bundle
from course.views.mount_layout import WIDTH, plan
from course.views.mount_model import clusters, orphans
from course.views.mounts import Mounts
from course.views.view import Picture
from course.watch.state import Container, Mount, State, Volume

SVG = "{http://www.w3.org/2000/svg}"
MOVED = re.compile(r"translate\(([\d.]+)px,([\d.]+)px\)")


def drawn(state: State) -> ElementTree.Element:
    return ElementTree.fromstring(Mounts().draw(state))


def words(node: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in node.iter(f"{SVG}text")]


def keyed(state: State) -> dict[str, ElementTree.Element]:
    groups = drawn(state).iter(f"{SVG}g")
    return {group.attrib["data-key"]: group for group in groups if "data-key" in group.attrib}


def many(count: int) -> State:
    """Pairs of containers that share a volume; some also have a path, a tmpfs or their own."""
    made = []
    for i in range(count):
        mounts = [Mount("volume", "/data", f"/v/{i // 2}", f"vol-{i // 2}", writable=bool(i % 2))]
        if i % 3 == 0:
            mounts.append(Mount("bind", "/site", "/srv/site", "", writable=False))
        if i % 5 == 0:
            mounts.append(Mount("tmpfs", "/run/cache", options="size=64m"))
        state = "exited" if i % 4 == 0 else "running"
        made.append(Container(f"{i:064x}", f"c-{i:02}", state=state, mounts=tuple(mounts)))
    volumes = [Volume(f"vol-{i}") for i in range(count)]
    return State(containers=tuple(made), volumes=tuple(volumes), connected=True)


def apart(count: int) -> State:
    """As many containers, each with a volume of its own."""
    made = (
        Container(f"{i:064x}", f"c-{i}", mounts=(Mount("volume", "/data", "", f"vol-{i}"),))
        for i in range(count)
    )
    return State(containers=tuple(made), connected=True)


@pytest.mark.parametrize("engine", WIRED)
def test_in_words(engine: str) -> None:
    told = Mounts().tell(wired(engine))
    assert "web mounts host path /srv at /usr/share/nginx/html (ro)" in told
    assert "api mounts a tmpfs at /run/cache (rw) and a tmpfs at /run/keys (rw)" in told
    assert "db1 mounts volume data at /var/lib/data (rw) and an anonymous volume at" in told
    assert "data is shared by db1 and db2" in told
    assert told.endswith("orphaned: left")
    assert not re.search(r"[0-9a-f]{12}", told)


@pytest.mark.parametrize("engine", WIRED)
def test_tooltips_of_places(engine: str) -> None:
    told = [title.text or "" for title in drawn(wired(engine)).iter(f"{SVG}title")]
    assert "named volume data, in db1 and db2" in told
    assert any(re.fullmatch(r"tmpfs, in memory \(\S+\), in api", words) for words in told)


def test_words_of_few_and_many() -> None:
    assert Mounts().tell(State()) == "nothing is mounted"
    told = Mounts().tell(many(50))
    assert told.startswith("50 containers with mounts; 50 volumes; orphaned: 25 named volumes")
    lone = State(volumes=tuple(Volume(f"{i:064x}", anonymous=True) for i in range(2)))
    assert Mounts().tell(lone).endswith("orphaned: 2 anonymous volumes")


@pytest.mark.parametrize("engine", WIRED)
def test_a_row_says_the_path_inside_and_the_mode(engine: str) -> None:
    groups = keyed(wired(engine))
    assert words(groups["c-web"]) == ["web", "running", "/usr/share/nginx/html", "ro"]
    assert words(groups["c-db1"])[2:] == ["/var/lib/data", "rw", "/var/log/db", "rw"]
    assert "tmpfs, in memory (size=64m)" in words(groups["tmpfs-api-/run/cache"])
    assert "tmpfs, in memory (size=1m)" in words(groups["tmpfs-api-/run/keys"])
    assert "host path (bind mount)" in words(groups["bind-/srv"])


def test_what_is_shared_and_what_is_orphaned_says_so() -> None:
    groups = keyed(wired())
    assert "shared by 2" in words(groups["volume-data"])
    assert "orphan" in words(groups["volume-left"])
    assert "pause-frame" in (groups["volume-left"].find(f"{SVG}rect").get("class") or "")  # type: ignore[union-attr]
    assert "orphan" not in words(groups["volume-data"])


def test_a_stopped_container_keeps_its_volume_from_being_an_orphan() -> None:
    state = wired()
    stopped = tuple(replace(one, state="exited", exit_code=0) for one in state.containers)
    assert [place.name for place in orphans(replace(state, containers=stopped))] == ["left"]
    assert "exited 0" in words(keyed(replace(state, containers=stopped))["c-db1"])
    gone = replace(state, containers=())
    assert {place.anonymous for place in orphans(gone)} == {False, True}
    assert orphans(gone)[-1].anonymous  # named ones first


def test_there_is_a_wire_for_each_mount_and_it_ends_at_both_boxes() -> None:
    state = many(9)
    planned = plan(clusters(state), 90)
    assert len(planned.wires) == sum(len(one.mounts) for one in state.containers)
    cards = {container.id: box for container, box in planned.cards}
    ends = [edges(box) for _, box in planned.places]
    for wire in planned.wires:
        card = cards[wire.container.id]
        assert wire.start[0] == card.x + card.w
        assert card.y < wire.start[1] < card.y + card.h
        assert any(left == wire.end[0] and t < wire.end[1] < b for left, t, _, b in ends)


def boxes(state: State) -> list[Edges]:
    """Every box of the picture, by its own rectangle and where its group stands."""
    found = []
    for key, group in keyed(state).items():
        moved = MOVED.search(group.get("style", ""))
        frame = group.find(f"{SVG}rect")
        if moved and frame is not None and not key.startswith("wire-"):
            x, y = float(moved[1]), float(moved[2])
            found.append(
                (x, y, x + float(frame.attrib["width"]), y + float(frame.attrib["height"]))
            )
    return found


@pytest.mark.parametrize("state", [many(n) for n in (0, 1, 2, 7, 20, 50)] + [apart(50), recorded()])
def test_no_two_boxes_overlap_and_all_are_on_the_card(state: State) -> None:
    found = boxes(state)
    height = float(drawn(state).attrib["height"])
    unused = [volume for volume in state.volumes if not state.users(volume.name)]
    assert len(found) >= len(state.containers) + len(unused)
    assert overlaps(found) == []
    assert outside(found, WIDTH, height) == []


def test_fifty_containers_stand_in_two_panels() -> None:
    assert len(plan(clusters(apart(50)), 90).panels) == 2
    assert len(plan(clusters(apart(5)), 90).panels) == 1


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "it's", "🐳", "a&b", "x" * 300])
def test_names_and_paths_are_untrusted(name: str) -> None:
    mounts = (
        Mount("bind", f"{name}/1", name),
        Mount("volume", f"{name}/2", name, name),
        Mount("tmpfs", f"{name}/3"),
    )
    state = State(containers=(Container("1", name, mounts=mounts),), volumes=(Volume(name + "2"),))
    assert "<script" not in Mounts().draw(state)
    assert f"c-{name}" in keyed(state)
    assert overlaps(boxes(state)) == []


def test_two_runs_give_one_still() -> None:
    def still(state: State) -> dict[str, object]:
        picture = Picture(Mounts().draw(state), Mounts().tell(state))
        return bundle(picture._repr_mimebundle_())

    state = wired()
    anonymous = next(volume.name for volume in state.volumes if volume.anonymous)
    other = "1" * 64  # the first twelve letters of an id may all be digits
    again = replace(
        state,
        volumes=tuple(replace(v, name=v.name.replace(anonymous, other)) for v in state.volumes),
        containers=tuple(
            replace(
                one,
                id=one.id[::-1],
                mounts=tuple(replace(m, name=m.name.replace(anonymous, other)) for m in one.mounts),
            )
            for one in state.containers
        ),
    )
    assert Mounts().draw(state) != Mounts().draw(again)
    assert still(state) == still(again)
    without = replace(again, containers=again.containers[1:])
    assert still(state) != still(without)


def test_the_engine_that_is_gone_is_told() -> None:
    state = replace(wired(), connected=False, problem="connection refused")
    assert "does not answer" in Mounts().draw(state)
