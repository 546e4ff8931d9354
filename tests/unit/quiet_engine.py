"""A docker-py client of an engine on which nothing is, for tests of what reads it."""

from __future__ import annotations

import time
from typing import Any

from course.watch.session import CLOCK_SECONDS


class QuietEngine:
    """Answers what a session asks for; `ahead` seconds are between its clock and ours."""

    ahead = 0.0

    def __init__(self) -> None:
        self.api = self

    def _url(self, path: str) -> str:
        return path

    def _get(self, url: str, timeout: float) -> dict[str, str]:
        assert (url, timeout) == ("/info", CLOCK_SECONDS)
        told = time.gmtime(time.time() + self.ahead)
        return {"SystemTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", told)}

    def _result(self, answer: dict[str, str], json: bool) -> dict[str, str]:
        assert json
        return answer

    def info(self) -> dict[str, Any]:
        return {}

    def containers(self, **_: object) -> list[dict[str, Any]]:
        return []

    def images(self) -> list[dict[str, Any]]:
        return []

    def networks(self) -> list[dict[str, Any]]:
        return []

    def volumes(self) -> dict[str, Any]:
        return {}

    def events(self, **_: object) -> list[dict[str, Any]]:
        return []

    def close(self) -> None:
        """Has no connection."""
