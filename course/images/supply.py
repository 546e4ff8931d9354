"""Where a lab's engine and images come from, and getting them ready: `course up`."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
from docker.errors import ImageNotFound

from course.engine import embedded, host, mirror, ownership, sandbox
from course.engine.host import HostEngine
from course.engine.mirror import Mirror
from course.errors import CourseError
from course.images import kit, recipe
from course.images.engine_image import ensure_engine_image
from course.images.inventory import inventory, split
from course.report import Report, silent

HUB_SECONDS = 3
NEEDED_BYTES = 3 << 30


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
        """Where images come from: "kit" or "hub"."""
        return self.mirror.source


def _record() -> Path:
    return ownership.data_dir() / "supply.json"


def suite() -> str:
    """The Debian release of the kit's engine image: `COURSE_ENGINE`, else trixie's."""
    return os.environ.get("COURSE_ENGINE", "trixie")


def ready() -> Supply | None:
    """What `ensure` made earlier, if all of it still runs (a few milliseconds)."""
    try:
        record = json.loads(_record().read_text())
    except (OSError, ValueError):
        return None
    engine = host.find()
    running = mirror.find(engine) if engine else None
    if engine is None or running is None or record.get("suite") != suite():
        return None
    try:
        engine.client.images.get(record["image"])
    except ImageNotFound:
        return None
    return Supply(engine, record["image"], running)


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


def hub_answers() -> bool:
    """Whether Docker Hub (or `COURSE_HUB`) answers within 3 s; takes no pull from the quota."""
    try:
        answer = requests.get(f"{mirror.hub_url()}/v2/", timeout=HUB_SECONDS)
    except requests.RequestException:
        return False
    return answer.status_code in (requests.codes.ok, requests.codes.unauthorized)


def choose_source() -> str:
    """Kit or hub: `COURSE_IMAGES` decides, else what was used before, else what is reachable."""
    asked = os.environ.get("COURSE_IMAGES", "auto")
    if asked in ("kit", "hub"):
        return asked
    try:
        return str(json.loads(_record().read_text())["source"])
    except (OSError, ValueError, KeyError):
        return "hub" if hub_answers() else "kit"


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
    if (supply := ready()) and _is_filled(supply):
        return supply
    engine = host_engine(report)
    _check_disk(engine)
    source = choose_source()
    image = _engine_image(engine, source, report)
    registry = image if source == "kit" else _registry_image(engine, report)
    supply = Supply(engine, image, mirror.start(engine, registry, source))
    if source == "kit":
        fill(supply, report)
    record = {"source": source, "suite": suite(), "image": image, "machine": platform.machine()}
    _record().write_text(json.dumps(record))
    return supply


def _engine_image(engine: HostEngine, source: str, report: Report) -> str:
    if source == "kit":
        return ensure_engine_image(engine.client, suite(), report)
    from course.images import adopt
    return adopt.engine_image(engine.client, report)


def _is_filled(supply: Supply) -> bool:
    return supply.source == "hub" or not missing(supply.mirror)


def recipe_in(registry: Mirror) -> Callable[[str], str | None]:
    """Asks a mirror: reference → hash of the recipe its image was made from, or None."""

    def present(reference: str) -> str | None:
        name, tag = split(reference)
        repository = name if "/" in name else f"library/{name}"
        labels = registry.labels(repository, tag) or {}
        return labels.get(f"{ownership.LABEL}.recipe")

    return present


def missing(registry: Mirror) -> list[str]:
    """References of images.toml that the mirror does not hold, or holds from an older recipe."""
    present, shelf, authority = recipe_in(registry), inventory(), kit.extra_authority()
    return [
        image.reference
        for image in shelf.images
        if present(image.reference) != recipe.digest(image, shelf, authority)
    ]


def fill(supply: Supply, report: Report = silent) -> None:
    """Builds what the mirror lacks of the kit, in a sandbox, and pushes it to the mirror."""
    lacking = missing(supply.mirror)
    if not lacking:
        return
    builder = sandbox.boot(supply.host, supply.image, supply.mirror, "kit")
    try:
        kit.build(
            lambda: builder.client(timeout=600),
            report=report,
            only=lacking,
            extra_ca=kit.extra_authority(),
            present=recipe_in(supply.mirror),
        )
    finally:
        builder.stop()


def forget() -> None:
    """Forgets what `ensure` made; for when it has been removed."""
    _record().unlink(missing_ok=True)


def save(file: Path, report: Report = silent) -> None:
    """Writes engine image and mirror data to one file (about 400 MB)."""
    have = ensure(report)
    from course.images import archive
    archive.save(file, have.host.client, have.image, have.mirror.container, report)


def load(file: Path, report: Report = silent) -> None:
    """Loads what `save` wrote, so that no network is needed any more."""
    from course.images import archive
    engine = host_engine(report)
    image = archive.load_engine(file, engine.client, report)
    running = mirror.start(engine, image, "kit")
    archive.load_mirror(file, running.container, report)


def _registry_image(engine: HostEngine, report: Report) -> str:
    from course.images import adopt
    return adopt.registry_image(engine.client, report)
