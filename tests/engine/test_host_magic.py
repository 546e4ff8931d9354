"""Both magics in a real kernel, as a notebook runs them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from course.catalogue import ROOT
from course.images.supply import Supply

Message = dict[str, Any]


class Kernel:
    """A kernel, and what came out of its last cell."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client
        self.messages: list[Message] = []

    def run(self, cell: str, seen: Callable[[Message], None] = lambda _: None) -> str:
        """Runs a cell; returns its stdout."""
        self.messages = []

        def hear(message: Message) -> None:
            self.messages.append(message)
            seen(message)

        self.client.execute_interactive(cell, output_hook=hear, timeout=60)
        return self.text("stdout")

    def text(self, name: str) -> str:
        streams = [m["content"] for m in self.messages if m["msg_type"] == "stream"]
        return "".join(stream["text"] for stream in streams if stream["name"] == name)

    def kinds(self) -> list[str]:
        """Types of the outputs, streams that follow each other as one."""
        kinds = [m["msg_type"] for m in self.messages if m["msg_type"] in OUTPUTS]
        return [kind for at, kind in enumerate(kinds) if kinds[at - 1 : at] != [kind]]

    def error(self) -> Message:
        (error,) = [m["content"] for m in self.messages if m["msg_type"] == "error"]
        return error  # type: ignore[no-any-return]


OUTPUTS = {"stream", "display_data", "execute_result", "error"}


@pytest.fixture(scope="module")
def kernel(have: Supply) -> Iterator[Kernel]:
    manager, client = start_new_kernel(cwd=str(ROOT))
    kernel = Kernel(manager, client)
    kernel.run("import course; lab = course.open('01')")
    assert not [m for m in kernel.messages if m["msg_type"] == "error"]
    yield kernel
    kernel.run("lab.close()")
    client.stop_channels()
    manager.shutdown_kernel()


def test_it_runs_on_the_labs_host(kernel: Kernel) -> None:
    assert kernel.run("%%host\ndocker version --format '{{.Server.APIVersion}}'").strip() == (
        kernel.run("print(lab.client.version()['ApiVersion'])").strip()
    )


def test_both_streams_are_one_output_in_their_order(kernel: Kernel) -> None:
    said = kernel.run("%%host\necho one; sleep .1; echo two >&2; sleep .1; echo três")
    assert said == "one\ntwo\ntrês\n"
    assert kernel.kinds() == ["stream"]
    assert kernel.text("stderr") == ""


def test_output_comes_while_the_script_runs(kernel: Kernel) -> None:
    times: list[float] = []

    def seen(message: Message) -> None:
        if message["msg_type"] == "stream":
            times.append(time.monotonic())

    assert kernel.run("%%host\necho first; sleep 1.5; echo last", seen) == "first\nlast\n"
    assert times[-1] - times[0] > 0.8


def test_a_character_may_come_in_pieces_and_bytes_may_be_none(kernel: Kernel) -> None:
    said = kernel.run(r"""%%host
printf '\342\202'; sleep .2; printf '\254 \377 \342\202'
""")
    assert said == "€ � �"


def test_a_script_that_fails_is_one_paragraph(kernel: Kernel) -> None:
    assert kernel.run("%%host\necho before; exit 3") == "before\n"
    error = kernel.error()
    assert error["ename"] == "CourseError"
    assert "exit code 3" in error["evalue"]
    assert len(error["traceback"]) == 1
    assert "Traceback" not in error["traceback"][0]


def test_a_script_may_fail_and_says_its_exit_code_last(kernel: Kernel) -> None:
    assert kernel.run("%%host --may-fail\nprintf x; exit 7") == "x\nexit code 7\n"
    assert kernel.run("%%host --may-fail\necho x") == "x\nexit code 0\n"
    assert kernel.kinds() == ["stream"]


def test_a_quiet_script_speaks_only_when_it_fails(kernel: Kernel) -> None:
    assert kernel.run("%%host --quiet\necho hello") == ""
    assert kernel.kinds() == []
    assert kernel.run("%%host --quiet\necho hello; false") == "hello\n"
    assert kernel.kinds() == ["stream", "error"]


def test_the_text_of_the_cell_is_the_script_as_it_is(kernel: Kernel) -> None:
    assert kernel.run("x = 1") == ""
    assert kernel.run("%%host\nx='a b'; echo \"{x} $x ${x#a}\" '%%'") == "{x} a b  b %%\n"


def test_a_node_that_the_lab_has_not(kernel: Kernel) -> None:
    kernel.run("%%host node7\ntrue")
    assert "node7" in kernel.error()["evalue"]


def test_an_option_that_there_is_not(kernel: Kernel) -> None:
    kernel.run("%%host --loud\ntrue")
    assert "unrecognized arguments: --loud" in kernel.text("stderr")


def test_an_interrupt_ends_the_wait_and_says_that_the_script_goes_on(kernel: Kernel) -> None:
    def interrupt(message: Message) -> None:
        if message["msg_type"] == "stream":
            kernel.manager.interrupt_kernel()

    began = time.monotonic()
    kernel.run("%%host\necho started; exec sleep 33.25", interrupt)
    assert time.monotonic() - began < 10
    assert "may go on" in kernel.error()["evalue"]
    assert len(kernel.error()["traceback"]) == 1
    assert "sleep 33.25" in kernel.run("%%host\npgrep -af '^sleep 33.25'; pkill -f '^sleep 33.25'")


def test_a_traced_cell_shows_its_calls_and_its_value(kernel: Kernel) -> None:
    kernel.run("%%trace\nx = lab.client.ping()\nx")
    assert kernel.kinds() == ["display_data", "execute_result"]
    shown, result = [m["content"]["data"] for m in kernel.messages if "data" in m["content"]]
    assert "1 call to the engine" in shown["text/plain"]
    assert "/_ping" in shown["text/html"]
    assert result["text/plain"] == "True"
    assert kernel.run("print(x)") == "True\n"


def test_a_traced_cell_that_fails_shows_its_calls_and_the_error(kernel: Kernel) -> None:
    kernel.run("%%trace\nlab.client.containers.get('nobody')")
    assert kernel.kinds() == ["display_data", "error"]
    assert "No such container: nobody" in kernel.messages[-2]["content"]["evalue"]
    assert kernel.error()["traceback"] == [
        "NotFound: the engine answered 404: No such container: nobody"
    ]


def test_the_context_manager_shows_the_same(kernel: Kernel) -> None:
    kernel.run("with lab.trace() as t:\n    lab.client.ping()")
    assert kernel.kinds() == ["display_data"]
    assert kernel.run("print(len(t.calls), t.calls[0].path)") == "1 /_ping\n"


def test_without_a_lab_it_says_what_to_do(kernel: Kernel) -> None:
    kernel.run("from course.notebook import current; current.set_current(None)")
    try:
        kernel.run("%%host\ntrue")
        assert "None is open." in kernel.error()["evalue"]
    finally:
        kernel.run("current.set_current(lab)")
