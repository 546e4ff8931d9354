"""Where images come from: Docker Hub (or what stands for it), or the offline kit."""

from __future__ import annotations

import os

import requests

from course.engine import mirror

HUB_SECONDS = 3


def hub_answers() -> bool:
    """Whether Docker Hub (or `COURSE_HUB`) answers within 3 s; takes no pull from the quota."""
    try:
        answer = requests.get(f"{mirror.hub_url()}/v2/", timeout=HUB_SECONDS)
    except requests.RequestException:
        return False
    return answer.status_code in (requests.codes.ok, requests.codes.unauthorized)


def choose(before: str | None) -> str:
    """Kit or hub: `COURSE_IMAGES` decides, else what was used before, else what is reachable."""
    asked = os.environ.get("COURSE_IMAGES", "auto")
    if asked in ("kit", "hub"):
        return asked
    return before or ("hub" if hub_answers() else "kit")
