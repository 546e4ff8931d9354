"""Fill: Docker's data folder for the machine's engine, made beforehand where processors are fast.

An engine of the same version, in a sandbox here, takes the images in; its folder, taken out while
it is off, is what the engine in the machine starts with.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

from docker import DockerClient

from course.dev.mesh_vm.unpack import unpack
from course.engine import mirror, ownership, power
from course.engine.boot import boot
from course.engine.lease import Lease
from course.engine.sandbox import Sandbox
from course.images import archive, kit
from course.images.engine_image import ensure_engine_image
from course.images.source import made_from
from course.images.stream import follow, patient, told
from course.images.supply import Supply
from course.report import Report, silent

FOLDER = "/var/lib/docker"
PATIENCE = 600  # seconds
NO_ROOM = "Is there room on the disk?"


def contents(have: Supply) -> list[str]:
    """What `fill` puts in, in words that change when it does."""
    names = [tag.rsplit(":", 1) for tag in sorted(have.mirror.tags())]
    recipes = [(have.mirror.labels(*name) or {}).get(kit.RECIPE) for name in names]
    return [have.image, have.source, *map(str, zip(names, recipes, strict=True))]


def fill(root: Path, suite: str, have: Supply, data: Path, report: Report = silent) -> None:
    """Puts the engine image, and the data of the mirror, into a root file system.

    Args:
        root: The file system's folder.
        suite: The Debian release that it is of, and so its engine.
        have: What this machine's labs are made of.
        data: The folder of the files of the course that will drive the machine's engine.
        report: Told how far it is.

    Raises:
        CourseError: An engine refused.
    """
    image = ensure_engine_image(have.host.client, suite, report, made_from(have.source))
    report(step := "put the images into the virtual machine")
    sandbox = boot(have.host, image, None, "mesh-vm")
    lease = Lease(sandbox.client)
    try:
        with told("Made the virtual machine's images.", NO_ROOM), patient(have.host.client):
            _take_in(have, sandbox.client(PATIENCE), data)
            power.switch_off(sandbox, "the engine", "stop")
            unpack(_folder(sandbox), root / FOLDER.rpartition("/")[0].lstrip("/"))
    finally:
        lease.close()
        sandbox.stop()
    report(step, 1, 1)


def _folder(sandbox: Sandbox) -> Iterable[bytes]:
    container = sandbox.address.container
    chunks: Iterable[bytes]
    chunks, _ = sandbox.host.client.api.get_archive(container, FOLDER, chunk_size=archive.CHUNK)
    return chunks


def _take_in(have: Supply, engine: DockerClient, data: Path) -> None:
    saved = have.host.client.api.get_image(have.image, chunk_size=archive.CHUNK)
    for _ in follow(engine.api.load_image(saved)):  # type: ignore[no-untyped-call]
        pass
    with patch.dict(os.environ, {"COURSE_DATA": str(data)}):  # our names differ from place to place
        volume, labels = f"{mirror.name()}-{have.source}", ownership.labels("mirror-data")
    engine.volumes.create(volume, labels=labels)
    # Never started: a container is how one writes into a volume.
    writer = engine.containers.create(have.image, volumes=[f"{volume}:{archive.DATA}"])
    held, _ = have.mirror.container.get_archive(archive.DATA, chunk_size=archive.CHUNK)
    writer.put_archive(archive.DATA.rpartition("/")[0], held)
    writer.remove()
