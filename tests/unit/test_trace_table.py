from __future__ import annotations

import re
import threading
import xml.etree.ElementTree as ET
from dataclasses import replace

import docker
import pytest
import requests
from docker.errors import DockerException
from recorded import calls
from requests.exceptions import RequestException

from course.trace.call import Call
from course.trace.recorder import Recorder
from course.trace.table import COLUMNS, Trace
from course.trace.tap import _facts


def client(port: int = 1) -> docker.APIClient:
    """A client of an engine that is not there: it connects with its first call."""
    return docker.APIClient(f"tcp://127.0.0.1:{port}", version="1.45", timeout=5)


def trace_of(*shown: Call) -> Trace:
    trace = Trace(client(), show=False)
    trace._recorder._calls[:] = shown
    return trace


def test_the_frame_has_a_row_for_each_call() -> None:
    frame = trace_of(*calls("run_pulls")).frame()
    assert [frame.index.name, *frame.columns] == COLUMNS
    assert list(frame["STATUS"]) == [call.status for call in calls("run_pulls")]
    assert frame.loc[2, "PURPOSE"] == "Pulls an image from its registry."


def test_an_empty_trace_is_a_table_too() -> None:
    trace = trace_of()
    assert repr(trace) == "0 calls to the engine"
    assert list(trace.frame().columns) == COLUMNS[1:]


def test_milliseconds_can_be_told_from_the_rest() -> None:
    trace = trace_of(replace(calls("run_again")[0], ms=12.34))
    assert '<td class="ms">12.3 ms</td>' in trace._repr_html_()
    assert repr(trace).splitlines()[1].endswith(" · 12.3 ms")


def test_only_times_and_ids_differ_between_two_runs() -> None:
    def slower(call: Call) -> Call:
        return replace(call, ms=(call.ms or 0) * 17 + 1000)

    first = repr(trace_of(*calls("run_pulls")))
    second = repr(trace_of(*(slower(call) for call in calls("run_pulls"))))
    assert first != second
    assert re.sub(r"\d+\.\d ms", "", first) == re.sub(r"\d+\.\d ms", "", second)


def test_the_engines_words_are_escaped() -> None:
    evil = "<script>alert('1')</script>&\""
    call = Call(1, "GET", f"/containers/{evil}/json", status=404, ms=1.0, error=f"No {evil}")
    html = trace_of(call)._repr_html_()
    assert "<script" not in html
    assert "No &lt;script&gt;" in html
    ET.fromstring(f"<html>{html}</html>")  # every tag is closed, every text is text


def test_an_open_stream_has_no_time_yet() -> None:
    call = replace(calls("run_again")[3], ms=None)
    assert "still open" in repr(trace_of(call))
    assert trace_of(call).frame()["MS"].isna().all()


def test_a_call_that_nobody_answers_is_recorded_and_raised() -> None:
    api = client()
    with Recorder(api) as recorder, pytest.raises((RequestException, DockerException)):
        api.ping()
    (call,) = recorder.calls
    assert (call.method, call.path, call.status) == ("GET", "/_ping", None)
    assert "Connection" in call.error
    assert call.ms is not None


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        (b'{"Name": "web", "TaskTemplate": {}}', {"Name": "web", "TaskTemplate": {}}),
        (b'{"Name": "pw"}', None),
    ],
)
def test_only_of_a_service_the_spec_is_kept(spec: bytes, kept: dict[str, object] | None) -> None:
    response = requests.Response()
    response.status_code, response._content = 200, b'{"ID": "4f2a", "Spec": ' + spec + b"}"
    response.headers["Content-Type"] = "application/json"
    facts = _facts(response, stream=False)
    assert (facts["reply_id"], facts["reply_spec"]) == ("4f2a", kept)
    assert facts["reply_name"] in ("web", "pw")


def test_the_client_is_as_before_when_blocks_end_in_any_order() -> None:
    api = client()
    before = dict(vars(api))
    outer, inner = Recorder(api), Recorder(api)
    outer.__enter__()
    inner.__enter__()
    outer.__exit__()
    with pytest.raises((RequestException, DockerException)):
        api.ping()
    inner.__exit__()
    inner.__exit__()  # once too often
    assert (len(outer.calls), len(inner.calls)) == (0, 1)
    assert vars(api) == before


def test_calls_of_many_threads_are_all_recorded() -> None:
    api = client()

    def ping() -> None:
        with pytest.raises((RequestException, DockerException)):
            api.ping()

    with Recorder(api) as recorder:
        threads = [threading.Thread(target=ping) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [call.number for call in recorder.calls] == list(range(1, 21))
    assert all(call.error for call in recorder.calls)


def test_whoever_listens_hears_of_start_and_end() -> None:
    api, heard = client(), []
    recorder = Recorder(api, on_change=lambda: heard.append(recorder.calls[-1].ms))
    with recorder, pytest.raises((RequestException, DockerException)):
        api.ping()
    assert heard[0] is None
    assert heard[-1] is not None
