"""RegistryView: what a registry holds, what is shared, and what it really stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from course.views.registry_draw import balance, bar, card, headings, lost, paper, remarks, wire
from course.views.registry_layout import EDGE, TOP, WIDTH, plan, widest
from course.views.sampled import SampledView
from course.views.svg import document, text
from course.watch.frames import size
from course.watch.registry import LAYER, Blob, Registry
from course.watch.sampler import Sample

NAMED = 8  # repositories that are named in words; of more, they are counted


class RegistryView(SampledView[Registry]):
    """Repositories and tags on the left, manifests, and on the right blobs as wide as their bytes.

    Args:
        address: Of the registry, for the time before it answers.

    Attributes:
        address: The same.
    """

    title = "Registry"

    def __init__(self, address: str = "") -> None:
        self.address = address
        super().__init__()

    def empty(self) -> Sample[Registry]:
        """Returns a registry that has not answered yet."""
        return Sample(Registry(self.address), unread=True)

    @staticmethod
    def notice(sample: Sample[Registry]) -> str:
        """Returns why the registry could not be read; empty when it could."""
        return "" if sample.connected else sample.problem

    def draw(self, state: Sample[Registry]) -> str:
        """Returns the picture as SVG."""
        registry = state.value
        planned = plan(registry)
        sizes = [blob.size for blob in (*registry.blobs.values(), *registry.garbage)]
        most = widest(sizes)
        body = [*headings(registry, planned), *map(wire, planned.wires)]
        body += [card(registry, *one) for one in planned.cards]
        body += [paper(registry, *one) for one in planned.papers]
        body += [bar(registry, *one, most) for one in planned.bars]
        body += [lost(*one, most) for one in planned.garbage]
        bottom = planned.bottom + 22
        if planned.left_out or registry.more:
            count = f"{planned.left_out} more" if planned.left_out else "more"
            body.append(text(EDGE, bottom + 6, f"… and {count}, not drawn", cls="dim"))
            bottom += 26
        if registry.scheme and not registry.repositories:
            body.append(text(EDGE, TOP - 10, "It is empty.", cls="dim"))
        pieces, bottom = balance(registry, bottom)
        return document(
            [*body, *pieces], width=WIDTH, height=bottom + 14, title=self.title,
            desc=self.tell(state), notice=self.notice(state),
        )  # fmt: skip

    def tell(self, state: Sample[Registry]) -> str:
        """Returns repositories, tags, what is shared and what no tag reaches, in words."""
        registry = state.value
        if not registry.scheme:
            return f"{registry.address} has told nothing yet. {self.notice(state)}".strip()
        parts = [_where(registry), *_repositories(registry), *_blobs(registry), *remarks(registry)]
        return "; ".join([*parts, *filter(None, [self.notice(state)])])


def _where(registry: Registry) -> str:
    how = "plain HTTP" if registry.scheme == "http" else "HTTPS"
    who = f", as {registry.user}" if registry.user else ""
    return f"{registry.address} ({how}{who})"


def _repositories(registry: Registry) -> Iterator[str]:
    if not registry.repositories:
        yield "it is empty"
    for name in registry.repositories[:NAMED]:
        tags = ", ".join(tag.name for tag in registry.tags_of(name)) or "no tag"
        yield f"{name}: {tags}"
    if (rest := len(registry.repositories) - NAMED) > 0:
        yield f"{rest} more repositories"


def _blobs(registry: Registry) -> Iterator[str]:
    if registry.tags:
        kilobytes = (f"{size(max(count, 10))}" for count in (registry.apart, registry.reached))
        yield "{} if each image were by itself, {} for all".format(*kilobytes)
    together = Counter(filter(None, (_sharers(registry, blob) for blob in registry.blobs.values())))
    for users, count in together.items():
        layers = "a layer is" if count == 1 else f"{count} layers are"
        yield f"{layers} shared by {' and '.join(users[:NAMED])}"


def _sharers(registry: Registry, blob: Blob) -> tuple[str, ...]:
    """The tags of all that have a layer; none for one that a single manifest has."""
    if blob.kind != LAYER or len(registry.users_of(blob.digest)) < 2:
        return ()
    reach = (tag for tag in registry.tags if blob.digest in registry.blobs_of(tag.digest))
    return tuple(map(str, reach))
