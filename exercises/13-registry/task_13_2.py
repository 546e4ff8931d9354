from __future__ import annotations

import json
from typing import Any

from course.checks import At, Lab
from course.checks.make_registry import make_program, make_registry, push
from course.checks.registry import ROOT, StoreAt

NAME, PORT = "attic", 5011
TOOL = f"localhost:{PORT}/tool"
FOLDER = f"/srv/{NAME}/data"
SET = 'lab.task("13.2")'
LOOK = f'lab.registry("localhost:{PORT}", storage="{FOLDER}")'
TAGS = f"curl -s localhost:{PORT}/v2/tool/tags/list"
ACCEPT = (
    "Accept: application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.oci.image.manifest.v1+json"
)
COLLECT = "docker exec attic registry garbage-collect /etc/distribution/config.yml"


def check(at: At) -> str:
    attic = at.find(NAME)
    staged = at.host_file(f"/srv/{NAME}/stage.json")
    if attic is None or not staged:
        at.not_attempted(f"There is no registry `{NAME}` yet. Set the stage first.", SET)
    attic.running()
    stage: dict[str, Any] = json.loads(staged)
    store = StoreAt(at, FOLDER)
    check_kept(at, store, stage["new"])
    gone = [digest for digest in stage["own"] if not store.holds(digest)]
    check_name(at, store, stage["old"], gone)
    if len(gone) < len(stage["own"]):
        at.not_yet(
            "Nothing names the image any more, and its blobs are still on the disk: deleting "
            "takes the name away, not the bytes. Somebody has to collect them.",
            LOOK,
        )
    return "The blobs that only `tool:old` had are off the disk, and `tool:new` is whole."


def check_kept(at: At, store: StoreAt, kept: dict[str, list[str]]) -> None:
    ((digest, blobs),) = kept.items()
    if store.digest("tool", "new") != digest or not store.is_known("tool", digest):
        at.not_yet("`tool:new` was to stay, and it is gone. Start over.", SET)
    if not all(store.holds(blob) for blob in blobs):
        at.not_yet("`tool:new` has lost a blob that it needs: no pull would succeed.", LOOK)


def check_name(at: At, store: StoreAt, old: str, gone: list[str]) -> None:
    tagged, known = bool(store.digest("tool", "old")), store.is_known("tool", old)
    if tagged and gone:
        at.not_yet(
            "Blobs of `tool:old` are gone, and the registry still lists it: whoever pulls it now "
            "gets an error. The order is: delete, then collect.",
            TAGS,
        )
    if tagged:
        at.not_attempted("`tool:old` is still there, with all that it is made of.", TAGS)
    if known:
        at.not_yet(
            "The tag is gone, and its manifest is still there: a manifest without a tag keeps its "
            "blobs. Delete the manifest, by its digest.",
            LOOK,
        )


def setup(lab: Lab) -> None:
    make_registry(lab, NAME, PORT, STORAGE_DELETE_ENABLED="true")
    lab.client.images.pull("busybox", "latest")
    make_program(lab, f"{TOOL}:base", "busybox", 60_000)
    for tag, size in (("old", 400_000), ("new", 50_000)):
        make_program(lab, f"{TOOL}:{tag}", f"{TOOL}:base", size)
        push(lab, f"{TOOL}:{tag}")
    (old, olds), (new, news) = (manifest(lab, tag) for tag in ("old", "new"))
    own = [old, *(blob for blob in olds if blob not in news)]
    stage = json.dumps({"old": old, "own": own, "new": {new: [new, *news]}})
    lab.run(f"echo '{stage}' > /srv/{NAME}/stage.json")


def manifest(lab: Lab, tag: str) -> tuple[str, list[str]]:
    """Returns a tag's digest and the digests of its blobs."""
    store = f"{FOLDER}/{ROOT}"
    _, link = lab.run(f"cat {store}/repositories/tool/_manifests/tags/{tag}/current/link")
    digest = link.decode().strip()
    plain = digest.removeprefix("sha256:")
    found = json.loads(lab.run(f"cat {store}/blobs/sha256/{plain[:2]}/{plain}/data")[1])
    return digest, [one["digest"] for one in [found["config"], *found["layers"]]]


def delete(lab: Lab, tag: str) -> None:
    digest, _ = manifest(lab, tag)
    lab.run(f"curl -s -X DELETE localhost:{PORT}/v2/tool/manifests/{digest}")


def solve(lab: Lab) -> None:
    delete(lab, "old")
    lab.run(COLLECT)


def only_deleted(lab: Lab) -> None:
    delete(lab, "old")


def both_deleted(lab: Lab) -> None:
    delete(lab, "old")
    delete(lab, "new")
    lab.run(COLLECT)


def blobs_by_hand(lab: Lab) -> None:
    _, blobs = manifest(lab, "old")
    plain = blobs[-1].removeprefix("sha256:")
    lab.run(f"rm -rf {FOLDER}/{ROOT}/blobs/sha256/{plain[:2]}/{plain}")


def tag_by_hand(lab: Lab) -> None:
    lab.run(f"rm -rf {FOLDER}/{ROOT}/repositories/tool/_manifests/tags/old")
    lab.run(COLLECT)


def wrong_blob_by_hand(lab: Lab) -> None:
    _, blobs = manifest(lab, "new")
    delete(lab, "old")
    plain = blobs[-1].removeprefix("sha256:")
    lab.run(f"{COLLECT}; rm -rf {FOLDER}/{ROOT}/blobs/sha256/{plain[:2]}/{plain}")


WRONG = (
    (only_deleted, "takes the name away, not the bytes"),
    (both_deleted, "was to stay, and it is gone"),
    (blobs_by_hand, "still lists it"),
    (tag_by_hand, "a manifest without a tag keeps"),
    (wrong_blob_by_hand, "has lost a blob"),
)
