from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from course.errors import CourseError
from course.testing.markup import markup
from course.views import anatomy as anatomy_module
from course.views.anatomy import AnatomyView, draw_anatomy, tell_anatomy
from course.views.stack import bytes_text
from course.watch.anatomy import Anatomy, Gauge, Layer, Namespace

# Steps as the classic builder, BuildKit and `docker import` write them.
LAYERS = (
    Layer('/bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon off;"]', 0),
    Layer("RUN /bin/sh -c apt-get install -y nginx # buildkit", 112_000_000),
    Layer("", 78_000_000),
)
SPACES = (
    Namespace("user", "4026531837", host=True, shared=("db",)),
    Namespace("net", "4026532415", shared=("db", "proxy")),
    Namespace("pid", "4026532414"),
)
WEB = Anatomy(
    "web", "nginx:alpine", "running", "nginx -g daemon off;", LAYERS, 1093, 4711, 1, SPACES,
    memory=Gauge(16 * 1024**2, 64 * 1024**2), cpu=Gauge(0.19, 0.2), pids=Gauge(3),
)  # fmt: skip


def texts(anatomy: Anatomy) -> list[str]:
    root = ET.fromstring(draw_anatomy(anatomy))
    return [node.text for node in root.iter("{http://www.w3.org/2000/svg}text") if node.text]


def test_a_step_without_files_is_no_layer() -> None:
    drawn = ET.fromstring(draw_anatomy(WEB))
    steps = [g for g in drawn.iter() if (g.get("data-key") or "").startswith("layer-")]
    boxes = [g for g in steps if any(child.tag.endswith("rect") for child in g)]
    assert (len(steps), len(boxes)) == (3, 2)
    assert "a writable layer on 2 layers" in tell_anatomy(WEB)


def test_steps_read_like_the_dockerfile() -> None:
    assert 'CMD ["nginx" "-g" "daemon off;"]' in texts(WEB)
    assert "RUN apt-get install -y nginx" in texts(WEB)
    assert "imported file system" in texts(WEB)


def test_who_shares_which_namespace() -> None:
    shown = texts(WEB)
    assert "its own" in shown
    assert "with db, proxy" in shown
    assert "the host's" in shown
    assert tell_anatomy(WEB).endswith(
        "its own namespaces: pid; net shared with db, proxy; user shared with the host"
    )


def test_use_and_limit() -> None:
    shown = texts(WEB)
    assert [s for s in shown if "MiB" in s and "." not in s] == ["16 MiB", "limit 64 MiB"]
    assert "limit 0.2" in shown
    assert "no limit" in shown  # of processes


def test_both_pids() -> None:
    assert {"PID 4711", "PID 1"} <= set(texts(WEB))


def test_a_container_that_does_not_run_has_no_process() -> None:
    dead = replace(
        WEB, state="exited", pid=0, inner_pid=0, namespaces=(), memory=None, cpu=None, pids=None
    )
    assert "none: the container does not run" in texts(dead)
    assert not [s for s in texts(dead) if s.startswith(("PID", "Its control", "Its names"))]
    assert tell_anatomy(dead).endswith("; no process")


def test_inodes_pids_and_use_are_not_compared() -> None:
    spaces = tuple(replace(space, inode=f"{space.inode}9") for space in SPACES)
    other = replace(WEB, pid=99, namespaces=spaces, memory=Gauge(20 * 1024**2, 64 * 1024**2))
    assert draw_anatomy(WEB) != draw_anatomy(other)
    assert markup(draw_anatomy(WEB)) == markup(draw_anatomy(other))


@pytest.mark.parametrize(
    "other",
    [
        replace(WEB, memory=Gauge(16 * 1024**2, 32 * 1024**2)),
        replace(WEB, inner_pid=7),
        replace(WEB, layers=LAYERS[1:]),
        replace(WEB, namespaces=(SPACES[0], replace(SPACES[1], shared=()), SPACES[2])),
    ],
    ids=["limit", "inner pid", "layers", "sharing"],
)
def test_limits_layers_and_sharing_are_compared(other: Anatomy) -> None:
    assert markup(draw_anatomy(WEB)) != markup(draw_anatomy(other))


def test_the_engines_words_are_escaped() -> None:
    evil = "<script>&\"'"
    wild = replace(
        WEB, name=evil, image=evil, command=evil, state=evil,
        layers=(Layer(evil, 1), Layer(evil, 0)),
        namespaces=(Namespace(evil, evil, shared=(evil,)),),
    )  # fmt: skip
    root = ET.fromstring(draw_anatomy(wild))
    assert not [node for node in root.iter() if "script" in node.tag]
    assert evil in [node.text for node in root.iter()]


def test_a_long_history_is_cut() -> None:
    many = replace(WEB, layers=tuple(Layer(f"RUN step {n}", 1000) for n in range(40)))
    assert [s for s in texts(many) if "earlier steps" in s] == ["… 26 earlier steps, 25.4 KiB"]


@pytest.mark.parametrize(
    ("size", "wanted"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (5 * 1024**3, "5 GiB")],
)
def test_bytes_in_words(size: int, wanted: str) -> None:
    assert bytes_text(size) == wanted


def test_the_view_shows_the_first_reading() -> None:
    view = AnatomyView(lambda: WEB)
    assert view.draw(view.state) == draw_anatomy(WEB)
    assert repr(view) == f"Anatomy: {tell_anatomy(WEB)}"
    view.close()


class Readings:
    """What a container was at each reading; at last it is removed."""

    def __init__(self, *states: str) -> None:
        self.states = list(states)

    def __call__(self) -> Anatomy:
        if not self.states:
            raise CourseError("Looked for the container 'web'.", "No such container: web")
        return replace(WEB, state=self.states.pop(0))


def test_a_display_shows_the_container_as_it_is_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    read = Readings("running", "paused", "exited")
    view = AnatomyView(read, every=60)
    assert "(running)" in view.snapshot().words, "of the first reading, made just before"
    monkeypatch.setattr(anatomy_module, "FRESH", 0.0)
    assert "(paused)" in view.snapshot().words
    monkeypatch.undo()
    view.attach(view._sampler)
    assert "(exited)" in view.snapshot().words
    view.close()


def test_of_a_container_that_is_gone_the_last_is_shown_and_that_it_is() -> None:
    view = AnatomyView(Readings("running"), every=60)
    view.attach(view._sampler)
    still = view.snapshot()
    assert "! This is the last that was read. Looked for" in still.svg
    assert "No such container: web" in still.words
    assert "web (running)" in still.words
    view.close()
