"""What images.toml says: each image's reference, its recipe, and the image of the engine."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from course.errors import CourseError

HERE = Path(__file__).resolve().parent


def split(reference: str) -> tuple[str, str]:
    """Splits a reference into repository and tag; the tag is `latest` where there is none."""
    head, slash, last = reference.rpartition("/")
    name, _, tag = last.partition(":")
    return head + slash + name, tag or "latest"


def full(reference: str) -> str:
    """The reference with its tag spelled out."""
    return ":".join(split(reference))


def hub_name(reference: str) -> tuple[str, str]:
    """Repository and tag as Docker Hub's registry names them: "nginx" is "library/nginx"."""
    repository, tag = split(reference)
    return (repository if "/" in repository else f"library/{repository}"), tag


@dataclass(frozen=True)
class Listed:
    """One image that the course pulls.

    Attributes:
        reference: As on Docker Hub, with its tag.
        tags: Further tags of the same image.
        recipe: Name of the folder under recipes/, empty for a base image.
        suite: Debian release of a base image, else empty.
        args: Build arguments.
        slow: Whether its build takes so long that it is begun before others.
        files: Patterns of files of this tree that go into the build too, below `files/`.
        kit: What the kit's image is, one sentence.
        why: What the course needs it for.
        chapters: Numbers of the notebooks that pull it.
    """

    reference: str
    kit: str
    why: str
    chapters: tuple[str, ...]
    tags: tuple[str, ...] = ()
    recipe: str = ""
    suite: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    slow: bool = False

    @property
    def folder(self) -> Path:
        """Folder with the Dockerfile (of a base image: with apt's settings)."""
        return HERE / "recipes" / (self.recipe or "debian")

    @property
    def references(self) -> tuple[str, ...]:
        """All its references, the first one first."""
        repository = split(self.reference)[0]
        return (self.reference, *(f"{repository}:{tag}" for tag in self.tags))


@dataclass(frozen=True)
class Engine:
    """The image of the sandboxes' engine.

    Attributes:
        name: Its repository.
        hub: The image of Docker Hub that it is built on, `{suite}` for the release.
        suite: Debian release that is used when nobody asks for another.
        packages: What every suite installs.
        without: Files of those packages that are left out, as dpkg patterns.
        suites: Suite → `packages` and `without` of its own, `aptopt`, options for apt,
            `env`, variables of whoever works on the sandbox, and `borrowed`, packages of another
            suite, as "package/suite".
    """

    name: str
    hub: str
    suite: str
    packages: tuple[str, ...]
    without: tuple[str, ...]
    suites: Mapping[str, Mapping[str, list[str]]]


@dataclass(frozen=True)
class Inventory:
    """All of images.toml.

    Attributes:
        images: What the sandboxes can pull.
        engine: The engine image.
    """

    images: tuple[Listed, ...]
    engine: Engine

    def find(self, reference: str) -> Listed | None:
        """The image that has this reference (any of its tags), or None."""
        wanted = full(reference)
        return next((image for image in self.images if wanted in image.references), None)

    def get(self, reference: str) -> Listed:
        """The image that has this reference (any of its tags).

        Raises:
            CourseError: images.toml does not list it.
        """
        if found := self.find(reference):
            return found
        known = ", ".join(image.reference for image in self.images)
        raise CourseError(f"Looked for the image {reference!r}.", f"images.toml lists {known}.")


def _listed(entry: dict[str, Any]) -> Listed:
    lists = {key: tuple(entry.get(key, [])) for key in ("tags", "chapters", "files")}
    image = Listed(**(entry | lists | {"reference": full(entry["reference"])}))
    if bool(image.recipe) == bool(image.suite):
        raise CourseError(
            "Read images.toml.", f"{image.reference} needs either a recipe or a suite."
        )
    return image


def parse(text: str) -> Inventory:
    """Reads the text of an images.toml.

    Raises:
        CourseError: An image has both a recipe and a suite, or neither.
    """
    data = tomllib.loads(text)
    raw = data["engine"]
    lists = {key: tuple(raw[key]) for key in ("packages", "without")}
    images = tuple(_listed(entry) for entry in data["image"])
    return Inventory(images, Engine(**(raw | lists)))


@cache
def inventory() -> Inventory:
    """Reads images.toml once."""
    return parse((HERE / "images.toml").read_text(encoding="utf-8"))
