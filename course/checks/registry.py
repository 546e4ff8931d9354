"""What a registry has stored, read from its folder on the lab's Docker host.

The files are those of the distribution project's registry, versions 2 and 3. A check reads them,
and not the API: it needs no port, no password and no certificate.
"""

from __future__ import annotations

import json
from typing import Any

from course.checks.expect import At

ROOT = "docker/registry/v2"


class StoreAt:
    """The storage of one registry.

    Args:
        at: The engine and its Docker host.
        folder: Of the Docker host, mounted at /var/lib/registry.
    """

    def __init__(self, at: At, folder: str) -> None:
        self._at, self._root = at, f"{folder}/{ROOT}"

    def digest(self, repository: str, tag: str) -> str:
        """Returns the digest that a tag points to; empty where there is no such tag."""
        path = f"{self._root}/repositories/{repository}/_manifests/tags/{tag}/current/link"
        return (self._at.host_file(path) or "").strip()

    def tags(self) -> list[str]:
        """Returns all tags as "repository:tag", sorted."""
        found = []
        for path in self._at.host_tree(f"{self._root}/repositories"):
            repository, mark, rest = path.partition("/_manifests/tags/")
            tag, _, file = rest.partition("/")
            if mark and file == "current/link":
                found.append(f"{repository}:{tag}")
        return sorted(found)

    def is_known(self, repository: str, digest: str) -> bool:
        """Tells whether a repository has a manifest, with a tag or without."""
        plain = digest.removeprefix("sha256:")
        folder = f"{self._root}/repositories/{repository}/_manifests/revisions/sha256"
        return self._at.host_changed(f"{folder}/{plain}/link") is not None

    def holds(self, digest: str) -> bool:
        """Tells whether a blob is on the disk."""
        return self._at.host_changed(self._path(digest)) is not None

    def sizes(self, digest: str) -> dict[str, int]:
        """Returns what an image is made of: digest → bytes; manifest, configuration, layers."""
        text = self._at.host_file(self._path(digest)) or ""
        parts: dict[str, Any] = json.loads(text) if text else {}
        named = [parts["config"], *parts["layers"]] if parts else []
        return {digest: len(text.encode())} | {one["digest"]: one["size"] for one in named}

    def _path(self, digest: str) -> str:
        plain = digest.removeprefix("sha256:")
        return f"{self._root}/blobs/sha256/{plain[:2]}/{plain}/data"
