"""All that a course pulls, brought into the mirror, so that it can be saved for a room."""

from __future__ import annotations

from course.catalogue import catalogue
from course.engine.boot import boot
from course.engine.host import HostEngine
from course.engine.mirror import Mirror
from course.images import hub
from course.images.inventory import full, inventory
from course.report import Report, silent


def references() -> list[str]:
    """Every reference that a chapter names, and the first one of each image of images.toml."""
    named = {full(image) for chapter in catalogue().chapters for image in chapter.images}
    return sorted(named | {image.reference for image in inventory().images})


def gather(host: HostEngine, image: str, mirror: Mirror, report: Report = silent) -> None:
    """Pulls everything once through a mirror that is a cache; what it holds is not fetched again.

    Args:
        host: The engine to nest a sandbox in.
        image: The engine image.
        mirror: The cache.
        report: Told the bytes of each layer.

    Raises:
        CourseError: A registry is out of reach, limits us, or has no such image.
    """
    puller = boot(host, image, mirror, "room")
    try:
        client = puller.client(timeout=600)
        for reference in references():
            hub.pull(client, reference, report)
        client.close()
    finally:
        puller.stop()
