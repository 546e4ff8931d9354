"""Sits between docker-py and its connection, and tells recorders what passes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

_LOCK = threading.RLock()


class Listener(Protocol):
    """Whoever wants to know."""

    def begin(self, request: Any) -> int:
        """Notes a request, returns its index."""

    def update(self, index: int, **changes: Any) -> None:
        """Completes the request at `index`."""


class Tap:
    """Stands in for one session's `send`, which every request of docker-py goes through."""

    def __init__(self, send: Callable[..., Any]) -> None:
        self.send = send
        self.listeners: list[Listener] = []

    @classmethod
    def open(cls, session: Any, listener: Listener) -> None:
        """Adds a listener to the session."""
        with _LOCK:
            tap = vars(session).get("send")
            if not isinstance(tap, cls):
                tap = cls(session.send)
                session.send = tap
            tap.listeners.append(listener)

    @classmethod
    def close(cls, session: Any, listener: Listener) -> None:
        """Removes a listener; the last one takes the tap with it."""
        with _LOCK:
            tap = vars(session).get("send")
            if not isinstance(tap, cls) or listener not in tap.listeners:
                return
            tap.listeners.remove(listener)
            if not tap.listeners:
                del session.send  # the class's own method is back

    def __call__(self, request: Any, **options: Any) -> Any:
        """Sends the request and times it, for each listener there is now."""
        noted = [(listener, listener.begin(request)) for listener in list(self.listeners)]
        began = time.perf_counter()

        def tell(**changes: Any) -> None:
            for listener, index in noted:
                listener.update(index, **changes)

        try:
            response = self.send(request, **options)
        except BaseException as fault:
            tell(ms=_since(began), error=f"{type(fault).__name__}: {fault}".strip(": "))
            raise
        headers_ms = response.elapsed.total_seconds() * 1000
        facts = _facts(response, bool(options.get("stream")))
        if facts.pop("open"):
            tell(headers_ms=headers_ms, **facts)
            watch_end(response, lambda: tell(ms=_since(began)))
        else:
            tell(headers_ms=headers_ms, ms=_since(began), **facts)
        return response


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _facts(response: Any, stream: bool) -> dict[str, Any]:
    """Status, error and identity; reads the answer only where docker-py reads it whole too."""
    status = response.status_code
    facts: dict[str, Any] = {"status": status, "open": stream and status < 400}
    if facts["open"]:
        return facts
    reply = _json(response)
    if status >= 400:
        facts["error"] = str(reply.get("message") or response.reason or "")
    facts["reply_id"] = str(reply.get("Id") or reply.get("ID") or "")
    spec = _spec(reply)
    facts["reply_name"] = str(reply.get("Name") or spec.get("Name") or "").lstrip("/")
    facts["reply_spec"] = spec if "TaskTemplate" in spec else None
    return facts


def _spec(reply: dict[str, Any]) -> dict[str, Any]:
    spec = reply.get("Spec")
    return spec if isinstance(spec, dict) else {}


def _json(response: Any) -> dict[str, Any]:
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        reply = response.json()
    except ValueError:
        return {}
    return reply if isinstance(reply, dict) else {}


def watch_end(response: Any, ended: Callable[[], None]) -> None:
    """Calls `ended` once, when the response's stream is at its end or closed.

    A stream is read in one of two ways: through urllib3, which gives its connection back at the
    end, or, after an upgrade (attach, exec), from the socket under it: by docker-py itself, or
    through the buffer above it, which calls `readinto`.
    """
    once = _Once(ended)
    raw = response.raw
    release = raw.release_conn

    def released() -> None:
        release()
        once()

    raw.release_conn = released
    file = getattr(getattr(raw, "_fp", None), "fp", None)
    stream = getattr(file, "raw", None)
    for name in ("read", "readinto"):
        _watch_reads(stream, name, once)
    _watch_reads(getattr(stream, "_sock", None), "recv", once)


def _watch_reads(socket: Any, name: str, once: _Once) -> None:
    read = getattr(socket, name, None)
    if read is None:
        return

    def watched(*sizes: Any) -> Any:
        data = read(*sizes)
        if data is not None and not data:  # nothing yet is no end
            once()
        return data

    try:
        setattr(socket, name, watched)
    except AttributeError:
        return  # a plain socket takes no attributes; its stream, watched too, does


class _Once:
    """A callback that is called one time, whoever comes first."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            callback, self._callback = self._callback, None
        if callback is not None:
            callback()
