"""What an engine refuses, told in one paragraph instead of docker-py's sixty lines."""

from __future__ import annotations

import re
from typing import Any

import requests
from docker.errors import APIError, BuildError, ContainerError, DockerException

LAST_WORDS = 3
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NO_IMAGE = re.compile(r"manifest for .* not found|repository does not exist", re.IGNORECASE)
_NO_NETWORK = re.compile(
    r"Temporary failure (?:in name resolution|resolving)|Could not resolve|bad address"
    r"|Network is unreachable|Could not connect to|Unable to connect to"
)
# What the engine says of a name that is taken, and what removes who has it.
_TAKEN = (
    (re.compile(r'container name "/?([^"]+)" is already in use'), 'container: lab.fresh("{}")'),
    (
        re.compile(r"\bnetwork (?:with name )?(\S+) already exists"),
        'network: lab.fresh(networks=["{}"])',
    ),
    (re.compile(r"\bservice (\S+) already exists"), 'service: lab.run("docker service rm {}")'),
)
_ABSENT = (
    "Look at its name and its tag. lab.status() says where this lab's images come from; "
    "`course images list` in a terminal lists those that the offline kit has."
)
_OFFLINE = (
    "This step asked for something from the internet, and did not reach it. Where there is no "
    "network, build from images that hold what you need: `course images list` in a terminal."
)
_LATE = (
    "No answer came within the timeout. What was asked for may go on all the same: look what "
    "became of it, or give it more seconds."
)
_HUNG_UP = (
    "The engine hung up while the build context was on its way to it: most often its disk is full. "
    "lab.client.df() says what fills it; a .dockerignore makes the context smaller."
)


def _told(error: Exception) -> list[str]:
    """IPython shows these lines in place of a traceback."""
    lines = [f"{type(error).__name__}: {_words(error)}"]
    return [*lines, advice] if (advice := _advice(error)) else lines


def _words(error: Exception) -> str:
    if isinstance(error, APIError) and error.explanation:
        return f"the engine answered {error.status_code}: {str(error.explanation).strip()}"
    if isinstance(error, ContainerError) and isinstance(error.stderr, bytes):
        said = error.stderr.decode(errors="replace").strip()
        return (
            f"{error.command!r} in {error.image!r} ended with exit code {error.exit_status}: {said}"
        )
    if isinstance(error, BuildError) and (said := " | ".join(_log(error)[-LAST_WORDS:])):
        return f"{error.msg.strip()}. Its last words: {said}"
    return str(error)


def _advice(error: Exception) -> str:
    if isinstance(error, BuildError) and _NO_NETWORK.search(" ".join(_log(error))):
        return _OFFLINE
    if _NO_IMAGE.search(str(error)):
        return _ABSENT
    if isinstance(error, APIError) and error.status_code == 409:
        return _taken(str(error.explanation))
    if isinstance(error, requests.Timeout) or "Read timed out" in str(error):
        return _LATE
    url = getattr(getattr(error, "request", None), "url", None) or ""
    return _HUNG_UP if isinstance(error, requests.ConnectionError) and "/build?" in url else ""


def _taken(words: str) -> str:
    for pattern, way_out in _TAKEN:
        if found := pattern.search(words):
            return f"A name belongs to one {way_out.format(found[1])} removes the old one."
    return ""


def _log(error: BuildError) -> list[str]:
    """The lines of a build; kept, because docker-py's log can be read only once."""
    messages = list(error.build_log or [])
    error.build_log = iter(messages)
    said = "".join(str(message.get("stream", "")) for message in messages)
    lines = (line.strip() for line in _COLOURS.sub("", said).splitlines())
    return [line for line in lines if line and not line.startswith(("Step ", "--->"))]


def tell_refusals() -> None:
    """From now on this kernel shows docker-py's errors as one paragraph.

    The engine's silence too, which reaches docker-py as an error of requests: of a connection,
    of a timeout, or of an answer that broke off.
    """
    kinds: tuple[Any, ...] = (DockerException, requests.RequestException)
    for kind in kinds:
        kind._render_traceback_ = _told
