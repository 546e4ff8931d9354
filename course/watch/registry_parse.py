"""Reads what a registry answers, and what its storage lists; a registry may answer anything."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from course.watch.registry import CONFIG, LAYER, Blob, Manifest

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_BLOB = re.compile(r"/blobs/sha256/[0-9a-f]{2}/([0-9a-f]{64})/data")
_REVISION = re.compile(r"/repositories/(.+)/_manifests/revisions/sha256/([0-9a-f]{64})/link")
_UPLOAD = re.compile(r"/_uploads/[^/]+/data")


@dataclass(frozen=True, slots=True)
class Storage:
    """What the files of a registry's storage tell.

    Attributes:
        blobs: Every blob.
        revisions: Repository and digest of every manifest that a repository has, tagged or not.
        uploads: Bytes of each upload that was begun and not finished.
    """

    blobs: tuple[Blob, ...]
    revisions: tuple[tuple[str, str], ...]
    uploads: tuple[int, ...]


def decoded(body: bytes) -> dict[str, Any]:
    """Returns an answer's JSON object; an empty one for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def names(body: bytes, key: str) -> list[str]:
    """Returns the list of names under `key`, sorted; none where there is no such list."""
    found = decoded(body).get(key)
    listed = found if isinstance(found, list) else []
    return sorted({name for name in listed if isinstance(name, str)})


def manifest(body: bytes) -> Manifest:
    """Returns a manifest or an index; its digest is reckoned, not taken on trust."""
    found = decoded(body)
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    children = tuple(_descriptors(found.get("manifests")))
    layers = _descriptors(found.get("layers"))
    blobs = [_blob(one, CONFIG) for one in _descriptors([found.get("config")])]
    blobs += [_blob(one, LAYER) for one in layers]
    unique = {blob.digest: blob for blob in reversed(blobs)}
    return Manifest(
        digest,
        len(body),
        tuple(reversed(unique.values())),
        tuple(str(one["digest"]) for one in children),
        tuple(map(_platform, children)),
    )


def _descriptors(found: object) -> list[dict[str, Any]]:
    """Those that name a digest, which is all that a descriptor must."""
    listed = found if isinstance(found, list) else []
    return [one for one in listed if isinstance(one, dict) and is_digest(one.get("digest"))]


def is_digest(digest: object) -> bool:
    """Tells whether it is a SHA-256 digest as registries write them."""
    return isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None


def _blob(found: dict[str, Any], kind: str) -> Blob:
    size = found.get("size")
    return Blob(found["digest"], size if isinstance(size, int) and size > 0 else 0, kind)


def _platform(found: dict[str, Any]) -> str:
    platform = found.get("platform")
    told = platform if isinstance(platform, dict) else {}
    parts = (told.get("os"), told.get("architecture"), told.get("variant"))
    return "/".join(str(part) for part in parts if part)


def storage(listing: bytes) -> Storage:
    """Reads lines of size, blank and path, as `stat -c '%s %n'` prints them."""
    blobs, revisions, uploads = [], [], []
    for size, path in _lines(listing.decode(errors="replace").splitlines()):
        if found := _BLOB.search(path):
            blobs.append(Blob(f"sha256:{found[1]}", size))
        elif found := _REVISION.search(path):
            revisions.append((found[1], f"sha256:{found[2]}"))
        elif _UPLOAD.search(path):
            uploads.append(size)
    blobs.sort(key=lambda blob: blob.digest)
    return Storage(tuple(blobs), tuple(sorted(revisions)), tuple(sorted(uploads)))


def _lines(lines: Iterable[str]) -> Iterable[tuple[int, str]]:
    for line in lines:
        size, _, path = line.partition(" ")
        if size.isdecimal():
            yield int(size), path
