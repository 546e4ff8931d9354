"""What `docker save` writes, as engines before and since 25 do, read back."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping

import pytest

from course.checks.image import FILE_LIMIT, ImageAt, Layer, read_layers
from course.engine.files import tar

LINK = "link to "


def saved(layers: Mapping[str, bytes]) -> io.BytesIO:
    """An image's archive: the names of its layers in order, and their archives or links."""
    manifest = [{"Config": "config.json", "RepoTags": ["x:1"], "Layers": list(layers)}]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in {"manifest.json": json.dumps(manifest).encode(), **layers}.items():
            entry = tarfile.TarInfo(name)
            if content.startswith(LINK.encode()):
                entry.type, entry.linkname = tarfile.SYMTYPE, content.decode().removeprefix(LINK)
                archive.addfile(entry)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    buffer.seek(0)
    return buffer


BASE = tar({"etc/os-release": b"Debian", "app/": b"", "app/old": b"1"})
TOP = tar({"./app/token": b"secret\n"})


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_layers_come_in_the_order_of_the_manifest(pack) -> None:
    found = read_layers(saved({"blobs/sha256/bb": pack(BASE), "blobs/sha256/aa": pack(TOP)}))
    assert [layer.files.get("/app/token") for layer in found] == [None, b"secret\n"]
    assert found[0].files["/etc/os-release"] == b"Debian"
    assert found[0].removed == frozenset()


def test_a_layer_that_an_older_engine_writes_once_and_links_to_is_found() -> None:
    found = read_layers(saved({"a1/layer.tar": TOP, "b2/layer.tar": b"link to ../a1/layer.tar"}))
    assert found[0] == found[1]
    assert found[1].files == {"/app/token": b"secret\n"}


def test_a_mark_says_what_is_gone() -> None:
    [layer] = read_layers(
        saved({"x/layer.tar": tar({"app/.wh.token": b"", "b/.wh..wh..opq": b""})})
    )
    assert layer.removed == {"/app/token", "/b/.wh..opq"}
    assert layer.files == {}


def test_of_a_big_file_the_start_is_kept() -> None:
    [layer] = read_layers(saved({"x/layer.tar": tar({"big": b"x" * (FILE_LIMIT + 1)})}))
    assert layer.files == {"/big": b"x" * FILE_LIMIT}


def seen(path: str, *layers: Layer) -> bytes | None:
    image = ImageAt(None, "x:1", {})  # type: ignore[arg-type]
    image.__dict__["layers"] = list(layers)
    return image.read(path)


OLD = Layer({"/app/a": b"old", "/b": b"b"}, frozenset())


@pytest.mark.parametrize(
    ("above", "content"),
    [
        (Layer({}, frozenset()), b"old"),
        (Layer({"/app/a": b"new"}, frozenset()), b"new"),
        (Layer({}, frozenset({"/app/a"})), None),
        (Layer({}, frozenset({"/app"})), None),
        (Layer({}, frozenset({"/app/.wh..opq"})), None),
        (Layer({}, frozenset({"/ap"})), b"old"),
        (Layer({"/app/a": b"new"}, frozenset({"/app/.wh..opq"})), b"new"),
    ],
)
def test_a_container_sees_the_topmost_that_no_mark_hides(
    above: Layer, content: bytes | None
) -> None:
    assert seen("/app/a", OLD, above) == content
    assert seen("/b", OLD, above) == b"b"
