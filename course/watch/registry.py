"""What a registry holds: repositories, tags, manifests, and the blobs that they share.

The terms are those of the OCI distribution and image specifications: a *blob* is bytes that are
named by their digest; a *manifest* is a blob that lists the blobs of one image, and an *index* one
that lists manifests, say one for each kind of processor; a *tag* is a name for a manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

CONFIG, LAYER, MANIFEST, UNKNOWN = "config", "layer", "manifest", "blob"


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that a registry stores once, however many images have them.

    Attributes:
        digest: `sha256:…`, which is its name.
        size: Bytes as stored: layers are compressed.
        kind: One of CONFIG, LAYER, MANIFEST, or UNKNOWN for what no known manifest names.
    """

    digest: str
    size: int = 0
    kind: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest, or an index.

    Attributes:
        digest: Its name.
        size: Its own bytes: it is a blob, too.
        blobs: The configuration and the layers that it names, in this order; each once.
        children: Digests of the manifests that an index names; empty for an image.
        platforms: What an index says of each of them, as "linux/amd64".
    """

    digest: str
    size: int = 0
    blobs: tuple[Blob, ...] = ()
    children: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()

    @property
    def is_index(self) -> bool:
        """Whether it names manifests, not blobs."""
        return bool(self.children)

    @property
    def itself(self) -> Blob:
        """The manifest as a blob."""
        return Blob(self.digest, self.size, MANIFEST)


@dataclass(frozen=True, slots=True)
class Tag:
    """A name for a manifest; an empty `digest` where the registry names none."""

    repository: str
    name: str
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.repository}:{self.name}"


@dataclass(frozen=True)
class Registry:
    """A registry at one moment.

    Attributes:
        address: As in the names of its images: "localhost:5000".
        scheme: How it is reached: "http" or "https"; empty before it answers.
        user: Who is logged in to it on the Docker host; empty for nobody.
        repositories: All names, also of those without a tag.
        tags: By repository and name.
        manifests: Those that tags reach, in the order of the tags, an index before its children;
            then those without a tag, which only the storage tells.
        disk: Every blob in the storage; None where nobody may look there.
        uploads: Bytes of uploads that were begun and not finished; one entry each.
        more: Whether there is more than was read.
    """

    address: str = ""
    scheme: str = ""
    user: str = ""
    repositories: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    manifests: tuple[Manifest, ...] = ()
    disk: tuple[Blob, ...] | None = None
    uploads: tuple[int, ...] = ()
    more: bool = False

    @cached_property
    def by_digest(self) -> Mapping[str, Manifest]:
        """The manifests by their digests."""
        return {manifest.digest: manifest for manifest in self.manifests}

    def tags_of(self, repository: str) -> tuple[Tag, ...]:
        """The tags of one repository."""
        return tuple(tag for tag in self.tags if tag.repository == repository)

    def reach(self, digest: str) -> Iterator[Manifest]:
        """Gives a manifest and, for an index, those that it names, as far as they are there."""
        if found := self.by_digest.get(digest):
            yield found
            # An index in an index is allowed, and rare; no registry can make a circle of digests.
            for child in found.children:
                yield from self.reach(child)

    def blobs_of(self, digest: str) -> dict[str, Blob]:
        """All that a manifest needs, itself included, by digest: what a pull of all of it takes."""
        return _unique(
            blob for found in self.reach(digest) for blob in (found.itself, *found.blobs)
        )

    def size_of(self, digest: str) -> int:
        """Bytes that a manifest needs, were it alone in the registry."""
        return sum(blob.size for blob in self.blobs_of(digest).values())

    @cached_property
    def tagged(self) -> Mapping[str, Blob]:
        """All blobs that some tag reaches, by digest."""
        return _unique(blob for tag in self.tags for blob in self.blobs_of(tag.digest).values())

    @cached_property
    def blobs(self) -> Mapping[str, Blob]:
        """The configurations and layers of all known manifests, in the order of their first use."""
        return _unique(blob for manifest in self.manifests for blob in manifest.blobs)

    @cached_property
    def untagged(self) -> tuple[Manifest, ...]:
        """Manifests in the storage that no tag reaches: a plain collection keeps them."""
        return tuple(one for one in self.manifests if one.digest not in self.tagged)

    @cached_property
    def garbage(self) -> tuple[Blob, ...]:
        """Blobs in the storage that no manifest names: what a plain collection removes."""
        held = set(self.blobs) | set(self.by_digest)
        left = (blob for blob in self.disk or () if blob.digest not in held)
        return tuple(sorted(left, key=lambda blob: (-blob.size, blob.digest)))

    def users_of(self, digest: str) -> tuple[Manifest, ...]:
        """The manifests that name a blob."""
        return tuple(one for one in self.manifests if any(b.digest == digest for b in one.blobs))

    @cached_property
    def apart(self) -> int:
        """Bytes that the tagged manifests would take, if each had its blobs for itself."""
        digests = dict.fromkeys(tag.digest for tag in self.tags)
        return sum(self.size_of(digest) for digest in digests)

    @cached_property
    def reached(self) -> int:
        """Bytes that tags reach, each blob counted once."""
        return sum(blob.size for blob in self.tagged.values())

    @cached_property
    def unreached(self) -> int:
        """Bytes in the storage that no tag reaches, unfinished uploads left out."""
        held = (blob for blob in self.disk or () if blob.digest not in self.tagged)
        return sum(blob.size for blob in held)


def _unique(blobs: Iterable[Blob]) -> dict[str, Blob]:
    found: dict[str, Blob] = {}
    for blob in blobs:
        found.setdefault(blob.digest, blob)
    return found
