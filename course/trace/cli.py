"""Writes the `docker` command that makes the same call."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from course.trace.call import Call
from course.trace.endpoint import Endpoint
from course.trace.flatten import flatten
from course.trace.values import FORMATS

SLOT = re.compile(r"\{([^\w|]?)([\w.]*)(?:\|([^}]*))?\}")
ID = re.compile(r"\b[0-9a-f]{64}\b")
FALSE = frozenset({"", "0", "false", "False", "none", "None"})
# What docker-py sends when you say nothing: the command says nothing then, too.
DEFAULTS = frozenset(
    {
        ("tail", "all"),
        ("limit", "-1"),
        ("dockerfile", "Dockerfile"),
        ("IPAM.Driver", "default"),
        ("ListenAddr", "0.0.0.0:2377"),
        ("CAConfig.NodeCertExpiry", "7776000000000000"),  # 90 days
    }
)
# 0 is a wish here, elsewhere "not set".
ZERO_COUNTS = frozenset({"Mode.Replicated.Replicas", "Orchestration.TaskHistoryRetentionLimit"})


def render(
    endpoint: Endpoint, call: Call, params: Mapping[str, Any], names: Mapping[str, str]
) -> str:
    """Returns the command, quoted for a shell; empty where no command makes this call.

    Args:
        endpoint: What the call is.
        call: The call itself.
        params: Values in its path, and of the call that prepared it (an exec's start).
        names: Id → name, for the objects whose names the trace knows.
    """
    values = {**flatten(call), **params}
    readable = {key: _named(value, names) for key, value in values.items()}
    filled = {"flags": _flags(endpoint, values), **readable}
    words = (SLOT.sub(lambda slot: _fill(slot, filled), word) for word in endpoint.cli.split(" "))
    return " ".join(word for word in words if word)


def _named(value: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    known = names.get(value)
    return known or ID.sub(lambda found: names.get(found[0]) or found[0][:12], value)


def _fill(slot: re.Match[str], values: Mapping[str, Any]) -> str:
    prefix, key, default = slot.groups()
    value = values.get(key)
    if value in (None, "", [], {}):
        return default or ""
    if prefix == ":" and str(value).startswith("sha256:"):
        prefix = "@"
    words = value if isinstance(value, list) else [value]
    return prefix + shlex.join(str(word) for word in words)


def _flags(endpoint: Endpoint, values: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    for key, flag in endpoint.options.items():
        if flag:
            words += _flag(key, flag, values)
    return words


def _flag(key: str, flag: str, values: Mapping[str, Any]) -> list[str]:
    if key.startswith("!"):
        value = values.get(key[1:])
        return [flag] if value is False or value in ("0", "False", "false") else []
    value = values.get(key)
    if "{" not in flag:
        return [flag] if value and str(value) not in FALSE else []
    if (not value and key not in ZERO_COUNTS) or value is None or (key, str(value)) in DEFAULTS:
        return []
    name, _, kind = flag.partition(" ")
    return [word for item in FORMATS[kind.strip("{}")](value) for word in (name, item)]
