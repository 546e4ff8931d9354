"""Request path: what it makes of recorded logs, of broken workers and of hostile lines."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from recordings import FOLDER

from course.testing import sanitise
from course.views.path import RequestPathView, clock, draw_path, tell_path
from course.views.path_steps import ALONE, MOST, NOBODY, story
from course.watch.path import Hop, Line, Member, RequestPath, parse, trace
from course.watch.path_reader import PathReader, _member, _members
from course.watch.sampler import Sample

# What one lab's engine said, moment by moment: a POST each, and what became of it.
MOMENTS: dict[str, Any] = json.loads((FOLDER / "path.json").read_text(encoding="utf-8"))["moments"]
COMING_IN = "browser to nginx: POST /api/values; nginx to server: passed on; "
WRITTEN = "server to postgres: row written: {0}; server to redis: job queued: {0}; "
ACCEPTED = COMING_IN + WRITTEN + "server to browser: 202 Accepted; "
AGAIN = "redis to worker: job taken again: {0}"
TAKEN, DONE = "redis to worker: job taken: {0}", "worker to redis: value written: {0}"
NGINX, WORKER = Member("nginx", "app-nginx-1"), Member("worker", "app-worker-1")


def moment(name: str, request: str | None = None) -> RequestPath:
    recorded = MOMENTS[name]
    members = {entry["Id"]: _member(entry) for entry in recorded["containers"]}
    lines = [
        line
        for ident, log in recorded["logs"].items()
        for line in parse(log.encode(), members[ident])
    ]
    return trace("complex-app", members.values(), lines, request)


def said(what: str, at: float = 1.0, member: Member = NGINX, **more: object) -> Line:
    return Line(at, member, {"request": "r1", "what": what, **more})


def texts(path: RequestPath) -> list[str]:
    found = ET.fromstring(draw_path(path)).iter()
    return [node.text or "" for node in found if node.tag.endswith("text")]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("accepted", f"{ACCEPTED}{TAKEN}; {DONE}".format(7)),
        ("refused", f"{COMING_IN}server: refused; server to browser: 422 Unprocessable Entity"),
        ("nobody took it", f"{ACCEPTED}redis: {NOBODY}".format(8)),
        ("taken after all", f"{ACCEPTED}{TAKEN}; {DONE}".format(8)),
        ("at it", f"{ACCEPTED}{TAKEN}; worker: at it".format(40)),
        ("worker killed", f"{ACCEPTED}{TAKEN}; worker: {ALONE}".format(40)),
        ("done again", f"{ACCEPTED}{TAKEN}; {AGAIN}; {DONE}".format(40)),
        ("two workers", f"{ACCEPTED}{TAKEN}; {DONE}".format(9)),
        ("database down", f"{COMING_IN}server: failed; server to browser: 503 Service Unavailable"),
        (
            "server down",
            "browser to nginx: POST /api/values; nginx to server: nobody answers; "
            "nginx to browser: 502 Bad Gateway",
        ),
    ],
)
def test_what_became_of_a_request(name: str, told: str) -> None:
    assert tell_path(moment(name)) == told


def test_each_recorded_moment_is_told_of() -> None:
    whole = {name: moment(name).is_whole for name in MOMENTS}
    assert [name for name, is_whole in whole.items() if not is_whole] == [
        "nobody took it", "at it", "worker killed",
    ]  # fmt: skip


def test_times_count_from_the_requests_coming_in() -> None:
    path = moment("accepted")
    assert path.answer is not None
    assert [hop.what for hop in path.now] == ["row written", "job queued"]
    assert all(0 <= hop.seconds <= path.answer.seconds for hop in path.now)
    assert path.number == "7"


def test_another_request_is_found_by_its_id() -> None:
    first = moment("accepted").request
    later = moment("done again", request=first)
    assert (later.request, later.number) == (first, "7")
    assert later != moment("done again")


def test_the_latest_post_and_no_get() -> None:
    lines = [
        said("POST /a", 1.0, request="old"),
        said("POST /b", 5.0, request="new", seconds="3.9"),
        said("row written", 4.0, request="under way"),
        said("GET /c", 9.0, request="get"),
        said("failed", 9.0, request="get"),
    ]
    assert trace("app", [NGINX], lines).request == "under way"
    assert trace("app", [NGINX], [line for line in lines if line.at != 4.0]).request == "new"


def test_an_answer_that_has_not_come_yet() -> None:
    path = trace("app", [NGINX], [said("row written", member=Member("server", "app-server-1"))])
    assert tell_path(path) == "server to postgres: row written"
    assert not path.is_whole


def test_which_of_two_workers_is_seen_and_not_compared() -> None:
    path = moment("two workers")
    workers = [one for one in path.members if one.service == "worker"]
    assert [one.number for one in workers] == [1, 2]
    names = {one.name for one in workers}
    (did,) = {hop.container for hop in path.later}
    (other,) = names - {did}
    swapped = tuple(
        replace(hop, container=other) if hop.container == did else hop for hop in path.hops
    )
    pictures = draw_path(path), draw_path(replace(path, hops=swapped))
    assert pictures[0] != pictures[1]
    masked = [sanitise.data("image/svg+xml", one) for one in pictures]
    assert masked[0] == masked[1]
    assert {"worker 1", "worker 2", "worker-1", "worker-2"} <= set(texts(path))


def test_times_and_ids_are_not_compared_and_the_way_is() -> None:
    path = moment("accepted")
    later = replace(
        path, request="f" * 32, hops=tuple(replace(hop, seconds=9.0) for hop in path.hops)
    )
    forms = [
        sanitise.data("image/svg+xml", draw_path(one)) for one in (path, later, moment("refused"))
    ]
    assert forms[0] == forms[1] != forms[2]


def test_many_workers_show_those_that_did_something() -> None:
    members = [Member("worker", f"app-worker-{n}", n) for n in range(1, 30)]
    hops = (Hop("worker", "app-worker-27", "job taken"),)
    lanes = story(RequestPath("app", "r", hops, tuple(members))).lanes
    shown = [lane.number for lane in lanes if lane.service == "worker"]
    assert shown == [1, 2, 3, 27]
    assert len(shown) == MOST


def test_a_worker_that_was_removed_still_took_it() -> None:
    path = trace("app", [NGINX], [said("job taken", member=WORKER, number=3)], "r1")
    assert [lane.state for lane in story(path).lanes if lane.service == "worker"] == ["removed"]
    assert tell_path(path) == f"redis to worker: job taken: 3; worker: {ALONE}"


def test_lines_that_are_no_json_are_passed_over() -> None:
    deep = '{"request":"r","what":' + "[" * 100_000
    raw = "\n".join(
        f"2026-11-23T22:39:06.123456789Z {words}"
        for words in (
            "listening on port 5000", "{", "{}", '{"request":7}', '{"request":""}', deep, "",
            '{"request":["r"]}', "null", '{"request":"r","what":["x"],"status":{},"seconds":"x"}',
        )
    )  # fmt: skip
    raw += '\nno time {"request":"r"}\n{"request":"r"}'
    (line,) = parse(raw.encode() + b"\n\xff\xfe", NGINX)
    hop = line.hop(line.began)
    assert (hop.what, hop.status, hop.seconds) == ("", "", 0.0)


HOSTILE = '<script>alert("1")</script>\x00\x1b[31m]]>&' + "x" * 500


def test_hostile_words_stay_words() -> None:
    evil = Member(HOSTILE, HOSTILE, 1, HOSTILE)
    lines = [
        said(HOSTILE, 1.0, evil, status=HOSTILE, to=HOSTILE, request=HOSTILE),
        said(HOSTILE, 2.0, evil, error=HOSTILE, request=HOSTILE),
        said("row written", 2.5, evil, number=HOSTILE, request=HOSTILE),
        said("job taken", 3.0, evil, number=HOSTILE, request=HOSTILE),
    ]
    path = trace(HOSTILE, [evil], lines)
    assert len(path.hops) == 4
    picture = draw_path(path)
    root = ET.fromstring(picture)
    assert not [node for node in root.iter() if node.tag.endswith("script")]
    assert "<script" not in picture
    html = RequestPathView()._still(Sample(path))._repr_mimebundle_()["text/html"]
    assert "<script" not in html


def test_nothing_to_tell() -> None:
    empty = RequestPath("shop")
    assert tell_path(empty) == "The engine has no container of the project shop."
    assert tell_path(replace(empty, members=(NGINX,))) == "No log tells of a POST yet."
    assert tell_path(trace("shop", [NGINX], [], "abc")) == "No log tells of this request."
    assert tell_path(empty) in texts(empty)


def test_refusals_and_silence_are_told_by_word_and_shape() -> None:
    assert "422 Unprocessable Entity" in texts(moment("refused"))
    assert "failed: getaddrinfo ENOTFOUND postgres" in texts(moment("database down"))
    assert "nobody answers" in texts(moment("server down"))
    assert NOBODY in texts(moment("nobody took it"))


@pytest.mark.parametrize("name", MOMENTS)
def test_everything_stands_on_the_card(name: str) -> None:
    picture = draw_path(moment(name))
    height = float(re.findall(r'viewBox="0 0 980 ([\d.]+)"', picture)[0])
    places = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"', picture)
    assert all(0 < float(x) < 980 and 0 < float(y) < height for x, y in places)


def test_clock() -> None:
    assert [clock(one) for one in (0, 0.0041, 0.9994, 0.9996, 3.25)] == [
        "0 ms", "4 ms", "999 ms", "1.0 s", "3.2 s",
    ]  # fmt: skip


class _Waiting(RequestPathView):
    """Shows what is still to come after the first readings."""

    def __init__(self, paths: list[RequestPath], wait: float) -> None:
        super().__init__(wait)
        self.paths = paths
        self.asked = 0
        self._source = self  # type: ignore[assignment]

    def settle(self, timeout: float = 5) -> Sample[RequestPath]:
        self.asked += 1
        at = min(self.asked, len(self.paths))
        return Sample(self.paths[at - 1], self.asked, connected=True)


def test_a_display_waits_for_the_end_and_no_longer_than_it_says() -> None:
    soon = _Waiting([moment("at it"), moment("at it"), moment("done again")], wait=30)
    assert soon.snapshot().words.endswith("value written: 40")
    assert soon.asked == 3
    never = _Waiting([moment("nobody took it")], wait=0.2)
    assert never.snapshot().words.endswith(NOBODY)
    assert 2 <= never.asked <= 4


def test_a_container_without_names_or_labels() -> None:
    assert _member({"Id": "a" * 64}) == Member("a" * 12, "a" * 12, 1, "")
    labels: Mapping[str, str] = {"com.docker.compose.container-number": "x"}
    assert _member({"Id": "a", "Names": ["/n"], "Labels": labels}).number == 1
    assert PathReader.__doc__


def test_what_compose_runs_once_is_no_member() -> None:
    service = {"com.docker.compose.service": "server", "com.docker.compose.container-number": "1"}
    entries = [
        {"Id": kind, "Names": [f"/{kind}"], "Labels": service | {"com.docker.compose.oneoff": kind}}
        for kind in ("False", "True")
    ]
    assert _members([*entries, {"Id": "x", "Labels": None}]).keys() == {"False", "x"}


def test_a_project_whose_logs_are_not_read_yet_is_not_said_to_be_empty() -> None:
    view = RequestPathView()
    assert repr(view) == "Request path: Nothing is read yet."
