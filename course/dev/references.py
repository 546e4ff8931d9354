"""Which images the code of a notebook uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

# Methods of docker-py whose first argument (or `image`) is an image that must be there.
_USES = frozenset(
    {"containers.run", "containers.create", "images.pull", "images.get_registry_data"}
)
_BASE = "docker.io/library/"


def foreign_images(
    cells: Iterable[tuple[str, str]], known: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yields cell id and image for each image that is neither known nor made in the notebook.

    Only texts in the code count; a name in a variable is whatever the notebook put there. Cells
    that are no Python (`%%host`) are passed over: what they name, the engine checks.

    Args:
        cells: Id and source of each code cell.
        known: References that may be used.
    """
    trees = [(cell, tree) for cell, source in cells if (tree := _parse(source))]
    made = {name for _, tree in trees for name in _made(tree)}
    allowed = {_full(name) for name in {*known, *made}}
    for cell, tree in trees:
        for image in _used(tree):
            if _full(image) not in allowed:
                yield cell, image


def _parse(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic
        return None


def _full(reference: str) -> str:
    """Returns a reference with its tag, as the engine reads it; a digest is of a known image."""
    name = reference.removeprefix(_BASE).split("@")[0]
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yields the last two names of what is called ("containers.run"), and the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            first = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield f"{first}.{node.func.attr}", node


def _used(tree: ast.Module) -> Iterator[str]:
    for name, call in _calls(tree):
        if name in _USES:
            tag = _texts(call, "tag") if name == "images.pull" else []
            for image in [
                *_text(call.args[:1]),
                *_texts(call, "image"),
                *_texts(call, "repository"),
            ]:
                yield f"{image}:{tag[0]}" if tag else image


def _made(tree: ast.Module) -> Iterator[str]:
    """Yields what the notebook tags: `images.build(tag=…)`, `image.tag(…)`, `commit(…)`.

    And `build(tag, …)`, which chapters define for themselves.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "build":
            yield from _text(node.args[:1])
    for name, call in _calls(tree):
        method = name.rsplit(".", 1)[-1]
        if method == "build":
            yield from _texts(call, "tag")
        elif method in {"tag", "commit"}:
            repository = [*_text(call.args[:1]), *_texts(call, "repository")]
            tag = [*_text(call.args[1:2]), *_texts(call, "tag")]
            yield from (f"{one}:{tag[0]}" if tag else one for one in repository)


def _texts(call: ast.Call, keyword: str) -> list[str]:
    return _text([given.value for given in call.keywords if given.arg == keyword])


def _text(nodes: Iterable[ast.expr]) -> list[str]:
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]
