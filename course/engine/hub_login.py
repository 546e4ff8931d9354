"""The learner's own login to Docker Hub, for the cache: an account has a limit of its own."""

from __future__ import annotations

import json
import warnings
from typing import Any

from docker import auth
from docker.errors import DockerException


def credentials() -> tuple[str, str] | None:
    """User name and password (or token) that `docker login` stored for Docker Hub, if any.

    They are read from the credentials file or the credential helper that it names.
    """
    found: dict[str, Any]
    try:
        with warnings.catch_warnings(action="ignore"):  # of a helper that is not there
            config: Any = auth.load_config()
            found = config.resolve_authconfig() or {}
    except (DockerException, OSError):  # that same helper
        return None
    folded = {key.lower(): value for key, value in found.items()}  # a helper writes Username
    user, password = folded.get("username"), folded.get("password")
    return (user, password) if user and password else None


def proxy(url: str) -> str:
    """The lines of a registry's configuration that make it a cache of Docker Hub.

    Args:
        url: Where Docker Hub is, as the registry reaches it.
    """
    settings = {"remoteurl": url}
    if login := credentials():
        settings |= {"username": login[0], "password": login[1]}
    return f"proxy: {json.dumps(settings)}\n"  # JSON is YAML
