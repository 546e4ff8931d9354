"""Views: a still and a live picture, frames that never pile up, buttons that are legal."""

from __future__ import annotations

import base64
import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from recordings import PREFIX, recorded

from course.views import live as live_module
from course.views.controls import Controls
from course.views.lifecycle import Lifecycle
from course.views.live import LiveView
from course.views.signals import Signals
from course.views.view import WIDGET, View
from course.watch.state import Container, State


class Feed:
    """A source of States, told by hand."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.heard: list[Callable[[State], None]] = []

    def subscribe(self, heard: Callable[[State], None]) -> Callable[[], None]:
        self.heard.append(heard)
        return lambda: self.heard.remove(heard)

    def settle(self, timeout: float = 5) -> State:
        self.state = replace(self.state, seq=self.state.seq + 1)
        return self.state

    def tell(self, *containers: Container) -> None:
        self.state = replace(self.state, containers=containers, seq=self.state.seq + 1)
        for heard in list(self.heard):
            heard(self.state)


def until(probe: Callable[[], Any], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not probe():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def feed() -> Feed:
    return Feed(recorded())


@pytest.fixture
def lifecycle(feed: Feed) -> Iterator[Lifecycle]:
    view = Lifecycle(lambda action, name: None).attach(feed)
    yield view
    view.close()


def shown(view: View) -> LiveView:
    assert view._box is not None
    return view._box.children[0]  # type: ignore[no-any-return]


def test_the_bundle_holds_widget_still_and_words(lifecycle: Lifecycle, feed: Feed) -> None:
    bundle = lifecycle._repr_mimebundle_()
    assert bundle.keys() == {WIDGET, "text/html", "text/plain"}
    assert bundle["text/plain"] == f"Lifecycle: {lifecycle.tell(feed.state)}"
    source = bundle["text/html"].split('src="data:image/svg+xml;base64,')[1].split('"')[0]
    assert (
        base64.b64decode(source).decode() == lifecycle.draw(feed.state) == shown(lifecycle).picture
    )
    assert lifecycle.snapshot()._repr_mimebundle_() == {
        key: bundle[key] for key in ("text/html", "text/plain")
    }


def test_alt_text_is_escaped() -> None:
    view = Lifecycle().attach(Feed(State(containers=(Container("1", '"><script>'),))))
    assert '"><script>' not in view.snapshot()._repr_mimebundle_()["text/html"]


def test_the_picture_follows(lifecycle: Lifecycle, feed: Feed) -> None:
    lifecycle._repr_mimebundle_()
    feed.tell(Container("1", "fresh", state="running"))
    until(lambda: "fresh" in shown(lifecycle).picture)


def test_shown_again_the_first_picture_stands_still(lifecycle: Lifecycle, feed: Feed) -> None:
    lifecycle._repr_mimebundle_()
    first, buttons = shown(lifecycle), lifecycle._box.children[1]  # type: ignore[union-attr]
    feed.tell(Container("1", "before", state="running"))
    until(lambda: "before" in first.picture)
    lifecycle._repr_mimebundle_()
    feed.tell(Container("1", "after", state="running"))
    until(lambda: "after" in shown(lifecycle).picture)
    assert "after" not in first.picture
    assert not first.live
    assert buttons.comm is None
    assert len(feed.heard) == 1


def test_a_closed_view_hears_nothing_and_has_no_thread(feed: Feed) -> None:
    before = set(threading.enumerate())
    view = Signals().attach(feed)
    view._repr_mimebundle_()
    feed.tell()
    view.close()
    assert feed.heard == []
    assert not set(threading.enumerate()) - before


def test_a_closed_view_that_is_shown_is_no_live_one(feed: Feed) -> None:
    view = Lifecycle(lambda action, name: None).attach(feed)
    view.close()
    before = set(threading.enumerate())
    (live,) = view._renew(view.snapshot()).children
    assert not live.live
    assert "web" in live.picture
    assert view._repr_mimebundle_().keys() == {WIDGET, "text/html", "text/plain"}
    assert not set(threading.enumerate()) - before
    view.attach(feed)._repr_mimebundle_()
    assert shown(view).live
    view.close()


def test_a_late_state_does_not_overtake(lifecycle: Lifecycle, feed: Feed) -> None:
    feed.tell(Container("1", "new"))
    lifecycle.show(replace(feed.state, containers=(), seq=feed.state.seq - 1))
    assert [c.name for c in lifecycle.state.containers] == ["new"]


class Page:
    """Counts frames and answers them only when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, patience: float = 30) -> None:
        monkeypatch.setattr(live_module, "PATIENCE", patience)
        self.view = LiveView()
        self.frames: list[str] = []
        self.view.observe(lambda change: self.frames.append(change["new"]), names="picture")

    def answer(self) -> None:
        self.view._hear(self.view, {"drawn": self.view.seq}, [])


def test_one_frame_is_under_way_and_the_latest_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(monkeypatch)
    page.view.offer(lambda: "<svg>0</svg>")
    until(lambda: page.frames)
    for i in range(1, 1001):
        page.view.offer(lambda i=i: f"<svg>{i}</svg>")  # type: ignore[misc]
    time.sleep(0.05)
    assert page.frames == ["<svg>0</svg>"]
    page.answer()
    until(lambda: len(page.frames) == 2)
    assert page.frames[-1] == "<svg>1000</svg>"
    page.view.end()


def test_the_last_frame_is_drawn_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(monkeypatch)
    page.view.offer(lambda: "<svg>0</svg>")
    until(lambda: page.frames)
    page.view.offer(lambda: "<svg>1</svg>")
    page.view.offer(lambda: "<svg>2</svg>")
    page.view.end()
    assert page.frames == ["<svg>0</svg>", "<svg>2</svg>"]
    page.view.offer(lambda: "<svg>3</svg>")
    assert page.view._thread is not None
    assert not page.view._thread.is_alive()


def test_the_end_does_not_wait_for_the_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(monkeypatch)
    monkeypatch.setattr(page.view._pace, "spend", lambda size: 30.0)
    page.view.offer(lambda: "<svg>0</svg>")
    until(lambda: page.frames)
    page.answer()
    page.view.offer(lambda: "<svg>1</svg>")
    page.view.end()
    assert page.frames[-1] == "<svg>1</svg>"


def test_a_closed_view_shows_what_it_heard_last(
    lifecycle: Lifecycle, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "PATIENCE", 30)
    lifecycle._repr_mimebundle_()
    live = shown(lifecycle)
    for name in ("first", "last"):
        feed.tell(Container("1", name, state="running"))
        until(lambda: "first" in live.picture)
    lifecycle.close()
    assert "last" in live.picture


def test_a_closed_page_does_not_hold_frames_back(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(monkeypatch, patience=0.02)
    for i in range(3):
        page.view.offer(lambda i=i: f"<svg>{i}</svg>")  # type: ignore[misc]
        until(lambda i=i: page.frames[-1:] == [f"<svg>{i}</svg>"])  # type: ignore[misc]
    page.view.end()


def test_a_picture_that_is_the_same_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(monkeypatch)
    for _ in range(3):
        page.view.offer(lambda: live_module.EMPTY)
    page.view.offer(lambda: "<svg>other</svg>")
    until(lambda: page.frames)
    assert page.frames == ["<svg>other</svg>"]
    page.view.end()


def test_a_drawing_that_fails_is_told_on_the_page_until_the_next_one(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger("course.views.live"), "propagate", False)
    page = Page(monkeypatch)

    def fail() -> str:
        raise KeyError("<b>")

    page.view.offer(fail)
    until(lambda: page.frames)
    assert isinstance(page.view.problem, KeyError)
    assert "cannot be drawn" in page.frames[0]
    assert "KeyError" in page.frames[0]
    assert "<b>" not in page.frames[0]
    page.answer()
    page.view.offer(lambda: "<svg>good</svg>")
    until(lambda: len(page.frames) == 2)
    assert page.frames[1] == "<svg>good</svg>"
    assert page.view.problem is None
    page.view.end()
    assert capfd.readouterr() == ("", "")


def test_a_picture_travels_packed() -> None:
    picture = LiveView().picture.replace("empty", "🐳 web" * 500)
    view = LiveView(picture)
    packed = view.get_state()["picture"]
    assert zlib.decompress(packed).decode() == picture == view.picture
    assert view.sent == len(packed) < len(picture) / 5


def pressed(controls: Controls, name: str) -> None:
    controls._buttons[name].click()


def enabled(controls: Controls) -> set[str]:
    return {name for name, button in controls._buttons.items() if not button.disabled}


def test_only_legal_buttons_can_be_pressed() -> None:
    controls = Controls(lambda action, name: None)
    controls.refresh(recorded())
    controls.choose(f"{PREFIX}web")
    assert enabled(controls) == {"stop", "kill", "pause", "restart"}
    controls.choose(f"{PREFIX}paused")
    assert enabled(controls) == {"unpause", "stop", "kill", "restart"}
    controls.choose(f"{PREFIX}old")
    assert enabled(controls) == {"start", "restart", "remove"}
    controls.refresh(State())
    assert enabled(controls) == set()


def test_nothing_can_be_pressed_while_the_engine_does_not_answer() -> None:
    done: list[str] = []
    controls = Controls(lambda action, name: done.append(action))
    controls.refresh(recorded())
    controls.choose(f"{PREFIX}web")
    controls.refresh(replace(recorded(), connected=False, problem="gone"))
    assert enabled(controls) == set()
    pressed(controls, "stop")
    controls.refresh(recorded())
    assert "stop" in enabled(controls)
    assert not done


def test_the_choice_stays_while_its_container_does() -> None:
    controls = Controls(lambda action, name: None)
    controls.refresh(recorded())
    controls.choose(f"{PREFIX}old")
    controls.refresh(replace(recorded(), containers=recorded().containers[1:]))
    assert controls._choice.value == f"{PREFIX}old"
    controls.choose("nobody")
    assert controls._choice.value == f"{PREFIX}old"


def test_an_action_runs_aside_once_and_blocks_its_buttons() -> None:
    done, calls = threading.Event(), []

    def act(action: str, name: str) -> None:
        calls.append((action, name, threading.current_thread() is threading.main_thread()))
        done.wait(5)

    controls = Controls(act)
    controls.refresh(recorded())
    controls.choose(f"{PREFIX}web")
    pressed(controls, "stop")
    pressed(controls, "stop")
    assert enabled(controls) == set()
    done.set()
    until(lambda: enabled(controls))
    assert calls == [("stop", f"{PREFIX}web", False)]


def test_an_error_is_a_line_and_no_html() -> None:
    def act(action: str, name: str) -> None:
        raise RuntimeError("no <b>such</b>\nthing")

    controls = Controls(act)
    controls.refresh(recorded())
    controls.choose(f"{PREFIX}web")
    pressed(controls, "kill")
    until(lambda: "no " in controls._says.value)
    assert f"kill {PREFIX}web: no &lt;b&gt;such&lt;/b&gt; thing" in controls._says.value
    assert enabled(controls)


def test_a_clicked_token_is_chosen(lifecycle: Lifecycle) -> None:
    lifecycle._repr_mimebundle_()
    shown(lifecycle)._hear(None, {"pick": f"{PREFIX}paused"}, [])
    assert lifecycle._controls is not None
    assert lifecycle._controls._choice.value == f"{PREFIX}paused"
