"""Streams of a cell as one text each: how the pieces were cut is an accident of buffering."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)
_ERASED = re.compile(r"[^\n]\x08")


def merge(outputs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the outputs with each stream whole, where its first piece stood, stdout first.

    Carriage returns and backspaces do what they do in a terminal, so that a progress bar is its
    last state. This is what nbclient makes of the outputs of a cell that it runs.
    """
    merged: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            merged.append(output)
        elif first := streams.get(output["name"]):
            first["text"] += _joined(output["text"])
        else:
            first = type(output)(output, text=_joined(output["text"]))  # a copy, of its own type
            merged.append(streams.setdefault(output["name"], first))
    for stream in streams.values():
        stream["text"] = _as_terminal(stream["text"])
    return _stdout_first(merged)


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _as_terminal(text: str) -> str:
    before = ""
    while text != before:
        before, text = text, _ERASED.sub("", text)
    return _OVERWRITTEN.sub("", text)


def _stdout_first(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Puts stdout before a stderr that it follows: which comes first is a matter of luck."""
    names = [output.get("name") for output in outputs]
    for index in range(len(names) - 1):
        if names[index : index + 2] == ["stderr", "stdout"]:
            outputs[index : index + 2] = outputs[index : index + 2][::-1]
    return outputs
