"""A recipe: what it is built from, what it depends on, and where in it a build step stands."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from course.catalogue import ROOT
from course.images import debian
from course.images.inventory import Inventory, Listed

_FROM = re.compile(r"^FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$", re.IGNORECASE)
_ARG = re.compile(r"^ARG\s+(\w+)=(\S+)\s*$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")


def instructions(dockerfile: str) -> list[tuple[int, str]]:
    """Each instruction's first line number and first line; the builder's steps, in order."""
    found, continued = [], False
    for number, line in enumerate(dockerfile.splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if not continued:
            found.append((number, text))
        continued = text.endswith("\\")
    return found


def bases(image: Listed) -> list[str]:
    """References that the recipe's FROM lines name, stages and `scratch` left out."""
    if image.suite:
        return []
    dockerfile = (image.folder / "Dockerfile").read_text(encoding="utf-8")
    return list(_bases(dockerfile, image.args))


def _bases(dockerfile: str, args: Mapping[str, str]) -> Iterator[str]:
    values: dict[str, str] = {}
    stages = {"scratch"}
    for _, line in instructions(dockerfile):
        if found := _ARG.match(line):
            values[found[1]] = args.get(found[1], found[2])
        elif found := _FROM.match(line):
            name = _VARIABLE.sub(lambda match: values.get(match[1] or match[2], ""), found[1])
            if name not in stages:
                yield name
            stages.add(found[2])


def needs(image: Listed, inventory: Inventory) -> list[Listed]:
    """The images of the list that must be there before this one is built."""
    found = (inventory.find(name) for name in bases(image))
    return [base for base in found if base is not None]


def context(image: Listed) -> dict[str, Path]:
    """Every file that goes into a build: its name there, and where it is."""
    own = {path.relative_to(image.folder).as_posix(): path for path in image.folder.rglob("*")}
    more = {
        f"files/{path.relative_to(ROOT).as_posix()}": path
        for pattern in image.files
        for path in ROOT.glob(pattern)
    }
    return {name: path for name, path in sorted((own | more).items()) if path.is_file()}


def digest(image: Listed, inventory: Inventory, extra_ca: Path | None = None) -> str:
    """A hash of all that decides what the image becomes: recipe, arguments, base, authority."""
    told = [image.references, image.kit, dict(image.args), bases(image), image.suite]
    if image.suite:
        told += [debian.arguments(image.suite), CLEAN_HOOKS]
    value = hashlib.sha256(json.dumps(told).encode())
    for name, path in context(image).items():
        value.update(name.encode() + b"\0")
        value.update(path.read_bytes())
    if image.suite and extra_ca:
        value.update(extra_ca.read_bytes())
    for base in needs(image, inventory):
        value.update(digest(base, inventory, extra_ca).encode())
    return value.hexdigest()


CLEAN_HOOKS = (
    # With the settings above apt keeps no such caches any more, so it does not clean them either.
    'rm -f "$1"/var/cache/apt/*.bin',
    'echo "kit-version: $(cat "$1/etc/debian_version")" >&2',
)
APT_CONF = "/etc/apt/apt.conf.d/docker-clean"
# Where an extra authority lands in a base, so that `update-ca-certificates` finds it.
AUTHORITY = "/usr/local/share/ca-certificates/course-extra-ca.crt"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def base_command(image: Listed, extra_ca: Path | None = None) -> list[str]:
    """The mmdebstrap command of a base image; it says Debian's version on its way."""
    hooks = [_upload(image.folder / "apt.conf", APT_CONF), *CLEAN_HOOKS]
    if extra_ca:
        hooks += [_upload(extra_ca, AUTHORITY), 'chroot "$1" update-ca-certificates >&2']
    packages = ["ca-certificates"] if extra_ca else []
    return debian.arguments(image.suite, packages, hooks=hooks)


def base_changes(extra_ca: Path | None = None) -> list[str]:
    """What the base image says besides its files (`docker import --change`).

    Python's and Node's tools each have a list of authorities of their own; these variables, which
    the images built on the base inherit, point them to the system's.
    """
    changes = ['CMD ["bash"]']
    if extra_ca:
        names = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        changes += [f"ENV {name}={BUNDLE}" for name in names]
    return changes


def _upload(file: Path, target: str) -> str:
    return f"upload {shlex.quote(str(file))} {target}"
