"""Expectations of one image: its configuration, its layers, and the files in each of them."""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, NoReturn

from docker.errors import ImageNotFound

from course.checks.expect import At
from course.checks.verdict import NotYet

SAVE_LIMIT = 96 << 20  # bytes of an image's archive that a check reads
FILE_LIMIT = 64 << 10  # bytes of a file in it that a check keeps
_WHITEOUT = ".wh."  # how a layer says that a file of the layers below is gone


@dataclass(frozen=True)
class Layer:
    """What one layer changes.

    Attributes:
        files: Absolute path → the first 64 KiB; what is no regular file has b"".
        removed: Absolute paths that it hides from the layers below.
    """

    files: dict[str, bytes]
    removed: frozenset[str]


class ImageAt:
    """One image as the engine has it at the moment of the check.

    Attributes:
        reference: As the task names it.
        attrs: What GET /images/{name}/json said.
    """

    def __init__(self, at: At, reference: str, attrs: dict[str, Any]) -> None:
        self._at, self.reference, self.attrs = at, reference, attrs

    @property
    def config(self) -> dict[str, Any]:
        """The image's defaults for its containers: Cmd, Entrypoint, User, Healthcheck and more."""
        return dict(self.attrs["Config"] or {})

    @property
    def digests(self) -> list[str]:
        """The digest of each layer's files, the base's first: the same layer has the same."""
        return list(self.attrs["RootFS"]["Layers"])

    @property
    def size(self) -> int:
        """Bytes of all its layers, as the engine counts them."""
        return int(self.attrs["Size"])

    def words(self, key: str) -> list[str]:
        """Returns `Cmd` or `Entrypoint` as a list; an empty one for none."""
        return list(self.config.get(key) or [])

    def not_yet(self, message: str, look: str = "") -> NoReturn:
        """Raises NotYet, pointing at `docker image inspect` unless told where to look."""
        raise NotYet(message, look or f"docker image inspect {self.reference}")

    @cached_property
    def layers(self) -> list[Layer]:
        """What each layer changes, the base's first (GET /images/{name}/get)."""
        archive = io.BytesIO()
        for chunk in self._at.client.api.get_image(self.reference):
            archive.write(chunk)
            if archive.tell() > SAVE_LIMIT:
                self.not_yet(
                    f"`{self.reference}` is too big to be looked through: it takes more than "
                    f"{SAVE_LIMIT >> 20} MiB.",
                    f"docker history {self.reference}",
                )
        archive.seek(0)
        return read_layers(archive)

    def read(self, path: str) -> bytes | None:
        """Returns the first 64 KiB of a file as a container of the image sees it, or None."""
        found = None
        for layer in self.layers:
            if _hidden(path, layer.removed):
                found = None
            found = layer.files.get(path, found)
        return found


def find_image(at: At, reference: str) -> ImageAt | None:
    """Returns the image with this reference, or None."""
    try:
        return ImageAt(at, reference, at.client.images.get(reference).attrs)
    except ImageNotFound:
        return None


def need_image(at: At, reference: str) -> ImageAt:
    """Expects an image with this reference.

    Raises:
        NotYet: There are images of this name, with other tags.
        NotAttempted: There is none.
    """
    found = find_image(at, reference)
    if found is None:
        _missing(at, reference)
    return found


def _missing(at: At, reference: str) -> NoReturn:
    name = reference.rsplit(":", 1)[0]
    others = [tag for image in at.client.api.images(name) for tag in image["RepoTags"] or []]
    if others:
        at.not_yet(f"There is `{sorted(others)[0]}`, but no image `{reference}`.", "docker images")
    at.not_attempted(f"There is no image `{reference}` yet.", "docker images")


def read_layers(archive: IO[bytes]) -> list[Layer]:
    """Reads what `docker save` writes, of any engine: manifest.json names the layers in order."""
    with tarfile.open(fileobj=archive) as tar:
        manifest = json.loads(_content(tar, "manifest.json"))
        return [_layer(_content(tar, name)) for name in manifest[0]["Layers"]]


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.getmember(name)
    if member.issym():  # before engine 25, a layer that two images share is a link
        name = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
    stream = tar.extractfile(name)
    assert stream is not None, name
    return stream.read()


def _layer(packed: bytes) -> Layer:
    files: dict[str, bytes] = {}
    removed = set()
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:  # gzip too, where an engine keeps it
        for member in tar:
            path = "/" + member.name.removeprefix("./").strip("/")
            folder, name = posixpath.split(path)
            if name.startswith(_WHITEOUT):
                removed.add(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
            else:
                files[path] = _start(tar, member)
    return Layer(files, frozenset(removed))


def _start(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member) if member.isfile() else None
    return stream.read(FILE_LIMIT) if stream else b""


def _hidden(path: str, removed: Iterable[str]) -> bool:
    # ".wh..wh..opq" hides all that was in its folder: after removeprefix its name is ".wh..opq".
    folders = [gone.removesuffix("/.wh..opq") for gone in removed]
    return any(path == gone or path.startswith(f"{gone}/") for gone in folders)
