from __future__ import annotations

import io
import json
import secrets
import tarfile

from course.checks import At, Lab, NotAttempted
from course.checks.answers import need, text_of
from course.checks.image import ImageAt, find_image
from course.checks.make_image import make_image, remove_images

IMAGE = "vault:1"
TOKEN, PROOF = "/app/token", "/app/proof"
SET = 'lab.task("7.3")'
DOCKERFILE = """
    FROM busybox
    WORKDIR /app
    COPY token .
    RUN sha256sum < token > proof
    RUN rm token
    CMD ["cat", "proof"]
    """


def check(at: At, answer: object) -> str:
    vault = find_image(at, IMAGE)
    token = secret_of(vault) if vault else None
    if vault is None or token is None:
        raise NotAttempted(f"The image `{IMAGE}` is not there, or not as it was.", SET)
    need("7.3", answer, "the secret, which is one line of text")
    given = text_of(answer)
    if given != token:
        say_what_it_is(at, vault, given)
    return "There it is. What a layer has held, everybody who has the image can read."


def secret_of(vault: ImageAt) -> str | None:
    found = [layer.files[TOKEN] for layer in vault.layers if layer.files.get(TOKEN)]
    return found[0].decode().strip() if found else None


def say_what_it_is(at: At, vault: ImageAt, given: str) -> None:
    look = "docker history --no-trunc vault:1"
    if given in (vault.read(PROOF) or b"").decode().split():
        at.not_yet(
            f"That is what `{PROOF}` says: a checksum of the secret, and not the secret.", look
        )
    if given.rsplit("/", 1)[-1] == "token":
        at.not_yet("That is the name of the file. What was in it?", look)
    if "#(nop)" in given or given.startswith(("COPY", "RUN")):
        at.not_yet(
            "That is the step that brought the secret. The history has the steps, the layers "
            "have the files.",
            look,
        )
    at.not_yet(
        "That is not the secret. One step copied a file into the image, and a later one removed "
        "it: look into the layer of the first.",
        look,
    )


def setup(lab: Lab) -> None:
    remove_images(lab, IMAGE)
    make_image(lab, IMAGE, DOCKERFILE, {"token": f"anchor-{secrets.token_hex(6)}\n"})


def solve(lab: Lab) -> str | None:
    archive = io.BytesIO(b"".join(lab.client.images.get(IMAGE).save()))
    with tarfile.open(fileobj=archive) as image:
        for name in json.load(image.extractfile("manifest.json"))[0]["Layers"]:  # type: ignore[arg-type]
            with tarfile.open(fileobj=image.extractfile(name)) as layer:
                if "app/token" in layer.getnames():
                    return layer.extractfile("app/token").read().decode()  # type: ignore[union-attr]
    return None


def the_proof(lab: Lab) -> object:
    return lab.client.containers.run(IMAGE, remove=True).split()[0]


def the_name(lab: Lab) -> object:
    return "/app/token"


def the_step(lab: Lab) -> object:
    return lab.client.images.get(IMAGE).history()[3]["CreatedBy"]


def of_another_try(lab: Lab) -> object:
    old = solve(lab)
    setup(lab)
    return old


WRONG = (
    (the_proof, "a checksum of the secret"),
    (the_name, "the name of the file"),
    (the_step, "the step that brought"),
    (of_another_try, "That is not the secret"),
)
