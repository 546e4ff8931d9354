"""One file for a room without a network: the engine image and all that the mirror holds.

A tar of three files: `manifest.json`, `engine.tar.gz` (as `docker save` writes it) and
`registry.tar` (the mirror's data, compressed already).
"""

from __future__ import annotations

import json
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import docker
from docker.models.containers import Container

from course.errors import CourseError
from course.images.stream import follow, patient, told
from course.report import Report, silent

FORMAT = 1
MANIFEST, ENGINE, REGISTRY = "manifest.json", "engine.tar.gz", "registry.tar"
DATA = "/var/lib/registry"
CHUNK = 1 << 20
_SAVE_AGAIN = "Get the file again, or save it again with `course images save FILE`."
_NO_ROOM = "Is there room on the disk?"


@dataclass(frozen=True)
class Manifest:
    """What is in the file.

    Attributes:
        format: Number of this layout.
        architecture: As the engine names it, "amd64" or "arm64".
        engine: Reference of the engine image.
        docker: Version of the engine that it was saved from.
        images: `repository:tag` of all that the mirror holds.
        bytes: Size of the engine image when unpacked, and of the mirror's data.
        source: Where the images came from, "kit", "hub" or "room".
    """

    format: int
    architecture: str
    engine: str
    docker: str
    images: list[str]
    bytes: dict[str, int]
    source: str = "kit"


def save(
    file: Path,
    host: docker.DockerClient,
    engine_ref: str,
    mirror_container: Container,
    source: str,
    report: Report = silent,
) -> Manifest:
    """Writes the engine image and the mirror's data to a file.

    Args:
        file: To write; it appears under its name only when it is whole.
        host: The engine that holds both.
        engine_ref: Reference of the engine image.
        mirror_container: The running mirror.
        source: Where its images came from.
        report: Told the bytes of each part.

    Raises:
        CourseError: The engine or the disk refused.
    """
    part = file.with_name(file.name + ".part")
    with told(f"Saved the images to {file}.", _NO_ROOM), patient(host):
        try:
            with tarfile.open(part, "w", format=tarfile.GNU_FORMAT) as tar:
                manifest = _manifest(host, engine_ref, mirror_container, source)
                _write(tar, manifest, host.api.get_image(engine_ref), mirror_container, report)
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    return manifest


def _manifest(host: docker.DockerClient, engine: str, mirror: Container, source: str) -> Manifest:
    image = host.images.get(engine)
    images, used = _held(mirror)
    sizes = {"engine": int(image.attrs["Size"]), "registry": used}
    version = str(host.version()["Version"])
    return Manifest(FORMAT, image.attrs["Architecture"], engine, version, images, sizes, source)


def _write(
    tar: tarfile.TarFile, manifest: Manifest, image: Any, mirror: Container, report: Report
) -> None:
    _add(tar, MANIFEST, [json.dumps(asdict(manifest), indent=1).encode()])
    sizes = manifest.bytes
    saved = _counted(image, "save the engine image", sizes["engine"], report)
    _add(tar, ENGINE, _gzip(saved))
    data, _ = mirror.get_archive(DATA, chunk_size=CHUNK)
    _add(tar, REGISTRY, _counted(data, "save the images", sizes["registry"], report))


def _held(mirror: Container) -> tuple[list[str], int]:
    """Which tags the mirror holds, and the KiB of its data as bytes."""
    root = f"{DATA}/docker/registry/v2/repositories"
    script = f"cd {root} && find . -path '*/_manifests/tags/*' -name current; du -sk {DATA}"
    code, output = mirror.exec_run(["sh", "-c", script])
    assert isinstance(output, bytes)  # an iterator only where one asks for a stream
    if code != 0:
        raise CourseError("Listed what the mirror holds.", output.decode(errors="replace").strip())
    *links, total = output.decode().splitlines()
    return sorted(map(_reference, links)), int(total.split()[0]) * 1024


def _reference(link: str) -> str:
    repository, _, tag = link.removeprefix("./").partition("/_manifests/tags/")
    return f"{repository}:{tag.removesuffix('/current')}"


def _add(tar: tarfile.TarFile, name: str, chunks: Iterable[bytes]) -> None:
    """Adds a file whose size is not known yet: its header is written again when it is."""
    out = tar.fileobj
    assert out is not None
    info = tarfile.TarInfo(name)
    info.mtime = time.time()
    begin = out.tell()
    tar.addfile(info)
    for chunk in chunks:
        info.size += len(chunk)
        out.write(chunk)
    out.write(b"\0" * (-info.size % tarfile.BLOCKSIZE))
    tar.offset = out.tell()
    out.seek(begin)
    out.write(info.tobuf(tarfile.GNU_FORMAT))
    out.seek(tar.offset)


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS | 16)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def _counted(chunks: Iterable[bytes], step: str, total: int, report: Report) -> Iterator[bytes]:
    done = 0
    for chunk in chunks:
        done += len(chunk)
        report(step, min(done, total - 1), total)  # the size is an estimate: it ends below
        yield chunk
    report(step, total, total)


def read_manifest(file: Path, architecture: str | None = None) -> Manifest:
    """Reads what is in a file.

    Args:
        file: Written by `save`.
        architecture: Of the engine that is to load it; not checked if None.

    Raises:
        CourseError: It is no such file, it is cut off, or for another architecture.
    """
    with _opened(file) as tar:
        missing = {MANIFEST, ENGINE, REGISTRY} - set(tar.getnames())
        if missing:
            raise CourseError(f"Read {file}.", f"It lacks {', '.join(missing)}.", _SAVE_AGAIN)
        manifest = _parsed(file, _member(tar, MANIFEST))
    if manifest.format != FORMAT:
        raise CourseError(f"Read {file}.", f"It has format {manifest.format}.", _SAVE_AGAIN)
    if architecture and manifest.architecture != architecture:
        raise CourseError(
            f"Read {file}.",
            f"It is for {manifest.architecture}, and the engine here is {architecture}.",
            "Save one on a machine of this architecture.",
        )
    return manifest


def _parsed(file: Path, source: IO[bytes]) -> Manifest:
    try:
        return Manifest(**json.load(source))
    except (ValueError, TypeError) as error:
        raise CourseError(
            f"Read {file}.", f"Its manifest is broken: {error}.", _SAVE_AGAIN
        ) from error


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:") as tar:
            yield tar
    except (OSError, tarfile.TarError) as error:
        raise CourseError(f"Read {file}.", f"It cannot be read: {error}.", _SAVE_AGAIN) from error


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    source = tar.extractfile(name)
    assert source is not None  # only of a folder or a device
    return source


def load_engine(file: Path, host: docker.DockerClient, report: Report = silent) -> Manifest:
    """Loads the engine image (POST /images/load); returns what the file says of itself.

    Raises:
        CourseError: The file is not for this engine, or the engine refused it.
    """
    manifest = read_manifest(file, _architecture(host))
    step = "load the engine image"
    with _opened(file) as tar, told(f"Loaded {file}.", _NO_ROOM), patient(host):
        source = _read(_member(tar, ENGINE), step, tar.getmember(ENGINE).size, report)
        messages: Iterator[dict[str, Any]] = host.api.load_image(source)  # type: ignore[no-untyped-call]
        for _ in follow(messages):
            pass
    return manifest


def load_mirror(file: Path, mirror_container: Container, report: Report = silent) -> list[str]:
    """Puts the mirror's data into its container; returns the references that it then holds.

    Raises:
        CourseError: The file is damaged, or the engine refused it.
    """
    manifest = read_manifest(file)
    step = "load the images"
    with _opened(file) as tar, told(f"Loaded {file}.", _NO_ROOM):
        source = _read(_member(tar, REGISTRY), step, tar.getmember(REGISTRY).size, report)
        # The archive begins with the folder itself: it belongs into the folder's parent.
        mirror_container.put_archive(DATA.rpartition("/")[0], source)
    return manifest.images


def _read(source: IO[bytes], step: str, total: int, report: Report) -> Iterator[bytes]:
    chunks = iter(lambda: source.read(CHUNK), b"")
    return _counted(chunks, step, total, report)


def _architecture(host: docker.DockerClient) -> str:
    return str(host.version()["Arch"])
