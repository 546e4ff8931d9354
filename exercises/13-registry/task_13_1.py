from __future__ import annotations

import json
import random

from course.checks import At, Lab
from course.checks.answers import need, number_of
from course.checks.make_registry import make_program, make_registry, push
from course.checks.registry import StoreAt

NAME, PORT = "depot", 5010
APP = f"localhost:{PORT}/app"
SET = 'lab.task("13.1")'
MANIFEST = (
    "curl -s -H 'Accept: application/vnd.docker.distribution.manifest.v2+json, "
    f"application/vnd.oci.image.manifest.v1+json' localhost:{PORT}/v2/app/manifests/2"
)


def check(at: At, answer: object) -> str:
    if at.find(NAME) is None:
        at.not_attempted(f"There is no registry `{NAME}` yet. Set the stage first.", SET)
    need("13.1", answer, "the bytes that the registry stores for `app:2` alone")
    store = StoreAt(at, f"/srv/{NAME}/data")
    one, two = (store.digest("app", tag) for tag in ("1", "2"))
    if not one or not two:
        at.not_yet("One of the two tags is gone. Start over.", SET)
    old, new = store.sizes(one), store.sizes(two)
    judge(at, number_of(answer), old, new, two)
    return "What both tags need is stored once; only what `app:1` does not have came on top."


def judge(
    at: At, given: int | None, old: dict[str, int], new: dict[str, int], manifest: str
) -> None:
    added = {digest: size for digest, size in new.items() if digest not in old}
    right, own = sum(added.values()), new[manifest]
    layers = list(new)[2:]
    if given is None:
        at.not_yet("A number of bytes is wanted, without a unit.", MANIFEST)
    if given == right:
        return
    if given in (sum(new.values()), sum(new.values()) - own):
        at.not_yet("That is all that `app:2` needs. A part of it was there before.", MANIFEST)
    if given in (sum(added[one] for one in layers if one in added), max(added.values())):
        at.not_yet("That is the new layer. Which other blob does the manifest name?", MANIFEST)
    if given == right - own:
        at.not_yet("New layer and new configuration. The list that names them is stored, too.")
    if given in engine_sizes(at):
        at.not_yet(
            "That is how the engine counts: unpacked. The registry keeps layers compressed.",
            MANIFEST,
        )
    at.not_yet(
        "No. Compare the two manifests: which digests does the second name, and not the first?",
        MANIFEST,
    )


def engine_sizes(at: At) -> set[int]:
    """What may be read off the engine: each image, and the difference."""
    found = {tag: image["Size"] for image in at.client.api.images(APP) for tag in image["RepoTags"]}
    one, two = (found.get(f"{APP}:{tag}", 0) for tag in ("1", "2"))
    return {two, two - one}


def setup(lab: Lab) -> None:
    make_registry(lab, NAME, PORT)
    lab.client.images.pull("busybox", "latest")
    make_program(lab, f"{APP}:1", "busybox", random.randint(40_000, 60_000))
    make_program(lab, f"{APP}:2", f"{APP}:1", random.randint(70_000, 90_000))
    for tag in ("1", "2"):
        push(lab, f"{APP}:{tag}")


def parts(lab: Lab) -> tuple[list[int], int, list[str]]:
    """The sizes of what only `app:2` has, the manifest's last; the size of all; the digests."""
    two = lab.run(MANIFEST)[1]
    one = lab.run(MANIFEST.removesuffix("2") + "1")[1]
    named = {tag: described(body) for tag, body in (("1", one), ("2", two))}
    new = [size for digest, size in named["2"].items() if digest not in named["1"]]
    return [*new, len(two)], sum(named["2"].values()) + len(two), list(named["2"])


def described(body: bytes) -> dict[str, int]:
    found = json.loads(body)
    return {one["digest"]: one["size"] for one in [found["config"], *found["layers"]]}


def solve(lab: Lab) -> object:
    return sum(parts(lab)[0])


def all_of_it(lab: Lab) -> object:
    return parts(lab)[1]


def layer_only(lab: Lab) -> object:
    return parts(lab)[0][1]


def without_the_list(lab: Lab) -> object:
    return sum(parts(lab)[0][:-1])


def as_the_engine_counts(lab: Lab) -> object:
    two, one = (lab.client.images.get(f"{APP}:{tag}").attrs["Size"] for tag in ("2", "1"))
    return two - one


def in_words(lab: Lab) -> object:
    return "80 kB"


WRONG = (
    (all_of_it, "A part of it was there before"),
    (layer_only, "That is the new layer"),
    (without_the_list, "The list that names them"),
    (as_the_engine_counts, "how the engine counts"),
    (in_words, "without a unit"),
)
