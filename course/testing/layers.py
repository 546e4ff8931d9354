"""The sanitiser's rules for what a pull and a push say of each layer."""

from __future__ import annotations

from course.testing.rule import Rule, rule

_ID = r"[0-9a-f]{12}"

LAYERS: tuple[Rule, ...] = (
    rule(
        "own-pull",
        rf"^{_ID}: (Already exists|Pull complete)$"
        rf"(?=\n(?:{_ID}: .*\n)*Digest: .*\nStatus: .* for localhost:\d+/)",
        r"{layer}: \1",
        "what came of each layer of an image that the notebook built and pushed itself: it has the "
        "same layers in every run, told from the lowest up",
    ),
    rule(
        "own-push",
        rf"(?<=\]\n)({_ID}): Preparing\n(?:\1: (?:Waiting|Pushing).*\n)*\1: Pushed$",
        "{layer}: Pushed",
        "the push of an image of one layer; of several, the order differs",
    ),
    rule(
        "pull-progress",
        r"^[0-9a-f]{12}: (?:Pulling fs layer|Waiting|Downloading|Verifying Checksum|Already exists"
        r"|Download complete|Extracting|Pull complete|Pushed|Pushing|Preparing|Mounted from"
        r"|Layer already exists)\b.*(?:\n|\Z)",
        "",
        "how many layers an image has and in which order they come depends on its source",
    ),
)
