"""Steps against layers: what an image's history and its RootFS tell of a build.

The history (engine API, "Get the history of an image") has an entry for each instruction, with a
size; RootFS has a digest for each layer. That an entry made no layer is not told: it is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from docker.errors import APIError

from course.watch.build import CLASSIC, MAKES_LAYERS, UNKNOWN, Build, Step, chain

Entry = Mapping[str, Any]
OURS = "LABEL dev.learning-docker."  # the kit's own labels are no step of anybody's Dockerfile
_CONTENT = re.compile(r"\b(file|dir|multi):[0-9a-f]{64}")  # the classic builder's COPY and ADD


def read_layers(api: Any, build: Build) -> Build:
    """Completes a build that is over with what its image is made of.

    Raises:
        docker.errors.APIError: The image is not there.
    """
    found = api.inspect_image(build.image or build.name)
    entries = list(reversed(api.history(found["Id"])))
    digests = tuple(found["RootFS"].get("Layers") or ())
    build = replace(build, image=found["Id"], size=found["Size"], layers=digests)
    if build.builder == CLASSIC:
        return _classic(api, build)
    return match_layers(build, entries, _base_length(api, build))


def match_layers(build: Build, entries: Sequence[Entry], base: int | None) -> Build:
    """Returns BuildKit's steps with their layers, and the instructions that it tells nothing of.

    Args:
        build: Over, with the image's layers.
        entries: The image's history, the oldest first.
        base: How many of them are the base image's; None where nobody knows.
    """
    own = _own(build, entries, base)
    return _matched(build, entries, align(entries, build.layers), own)


def image_layers(api: Any, image: str) -> Build:
    """Returns a finished image as a Build whose steps are its history.

    Raises:
        docker.errors.APIError: There is no such image.
    """
    found = api.inspect_image(image)
    entries = list(reversed(api.history(found["Id"])))
    digests = tuple(found["RootFS"].get("Layers") or ())
    layers = align(entries, digests, _counted(api, entries))
    steps = tuple(
        _entry_step(entry, layer)
        for entry, layer in zip(entries, layers, strict=True)
        if not instruction_of(entry["CreatedBy"]).startswith(OURS)
    )
    return Build(
        name=image, steps=steps, total=len(steps), image=found["Id"],
        size=found["Size"], layers=digests, is_over=True,
    )  # fmt: skip


def instruction_of(created_by: str) -> str:
    """Returns the Dockerfile's words: history wraps them in the builders' own."""
    words = _CONTENT.sub(r"\1:…", " ".join(created_by.split()))
    if words.startswith("/bin/sh -c #(nop)"):
        return words.removeprefix("/bin/sh -c #(nop)").strip()
    words = words.removesuffix("# buildkit").strip()
    if words.startswith("RUN "):
        return "RUN " + words.removeprefix("RUN ").removeprefix("/bin/sh -c ")
    if words.startswith("/bin/sh -c "):
        return "RUN " + words.removeprefix("/bin/sh -c ")
    return words or "imported file system"


def align(
    entries: Sequence[Entry], digests: Sequence[str], counts: Sequence[int | None] = ()
) -> list[str]:
    """Returns the layer's digest for each entry of a history, both the oldest first.

    "" stands for no layer, "?" for one that may be either: an entry of 0 bytes with a layer looks
    like one without. What is certain from either end is told.

    Args:
        entries: Of the history.
        digests: Of the layers.
        counts: How many layers the image has after each entry, where that is known.
    """
    grown = _grown(counts or [None] * len(entries))
    sure = [entry["Size"] > 0 or grew is True for entry, grew in zip(entries, grown, strict=True)]
    maybe = [
        not is_sure and grew is None and _may_have(entry)
        for entry, is_sure, grew in zip(entries, sure, grown, strict=True)
    ]
    spare = len(digests) - sum(sure)
    if spare == sum(maybe):
        sure, maybe = [s or m for s, m in zip(sure, maybe, strict=True)], [False] * len(maybe)
    elif spare <= 0:
        maybe = [False] * len(maybe)
    return _from_both_ends(sure, maybe, digests)


def _grown(counts: Sequence[int | None]) -> list[bool | None]:
    """Whether each entry brought a layer; None where nobody knows."""
    before = [None, *counts[:-1]]
    return [
        None if now is None or then is None else now > then
        for then, now in zip(before, counts, strict=True)
    ]


def _counted(api: Any, entries: Sequence[Entry]) -> list[int | None]:
    """The classic builder's images between are still there where they were built."""
    counts: list[int | None] = []
    for entry in entries:
        if not entry["Id"].startswith("sha256:"):
            counts.append(None)
            continue
        counts.append(len(api.inspect_image(entry["Id"])["RootFS"].get("Layers") or ()))
    return counts


def _may_have(entry: Entry) -> bool:
    verb = instruction_of(entry["CreatedBy"]).split(maxsplit=1)[0].upper()
    return verb in MAKES_LAYERS


def _from_both_ends(
    sure: Sequence[bool], maybe: Sequence[bool], digests: Sequence[str]
) -> list[str]:
    told = ["?" if is_sure or may else "" for is_sure, may in zip(sure, maybe, strict=True)]
    for way in (1, -1):
        left = list(digests)[::way]
        for index in range(len(told))[::way]:
            if maybe[index] or not left:
                break
            if sure[index]:
                told[index] = left.pop(0)
    return told


def _entry_step(entry: Entry, layer: str) -> Step:
    instruction = instruction_of(entry["CreatedBy"])
    known = "" if layer == "?" else layer
    return Step(instruction, "unknown", size=entry["Size"], layer=known, layers=int(bool(layer)))


def _base_length(api: Any, build: Build) -> int | None:
    """How many entries of the history are the base image's; None where it is not here."""
    bottom = chain(build)[0]
    if dict(build.parents).get(bottom) == UNKNOWN:
        return None
    named = [step for step in build.steps if step.verb == "FROM" and step.stage == bottom]
    reference = named[-1].base if named else "scratch"
    if reference == "scratch":
        return 0
    if not reference:
        return None  # which of several bases it is is not told: see buildkit
    try:
        return len(api.history(reference))
    except APIError:
        return None


def _own(build: Build, entries: Sequence[Entry], base: int | None) -> list[int | None]:
    """For each entry that this build wrote, the oldest first: the index of its step, or None.

    Matched from the end: the last COPY of the Dockerfile is the last COPY of the history.
    """
    stages = chain(build)
    wanted = [n for n, step in enumerate(build.steps) if step.stage in stages]
    wanted = [n for n in wanted if build.steps[n].verb in MAKES_LAYERS]
    own: list[int | None] = []
    for index in range(len(entries) - 1, -1, -1):
        if index < base if base is not None else not wanted:
            break
        verb = instruction_of(entries[index]["CreatedBy"]).split(maxsplit=1)[0].upper()
        fits = wanted and build.steps[wanted[-1]].verb == verb
        own.append(wanted.pop() if fits else None)
    return own[::-1]


def _matched(
    build: Build, entries: Sequence[Entry], layers: Sequence[str], own: Sequence[int | None]
) -> Build:
    """BuildKit's steps with their layers, and what it did not count as steps between them."""
    base = len(entries) - len(own)
    stages = chain(build)
    steps = [replace(step, is_left=True) for step in build.steps if step.stage not in stages]
    steps += [
        replace(step, size=_sum(entries[:base]), layers=sum(map(bool, layers[:base])))
        for step in build.steps
        if step.stage in stages and step.verb == "FROM"
    ]
    for at, (entry, layer, index) in enumerate(
        zip(entries[base:], layers[base:], own, strict=True)
    ):
        read = _entry_step(entry, layer)
        if index is None:
            after = (build.steps[n].stage for n in own[at:] if n is not None)
            steps.append(replace(read, state="config", stage=next(after, stages[-1])))
            continue
        known = build.steps[index]
        steps.append(replace(known, size=read.size, layer=read.layer, layers=read.layers))
    return replace(build, steps=tuple(steps), total=len(steps))


def _sum(entries: Sequence[Entry]) -> int:
    return sum(entry["Size"] for entry in entries)


def _classic(api: Any, build: Build) -> Build:
    """The classic builder keeps an image after each step, so that each can be asked."""
    steps: list[Step] = []
    before: tuple[str, ...] = ()
    stages = chain(build)
    for index, step in enumerate(build.steps):
        layers, newest, base = _image_after(api, step, build, index)
        is_left = step.stage not in stages
        if step.verb == "FROM" and step.stage in stages[1:]:  # on a stage that is drawn itself
            steps.append(replace(step, size=0))
        elif step.verb == "FROM":
            steps.append(replace(step, size=base, layers=len(layers), is_left=is_left))
        else:
            grown = len(layers) > len(before)
            layer = layers[-1] if grown else ""
            size = newest if grown else 0
            steps.append(replace(step, size=size, layer=layer, layers=int(grown), is_left=is_left))
        before = layers or before
    return replace(build, steps=tuple(steps))


def _image_after(
    api: Any, step: Step, build: Build, index: int
) -> tuple[tuple[str, ...], int, int]:
    """Layers of the image after a step, bytes of the newest entry, bytes of all."""
    if step.instruction.lower().startswith("from scratch") or not step.image:
        return (), 0, 0
    image = build.image if index == len(build.steps) - 1 else step.image
    history = api.history(image)
    layers = tuple(api.inspect_image(image)["RootFS"].get("Layers") or ())
    return layers, history[0]["Size"], _sum(history)
