from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from recordings import FOLDER

from course.testing.markup import markup
from course.views.curves import GAP, most, whole_cpus
from course.views.stats import MOST, StatsView, draw_stats, tell_stats
from course.watch.sampler import Sample
from course.watch.stats import Series, Stats
from course.watch.usage import Usage, memory, usage

# Two answers each, a second apart, of two engines: `GET /containers/{id}/stats?one-shot=1`.
RECORDED: dict[str, Any] = json.loads((FOLDER / "stats.json").read_text(encoding="utf-8"))
MIB = 1024**2


def used(name: str, engine: str = "engine-26.1") -> Usage:
    found = usage(*RECORDED[engine][name], 1000.0)
    assert found is not None
    return found


def series(name: str = "web", count: int = 60, *, at: float = 1000.0, **more: Any) -> Series:
    points = tuple(
        Usage(at - count + 1 + n, 40.0 + n % 7, 20 * MIB + n * 1000, 900.0 * n, 50.0)
        for n in range(count)
    )
    return Series("4f" * 32, name, **({"points": points} | more))


def texts(stats: Stats, *names: str) -> list[str]:
    root = ET.fromstring(draw_stats(stats, names))
    return [node.text or "" for node in root.iter() if node.tag.endswith("text")]


def curves(stats: Stats) -> list[str]:
    root = ET.fromstring(draw_stats(stats))
    paths = [(node, node.attrib.get("class", "").split()) for node in root.iter()]
    return [node.attrib["d"] for node, cls in paths if "curve" in cls and "area" not in cls]


def test_half_a_cpu_is_50_percent() -> None:
    assert used("busy").cpu == pytest.approx(50, abs=3)
    assert 0 < used("box", "engine-20.10").cpu < 200


def test_memory_is_without_what_the_kernel_would_give_back() -> None:
    after = RECORDED["engine-20.10"]["box"][1]["memory_stats"]
    assert memory({"memory_stats": after}) == after["usage"] - after["stats"]["total_inactive_file"]
    assert 0 < memory({"memory_stats": after}) < after["usage"]
    v2 = {"usage": 500, "stats": {"inactive_file": 200, "anon": 300}}
    assert memory({"memory_stats": v2}) == 300
    odd = {"usage": 500, "stats": {"inactive_file": 600}}
    assert memory({"memory_stats": odd}) == 500  # as the CLI has it
    assert memory({}) == 0


def test_network_is_per_second_over_all_networks() -> None:
    before, after = RECORDED["engine-26.1"]["io"]
    gone = after["networks"]["eth0"]["rx_bytes"] - before["networks"]["eth0"]["rx_bytes"]
    assert used("io").received == pytest.approx(gone / 1.0, rel=0.3)
    twice = [json.loads(json.dumps(entry)) for entry in (before, after)]
    for entry in twice:
        entry["networks"]["eth1"] = entry["networks"]["eth0"]
    found = usage(*twice, 0)
    assert found is not None
    assert found.received == pytest.approx(2 * (used("io").received or 0))


def test_the_hosts_network_is_not_counted() -> None:
    assert (used("hostnet").received, used("hostnet").sent) == (None, None)


def test_disks_are_counted_where_the_engine_does() -> None:
    assert used("io").written is None  # cgroup v1 in a container counts none
    before, after = (json.loads(json.dumps(entry)) for entry in RECORDED["engine-26.1"]["io"])
    for entry, value in ((before, 1000), (after, 5000)):
        entry["blkio_stats"]["io_service_bytes_recursive"] = [
            {"major": 8, "minor": 0, "op": "Write", "value": value},  # v1; v2 writes "write"
            {"major": 8, "minor": 0, "op": "read", "value": 7},
            {"major": 8, "minor": 0, "op": "Total", "value": value + 7},
        ]
    found = usage(before, after, 0)
    assert found is not None
    assert found.written == pytest.approx(4000, rel=0.3)
    assert found.read == 0


def test_a_container_that_was_started_again_has_no_rate_across() -> None:
    before, after = RECORDED["engine-26.1"]["busy"]
    assert usage(after, before, 0) is None
    assert usage(after, after, 0) is None


def test_an_answer_of_one_that_ended_says_nothing() -> None:
    (ended,) = RECORDED["engine-26.1"]["ended"]
    assert usage(RECORDED["engine-26.1"]["busy"][1], ended, 0) is None


def test_a_curve_for_each_thing_measured() -> None:
    drawn = curves(Stats(1000, (series(),)))  # CPU, memory, in, out; read, written
    assert [bool(d) for d in drawn] == [True] * 4 + [False] * 2
    with_disk = replace(series(), points=(*series().points, Usage(1000.5, 1, 1, 1, 1, 5.0, 6.0)))
    assert all(curves(Stats(1000.5, (with_disk,))))
    assert "↓ 5 B/s ↑ 6 B/s" in texts(Stats(1000.5, (with_disk,)))


def test_what_is_not_counted_is_said() -> None:
    host = series(points=tuple(replace(p, received=None, sent=None) for p in series().points))
    assert texts(Stats(1000, (host,))).count("not counted") == 2  # network and disk
    assert texts(Stats(1000, (series(),))).count("not counted") == 1


def test_a_first_reading_is_a_mark() -> None:
    (cpu, *_) = curves(Stats(1000, (series(count=1),)))
    assert cpu.endswith("h-2")


def test_now_is_on_the_right_and_a_minute_ago_on_the_left() -> None:
    (cpu, *_) = curves(Stats(1000, (series(count=61),)))
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", cpu)]
    assert xs == sorted(xs)
    (ended, *_) = curves(Stats(1030, (series(count=61, state="exited"),)))
    ended_xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", ended)]
    assert max(ended_xs) == pytest.approx((xs[0] + xs[-1]) / 2, abs=1)  # it ended 30 s ago


def test_nothing_is_drawn_where_nothing_was_read() -> None:
    early, late = series(count=10, at=960).points, series(count=10).points
    assert late[0].time - early[-1].time > GAP
    (whole, *_), (cut, *_) = (
        curves(Stats(1000, (one,))) for one in (series(), series(points=(*early, *late)))
    )
    assert (whole.count("M"), cut.count("M")) == (1, 2)


def test_who_is_there_and_their_limits_in_words() -> None:
    stats = Stats(1000, (series(memory_limit=64 * MIB, cpus=0.5), series("old", state="exited")))
    assert tell_stats(stats) == ("web running (limit 64 MiB of memory, 50 % of a CPU), old exited")
    assert tell_stats(stats, ["old", "nobody"]) == "old exited, nobody not running"
    assert tell_stats(Stats()) == "no container runs"
    shown = texts(stats)
    assert {"limit 64 MiB", "limit 50 %", "exited", "running"} <= set(shown)


def test_an_ended_one_has_a_curve_and_no_value() -> None:
    shown = texts(Stats(1000, (series("old", state="removed"),)))
    assert "removed" in shown
    assert not [words for words in shown if re.fullmatch(r"[\d.]+ %", words)]


def test_the_newest_of_a_name_is_shown() -> None:
    stats = Stats(1000, (series(state="removed"), series()))
    assert tell_stats(stats, ["web"]) == "web running"
    assert tell_stats(stats) == "web removed, web running"
    root = ET.fromstring(draw_stats(stats))
    keys = [node.attrib["data-key"] for node in root.iter() if "data-key" in node.attrib]
    assert keys == ["name:web:0", "name:web:1"]


def test_many_are_cut() -> None:
    many = Stats(1000, tuple(series(f"w{n}", 2) for n in range(MOST + 5)))
    assert "… and 5 more" in texts(many)
    assert len(curves(many)) == 6 * MOST


@pytest.mark.parametrize(
    ("amounts", "least", "top"),
    [([], 1024, 1024), ([1000], 1024, 2048), ([None, 900], 1024, 1024), ([3000], 1024, 4096)],
)
def test_the_end_of_an_axis(amounts: list[float | None], least: float, top: float) -> None:
    assert most(amounts, least) == top


@pytest.mark.parametrize(("cpu", "top"), [(0, 100), (50, 100), (103, 100), (150, 200), (205, 200)])
def test_cpu_has_whole_cpus(cpu: float, top: float) -> None:
    assert whole_cpus([cpu]) == top


def halved(point: Usage) -> Usage:
    return replace(point, cpu=point.cpu / 2, memory=point.memory * 2, received=1e6)


DISK = tuple(replace(point, read=1.0, written=2.0) for point in series().points)


@pytest.mark.parametrize(
    "points",
    [tuple(map(halved, series().points)), series(count=1).points, series().points[::9], DISK, ()],
    ids=["other values", "one reading", "with gaps", "an engine that counts disks", "none yet"],
)
def test_what_was_measured_is_not_compared(points: tuple[Usage, ...]) -> None:
    one = Stats(1000, (series(memory_limit=64 * MIB),))
    two = Stats(1000, (series(memory_limit=64 * MIB, points=points),))
    assert draw_stats(one) != draw_stats(two)
    assert markup(draw_stats(one)) == markup(draw_stats(two))


@pytest.mark.parametrize(
    "other",
    [
        series("db"), series(state="exited"), series(memory_limit=32 * MIB), series(cpus=0.5),
        series(points=tuple(replace(p, received=None, sent=None) for p in series().points)),
    ],
    ids=["name", "state", "memory limit", "CPU limit", "no network"],
)  # fmt: skip
def test_names_limits_and_curves_are_compared(other: Series) -> None:
    one = draw_stats(Stats(1000, (series(),)))
    assert markup(one) != markup(draw_stats(Stats(1000, (other,))))


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "\"'&><g onload='x'>", "🐳\x00"])
def test_names_are_escaped(evil: str) -> None:
    root = ET.fromstring(draw_stats(Stats(1000, (series(evil, state=evil),)), [evil, f"{evil}2"]))
    assert not [node for node in root.iter() if "script" in node.tag or "onload" in node.attrib]


def test_the_view() -> None:
    view = StatsView()
    assert repr(view) == "Stats: Nothing is read yet."
    assert "No container runs" not in view.draw(view.state)
    view.show(Sample(Stats(1000, (series(),)), 1, connected=True))
    assert repr(view) == "Stats: web running"
    assert "does not answer" in view.draw(Sample(Stats(), 2, problem="refused"))
