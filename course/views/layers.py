"""Layers: the steps of a Dockerfile against the layers that they make, while they make them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

import pandas as pd
from IPython.display import display

from course.errors import CourseError
from course.views.build_column import GUTTER, Place, draw_build, tell_build
from course.views.svg import document, path, text
from course.views.view import WIDGET, View
from course.watch.build import Build, shared_layers
from course.watch.builds import Builds, SideBySide, steps_frame
from course.watch.recorder import Source

WIDTH = 960.0
MARGIN = 24.0
DRAWN = 3  # builds; in more columns no instruction could be read
PATIENCE = 600.0  # seconds


class Layers(View[Builds]):
    """One build, or several side by side: each step as it comes, cached or built, and its layer.

    Displayed, the picture grows while the build goes on, and the cell ends with the build: the
    next cell finds the image. A build that fails raises nothing; the picture shows the step and
    says what the builder said.

    Args:
        recorders: What reads the builds.
        wait: Seconds that a display waits for their end; they go on, and so does the picture.

    In a notebook::

        first = lab.client.api.build(path="redis-image", tag="redis:mine", decode=True)
        view = lab.layers(first)        # the classic builder, through docker-py
        view                            # or just lab.layers(first) as a cell's last line

        lab.layers(lab.buildkit("docker build -t redis:mine redis-image"))
        lab.layers(first, second)       # side by side: layers that both have are tied
        lab.layers_of("redis:mine", "redis:small")   # finished images, from their history

        view.steps()                    # a pandas table
        view.image                      # the image's id
    """

    title = "Layers"

    def __init__(self, recorders: Sequence[Source] = (), wait: float = PATIENCE) -> None:
        super().__init__()
        self._recorders, self._wait = tuple(recorders), wait
        if recorders:
            self.attach(SideBySide(recorders))

    def empty(self) -> Builds:
        """Returns no build."""
        return Builds()

    def wait(self, seconds: float = PATIENCE) -> Self:
        """Waits until all builds are over, well or badly; returns the view.

        Raises:
            CourseError: One of them goes on after `seconds`; it says at which step.
        """
        deadline = time.monotonic() + seconds
        for recorder in self._recorders:
            recorder.wait(max(deadline - time.monotonic(), 0))
        self._settled()
        return self

    @property
    def builds(self) -> tuple[Build, ...]:
        """The builds as they are now, from left to right."""
        return tuple(recorder.state for recorder in self._recorders)

    @property
    def image(self) -> str:
        """Id of the image that the last build made, `sha256:…`; empty if there is none (yet)."""
        return self.builds[-1].image if self.builds else ""

    @property
    def problem(self) -> str:
        """Why builds failed: a paragraph and the step's last words each; empty if none did."""
        told = ("\n".join([build.explain(), *_last_words(build)]) for build in self.builds)
        return "\n\n".join(words for words in told if words)

    def steps(self) -> pd.DataFrame:
        """The steps as a table.

        Returns:
            Columns step, instruction, cached, seconds, size and layer; with several builds, the
            column build first.
        """
        return steps_frame(self.builds)

    def draw(self, state: Builds) -> str:
        """Returns the first three builds side by side as SVG, and the names of the others."""
        builds = state.builds[:DRAWN]
        count = max(len(builds), 1)
        wide = (WIDTH - 2 * MARGIN - (count - 1) * GUTTER) / count
        shared = shared_layers(state.builds)
        most = max((step.size or 0 for build in builds for step in build.steps), default=0)
        body: list[str] = []
        bottom, columns = 90.0, []
        for number, build in enumerate(builds):
            x = MARGIN + number * (wide + GUTTER)
            column = draw_build(build, x, wide, shared, most, f"build {number + 1}")
            body += column.pieces
            columns.append(column)
            bottom = max(bottom, column.bottom)
        for number, (left, right) in enumerate(pairwise(columns)):
            body += _ties(left.places, right.places, f"tie-{number}" if number else "tie")
        if not builds:
            body.append(text(MARGIN, 40, "No build yet.", cls="dim"))
        if rest := _names(state.builds)[DRAWN:]:
            bottom += 22
            told = f"… and {len(rest)} more: {', '.join(rest)}"
            body.append(text(MARGIN, bottom, told, room=WIDTH - 2 * MARGIN, cls="dim"))
        told = self.tell(state)
        return document(body, width=WIDTH, height=bottom + 14, title=self.title, desc=told)

    def tell(self, state: Builds) -> str:
        """Returns each step and whether it was built, cached or failed."""
        told = [tell_build(build, f"build {n}") for n, build in enumerate(state.builds, 1)]
        if len(told) > 1 and all(build.layers for build in state.builds):
            count = len(shared_layers(state.builds))
            told.append(f"{count} {'layer is' if count == 1 else 'layers are'} shared")
        return ". ".join(told) or "no build"

    def _ipython_display_(self) -> None:
        """Shows the live picture, waits for the end, and leaves its still in the notebook."""
        bundle = self._repr_mimebundle_()
        handle: Any = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        if self._state.is_over:
            return
        with contextlib.suppress(CourseError, KeyboardInterrupt):  # the picture tells how far it is
            self.wait(self._wait)
        if handle is not None:
            still = self._still(self._settled())._repr_mimebundle_()
            handle.update({**still, WIDGET: bundle[WIDGET]}, raw=True)


def _names(builds: Sequence[Build]) -> list[str]:
    return [build.name or f"build {number}" for number, build in enumerate(builds, 1)]


def _last_words(build: Build) -> list[str]:
    return [f"  | {line}" for line in build.failed[1].said] if build.failed else []


def _ties(left: Mapping[str, Place], right: Mapping[str, Place], key: str) -> list[str]:
    """A line between the boxes of one and the same layer."""
    both = [digest for digest in left if digest in right]
    return [_tie(left[digest], right[digest], f"{key}-{n}") for n, digest in enumerate(both)]


def _tie(left: Place, right: Place, key: str) -> str:
    _, x1, y1 = left
    x2, _, y2 = right
    half = (x1 + x2) / 2
    curve = f"M{x1:.0f} {y1:.0f}C{half:.0f} {y1:.0f} {half:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return path(curve, cls="again-line thin", key=key)
