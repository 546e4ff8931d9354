from __future__ import annotations

import textwrap
from pathlib import Path

import docker
import pytest
import requests

from course.catalogue import Task
from course.checks import runner
from course.checks.answers import choose, has_dots, need, number_of, text_of
from course.checks.budget import Budget, OutOfTimeError
from course.checks.events import epoch
from course.checks.hints import Ask, next_hint
from course.checks.readonly import WriteRefusedError, readonly
from course.checks.taskfile import load
from course.checks.verdict import NotAttempted, NotYet, Outcome, Verdict
from course.engine.node import Node
from course.errors import CourseError


class NoEngine:
    """A lab whose engine has gone: every call to it fails, but the check can begin."""

    def connect(self, timeout: int = 60) -> docker.DockerClient:
        return docker.DockerClient("unix:///nonexistent/docker.sock", "1.41", timeout)

    @property
    def client(self) -> docker.DockerClient:
        return self.connect()

    def run(self, script: str) -> tuple[int, bytes]:
        return 1, b""

    def node(self, name: str) -> Node:
        raise CourseError(f"Looked for {name} of the lab.", "It has none.")


def task(folder: Path, body: str, head: str = "check(at)") -> Task:
    file = folder / "task_9_9.py"
    check = f"def {head}:\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
    file.write_text(f"{check}\ndef solve(lab): pass\nWRONG = ()\n")
    return Task("9.9", "Try", "Do.", ("First.", "Then."), file)


def verdict_of(folder: Path, body: str, head: str = "check(at)", answer: object = None) -> Verdict:
    return runner.check(NoEngine(), task(folder, body, head), answer)


def test_a_check_that_returns_is_solved_and_says_what_is_right(tmp_path: Path) -> None:
    verdict = verdict_of(tmp_path, "return 'It runs.'")
    assert repr(verdict) == "✔ 9.9 Try: solved. It runs."


def test_a_check_that_says_nothing_is_solved_with_words_of_our_own(tmp_path: Path) -> None:
    assert "in the state that the task asks for" in verdict_of(tmp_path, "pass").message


def test_unmet_expectations_become_their_verdicts(tmp_path: Path) -> None:
    verdict = verdict_of(tmp_path, "at.not_yet('Wrong.', 'docker ps')")
    assert repr(verdict) == "✘ 9.9 Try: not yet. Wrong. Look: %%host\ndocker ps"
    assert not verdict.solved
    verdict = verdict_of(tmp_path, "at.not_attempted('Nothing there.')")
    assert repr(verdict) == "○ 9.9 Try: not attempted. Nothing there."


def test_an_answer_reaches_the_check_that_wants_one(tmp_path: Path) -> None:
    verdict = verdict_of(tmp_path, "return f'got {answer}'", "check(at, answer)", answer=7)
    assert verdict.message == "got 7"


def test_a_check_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    slow = task(tmp_path, "import time; time.sleep(2); return 'late'")
    verdict = runner.check(NoEngine(), slow, seconds=0.2)
    assert verdict.outcome is Outcome.NOT_YET
    assert "gave up after 0.2 s" in verdict.message


def test_a_budget_that_is_used_up_gives_up_too(tmp_path: Path) -> None:
    with pytest.raises(OutOfTimeError):
        Budget(0).left()
    assert 0 < Budget(5).left() <= 5
    body = "from course.checks.budget import Budget; Budget(0).left()"
    assert "gave up" in verdict_of(tmp_path, body).message


def test_an_engine_that_is_gone_is_one_paragraph(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"Checked task 9\.9.*engine.*Run the notebook's first"):
        verdict_of(tmp_path, "at.container('web')")


def test_a_fault_of_a_check_is_ours_and_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"KeyError: 'x' \(line 2 of task_9_9.py\).*not of your"):
        verdict_of(tmp_path, "{}['x']")


def test_what_the_lab_says_passes_through(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="Looked for node1"):
        verdict_of(tmp_path, "at.answers(99)")


@pytest.mark.parametrize("text", ["def check(", "check = 1", "raise OSError('torn')"])
def test_a_broken_task_file_is_one_paragraph(tmp_path: Path, text: str) -> None:
    broken = task(tmp_path, "pass")
    broken.file.write_text(text)
    with pytest.raises(CourseError, match=r"Loaded task 9\.9 .* fault of the course"):
        load(broken)


def test_a_missing_task_file_is_one_paragraph(tmp_path: Path) -> None:
    missing = task(tmp_path, "pass")
    missing.file.unlink()
    with pytest.raises(CourseError, match="No such file"):
        load(missing)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_checks_client_refuses_to_change_anything(method: str) -> None:
    client = readonly(NoEngine().connect())
    with pytest.raises(WriteRefusedError, match=method):
        client.api.request(method, client.api._url("/containers/create"))


def test_a_check_that_tries_to_write_is_a_fault_of_ours(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="WriteRefusedError: POST"):
        verdict_of(tmp_path, "at.client.containers.create('busybox')")


def test_a_checks_client_may_look() -> None:
    with pytest.raises(requests.ConnectionError):  # it gets as far as the missing socket
        readonly(NoEngine().connect()).api.containers()


EVIL = '<script>alert(1)</script> `<b>` & "quotes" 🐳'


def test_html_escapes_what_the_engine_said() -> None:
    shown = Verdict("3.1", EVIL, Outcome.NOT_YET, EVIL, EVIL, EVIL)._repr_html_()
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "<code>&lt;b&gt;</code>" in shown
    assert "🐳" in shown


@pytest.mark.parametrize("outcome", Outcome)
def test_no_outcome_is_told_by_colour_alone(outcome: Outcome) -> None:
    verdict = Verdict("3.1", "Try", outcome, "So.")
    shown = verdict._repr_html_()
    assert f": {outcome}</strong>" in shown
    assert any(icon in shown for icon in "✔✘○")
    assert "var(--jp-" in shown
    assert "Look:" not in shown


def test_a_note_is_shown_in_both_forms() -> None:
    verdict = Verdict("3.1", "Try", Outcome.SOLVED, "So.", note="Not recorded.")
    assert repr(verdict).endswith("So. (Not recorded.)")
    assert "Not recorded." in verdict._repr_html_()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("  7 \n", "7"),
        (7, "7"),
        (b"7\n", "7"),
        ((0, b"7\n"), "7"),
        (("apricot", 7), "('apricot', 7)"),
    ],
)
def test_answers_are_read_generously(answer: object, text: str) -> None:
    assert text_of(answer) == text


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("67,108,864", 67108864),
        (b"12\n", 12),
        ("-1", -1),
        ("max", None),
        ("1.5", None),
        ("²", None),
    ],
)
def test_numbers_are_whole(answer: object, number: int | None) -> None:
    assert number_of(answer) == number


def test_a_needed_answer_that_is_missing_is_no_attempt() -> None:
    with pytest.raises(NotAttempted, match="the engine's version") as caught:
        need("1.1", None, "the engine's version")
    assert caught.value.look == 'lab.check("1.1", answer=...)'
    need("1.1", 0, "a number")  # 0 is an answer


@pytest.mark.parametrize("answer", [..., "...", ("a", ...), {"pid", ...}, {"..."}, [("a", "…")]])
def test_dots_in_the_place_of_an_answer_are_no_attempt(tmp_path: Path, answer: object) -> None:
    verdict = verdict_of(tmp_path, "return 'right'", "check(at, answer)", answer)
    assert verdict.outcome is Outcome.NOT_ATTEMPTED
    assert "in the place of the dots" in verdict.message


@pytest.mark.parametrize("answer", [None, 0, "a...", (0, b"...\n"), {"net", "pid"}, {}])
def test_an_answer_without_dots_is_one(answer: object) -> None:
    assert not has_dots(answer)


def test_each_option_has_its_own_answer() -> None:
    choose("B)", "b", {"a": "No."})
    with pytest.raises(NotYet, match="No"):
        choose(" A. ", "b", {"a": "No."})
    with pytest.raises(NotYet, match="`z` is none of the options: a, b"):
        choose("z", "b", {"a": "No."})


def test_the_engines_times_are_read_to_the_microsecond() -> None:
    assert epoch("1970-01-01T00:00:01.250000999Z") == 1.25


def test_hints_come_one_at_a_time_and_stay(tmp_path: Path) -> None:
    asked = task(tmp_path, "pass")
    assert repr(next_hint(asked)) == "Hint 1 of 2: First."
    everything = "Hint 1 of 2: First.\nHint 2 of 2: Then.\nThere are no more hints."
    assert repr(next_hint(asked)) == everything
    assert repr(next_hint(asked)) == everything
    assert "> Hint 2 of 2: Then." in next_hint(asked)._repr_markdown_()


def test_an_ask_is_markdown_under_its_title(tmp_path: Path) -> None:
    assert Ask(task(tmp_path, "pass"))._repr_markdown_() == "**Task 9.9 · Try**\n\nDo."
