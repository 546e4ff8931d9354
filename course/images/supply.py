"""Where a lab's engine and images come from, and getting them ready: `course up`."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from docker.errors import ImageNotFound

from course.engine import embedded, host, mirror, ownership
from course.engine.boot import boot
from course.engine.host import HostEngine
from course.engine.mirror import Mirror
from course.errors import CourseError
from course.images import archive, kit, room, table
from course.images.engine_image import ensure_engine_image, reference
from course.images.inventory import Listed, hub_name, inventory
from course.images.source import asked, choose, made_from
from course.report import Report, silent

NEEDED_BYTES = 3 << 30
LOADED = "loaded"  # in the record: the mirror's images came with a file


@dataclass(frozen=True)
class Supply:
    """All that a new sandbox needs.

    Attributes:
        host: The engine to nest it in.
        image: The engine image on it.
        mirror: The registry that sandboxes pull through.
    """

    host: HostEngine
    image: str
    mirror: Mirror

    @property
    def source(self) -> str:
        """Where images come from: "kit", "hub" or "room"."""
        return self.mirror.source


def _record() -> Path:
    return ownership.data_dir() / "supply.json"


def suite() -> str:
    """The Debian release that the engine image is made of.

    `COURSE_ENGINE` chooses it, for one process: other labs may have another engine meanwhile.
    """
    return os.environ.get("COURSE_ENGINE") or inventory().engine.suite


def ready() -> Supply | None:
    """What `ensure` made earlier, if all of it still runs (a few milliseconds)."""
    record = _read()
    engine = host.find() if record else None
    running = mirror.find(engine) if engine else None
    if engine is None or running is None:
        return None
    if asked() not in (None, running.source):
        return None  # another source is asked for now
    image = reference(suite(), made_from(running.source))
    try:
        engine.client.images.get(image)
    except ImageNotFound:
        return None  # the recipe of the engine image has changed, or another suite is asked for
    return Supply(engine, image, running)


def _read() -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(_record().read_text())
    except (OSError, ValueError):
        return {}
    return record


def host_engine(report: Report = silent) -> HostEngine:
    """The learner's engine; else ours, installed and started where we may.

    Raises:
        CourseError: There is none and none can be had: says what to type.
    """
    if found := host.find():
        return found
    if not shutil.which("dockerd"):
        embedded.install(report)
    return host.find() or embedded.start(report)


def _check_disk(engine: HostEngine) -> None:
    if not engine.is_local_linux:
        return
    root = Path(engine.client.info()["DockerRootDir"])
    folder = next(path for path in (root, *root.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise CourseError(
            "Looked for room for the course's images.",
            f"{folder} has {free / 1e9:.1f} GB free; {NEEDED_BYTES / 1e9:.1f} GB are needed.",
            "Free some (`docker system df` shows what Docker itself holds) and try again.",
        )


def ensure(report: Report = silent) -> Supply:
    """Gets everything ready; each part that is there already is left as it is.

    Raises:
        CourseError: A part cannot be had; says which and what to do.
    """
    if (supply := ready()) and not _lacking(supply):
        return supply
    engine = host_engine(report)
    _check_disk(engine)
    source = choose(_read().get("source"))
    image = ensure_engine_image(engine.client, suite(), report, made_from(source))
    supply = Supply(engine, image, mirror.start(engine, image, source))
    fill(supply, _lacking(supply), report)
    _remember(source)
    return supply


def build(report: Report = silent) -> Supply:
    """As `ensure`, and builds what a file brought of the kit anew where its recipe is another."""
    supply = ensure(report)
    if supply.source == "kit":
        fill(supply, kit.missing(supply.mirror.labels), report)
    return supply


def _remember(source: str, *, loaded: bool = False) -> None:
    kept = loaded or bool(_read().get(LOADED))
    _record().write_text(json.dumps({"source": source, LOADED: kept}))


def _lacking(supply: Supply) -> list[Listed]:
    """The images to build before labs can be opened.

    A file was made elsewhere, with another proxy's certificate, from another commit: what it
    brought counts as it is, for where it is needed, nothing can be built.
    """
    if supply.source != "kit":
        return []
    return kit.missing(supply.mirror.labels, outdated=not _read().get(LOADED))


def fill(supply: Supply, lacking: list[Listed], report: Report = silent) -> None:
    """Builds these images of the kit, in a sandbox, and pushes them to the mirror."""
    if not lacking:
        return
    builder = boot(supply.host, supply.image, supply.mirror, "kit")
    try:
        kit.build(
            lambda: builder.client(timeout=600),
            report=report,
            only=[image.reference for image in lacking],
            extra_ca=kit.extra_authority(),
            present=supply.mirror.labels,
        )
    finally:
        builder.stop()


def listing() -> pd.DataFrame:
    """The table of all images, with what a pull of each takes where the mirror holds it."""
    have = ready()
    if have is None:
        return table.frame(choose(_read().get("source")))
    if have.source == "hub":
        return table.frame(have.source)  # the cache would ask Docker Hub, and each answer is a pull
    names = [image.reference for image in inventory().images]
    sizes = {name: have.mirror.size(*hub_name(name)) for name in names}
    return table.frame(have.source, {name: size for name, size in sizes.items() if size})


def forget() -> None:
    """Forgets what `ensure` made; for when it has been removed."""
    shutil.rmtree(mirror.folder(), ignore_errors=True)
    _record().unlink(missing_ok=True)


def save(file: Path, report: Report = silent) -> None:
    """Writes engine image and mirror data to one file (some hundred MB).

    With Docker Hub as the source, the mirror holds what was pulled so far: the rest comes first.
    """
    have = ensure(report)
    if have.source == "hub":
        room.gather(have.host, have.image, have.mirror, report)
    archive.save(file, have.host.client, have.image, have.mirror.container, have.source, report)


def load(file: Path, report: Report = silent) -> None:
    """Loads what `save` wrote, so that no network is needed any more."""
    engine = host_engine(report)
    manifest = archive.load_engine(file, engine.client, report)
    source = "kit" if manifest.source == "kit" else "room"
    running = mirror.start(engine, manifest.engine, source)
    archive.load_mirror(file, running.container, report)
    _remember(source, loaded=True)
