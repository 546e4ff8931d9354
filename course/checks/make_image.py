"""What the setup of a task builds images with: a folder of files, in memory."""

from __future__ import annotations

import contextlib
import io
import textwrap
from collections.abc import Mapping

from docker.errors import ImageNotFound

from course.checks.lab import Lab
from course.engine.files import tar


def make_image(
    lab: Lab,
    reference: str,
    dockerfile: str,
    files: Mapping[str, str] | None = None,
) -> None:
    """Builds an image with the engine's classic builder.

    Args:
        lab: Where.
        reference: Its name and tag.
        dockerfile: Indented as the code around it is.
        files: What else is in the context: path → content.
    """
    context = {"Dockerfile": textwrap.dedent(dockerfile), **(files or {})}
    packed = io.BytesIO(tar({name: text.encode() for name, text in context.items()}, 0o644))
    lab.client.images.build(
        fileobj=packed, custom_context=True, tag=reference, rm=True, forcerm=True
    )


def remove_images(lab: Lab, *references: str) -> None:
    """Takes the references away, so that a task's stage can be set again."""
    for reference in references:
        with contextlib.suppress(ImageNotFound):
            lab.client.api.remove_image(reference, force=True)
