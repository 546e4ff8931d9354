"""Where images come from: the offline kit, Docker Hub, or one file that a room was given.

- *kit*: images built from Debian packages.
- *hub*: Docker Hub, or what stands for it, through a cache.
- *room*: Docker Hub's images out of a file (`course images save`), without any network.
"""

from __future__ import annotations

import os

import requests

from course.engine import mirror
from course.errors import CourseError

HUB_SECONDS = 3


def hub_answers() -> bool:
    """Whether Docker Hub (or `COURSE_HUB`) answers within 3 s; takes no pull from the quota."""
    try:
        answer = requests.get(f"{mirror.hub_url()}/v2/", timeout=HUB_SECONDS)
    except requests.RequestException:
        return False
    return answer.status_code in (requests.codes.ok, requests.codes.unauthorized)


def asked() -> str | None:
    """What `COURSE_IMAGES` says: "kit", "hub" or "room"; None where it leaves the choice to us.

    Raises:
        CourseError: It says something else.
    """
    said = os.environ.get("COURSE_IMAGES") or "auto"
    if said not in ("kit", "hub", "room", "auto"):
        raise CourseError(
            f"Looked for the image source {said!r}, named by COURSE_IMAGES.",
            "There are kit, hub, room and auto.",
            "Correct the variable, or unset it.",
        )
    return None if said == "auto" else said


def choose(before: str | None) -> str:
    """Kit, hub or room: what is asked for, else what was used before, else what is reachable."""
    return asked() or before or ("hub" if hub_answers() else "kit")


def made_from(source: str) -> str:
    """What the engine image of a source is made from: "kit" or "hub"."""
    return "kit" if source == "kit" else "hub"
