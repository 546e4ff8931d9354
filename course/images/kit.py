"""The offline kit: images with the contract of Docker Hub's, built where that is out of reach."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from threading import Lock

import docker
from docker.errors import ImageNotFound

from course.errors import CourseError
from course.images import recipe
from course.images.build import LABEL, make
from course.images.inventory import Inventory, Listed, hub_name, inventory
from course.images.stream import push
from course.report import Report, silent

WORKERS = 2
RECIPE = f"{LABEL}.recipe"
Connect = Callable[[], docker.DockerClient]
Labels = Callable[[str, str], Mapping[str, str] | None]
Push = Callable[[docker.DockerClient, str, Report], None]


@dataclass(frozen=True)
class Built:
    """What became of one image.

    Attributes:
        reference: Its first reference.
        seconds: Building and pushing; 0 if it was there already.
        skipped: It was there already, of the same recipe.
    """

    reference: str
    seconds: float = 0.0
    skipped: bool = False


def extra_authority() -> Path | None:
    """The certificate that COURSE_EXTRA_CA names: what an intercepting proxy signs with.

    Raises:
        CourseError: It names a file that is not there.
    """
    named = os.environ.get("COURSE_EXTRA_CA")
    if not named:
        return None
    path = Path(named).expanduser().resolve()
    if not path.is_file():
        raise CourseError(
            f"Looked for the certificate {named}, named by COURSE_EXTRA_CA.",
            "There is no such file.",
            "Correct the variable, or unset it if no proxy here reads encrypted traffic.",
        )
    return path


def labels_on(client: docker.DockerClient) -> Labels:
    """Asks an engine itself for the labels of an image, as `Mirror.labels` asks the mirror."""

    def labels(repository: str, tag: str) -> Mapping[str, str] | None:
        name = f"{repository.removeprefix('library/')}:{tag}"
        try:
            found: Mapping[str, str] = client.images.get(name).labels
        except ImageNotFound:
            return None
        return found

    return labels


def is_there(image: Listed, present: Labels, listed: Inventory, extra_ca: Path | None) -> bool:
    """Whether an image of this very recipe is there (its first reference is pushed last)."""
    labels = present(*hub_name(image.reference)) or {}
    return labels.get(RECIPE) == recipe.digest(image, listed, extra_ca)


def missing(present: Labels, *, outdated: bool = True) -> list[Listed]:
    """The images of images.toml that have to be built, because they are not there or outdated.

    Args:
        present: (repository, tag) → labels, or None; `Mirror.labels` or `labels_on(client)`.
        outdated: Whether those of another recipe count.
    """
    listed = inventory()
    if not outdated:
        return [i for i in listed.images if present(*hub_name(i.reference)) is None]
    extra_ca = extra_authority()
    return [i for i in listed.images if not is_there(i, present, listed, extra_ca)]


def plan(only: Sequence[str] | None, listed: Inventory) -> dict[str, set[str]]:
    """Which images to build, each with those that must be there first (references)."""
    wanted = [listed.get(name) for name in only] if only is not None else list(listed.images)
    graph: dict[str, set[str]] = {}
    while wanted:
        image = wanted.pop()
        needed = recipe.needs(image, listed)
        graph[image.reference] = {base.reference for base in needed}
        wanted += [base for base in needed if base.reference not in graph]
    return graph


def first(graph: Mapping[str, set[str]], listed: Inventory) -> set[str]:
    """Which images to begin before others: the slow ones, and all that these wait for."""
    found: set[str] = set()
    wanted = [name for name in graph if listed.get(name).slow]
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted += graph[name]
    return found


def build(
    connect: Connect,
    push_to: Push | None = push,
    report: Report = silent,
    only: Sequence[str] | None = None,
    extra_ca: Path | None = None,
    present: Labels | None = None,
    listed: Inventory | None = None,
) -> list[Built]:
    """Builds the kit's images, two at a time, and pushes each under all its references.

    Args:
        connect: Makes a client of the engine to build on (`Sandbox.client`).
        push_to: Pushes one reference; None leaves the images on the engine.
        report: Told how far each image is.
        only: References to build (their bases are built too); all of images.toml if None.
        extra_ca: Certificate authority to bake into the bases; None is what COURSE_EXTRA_CA names.
        present: Asks what is there: (repository, tag) → labels. An image of the same recipe is
            not built again. None asks the engine.
        listed: What can be built, images.toml unless given.

    Returns:
        One `Built` an image, in the order they were finished.

    Raises:
        CourseError: A recipe failed, or a push.
    """
    shelf = listed or inventory()
    authority = extra_ca or extra_authority()
    with closing(connect()) as client:
        there = present or labels_on(client)
        job = _Job(connect, push_to, _locked(report), authority, shelf, there)
        return job.run(plan(only, shelf))


@dataclass(frozen=True)
class _Job:
    connect: Connect
    push_to: Push | None
    report: Report
    extra_ca: Path | None
    listed: Inventory
    present: Labels

    def run(self, graph: Mapping[str, set[str]]) -> list[Built]:
        order, urgent = TopologicalSorter(graph), first(graph, self.listed)
        order.prepare()
        done: list[Built] = []
        ready: list[str] = []
        running: set[Future[Built]] = set()
        pool = ThreadPoolExecutor(WORKERS)
        try:
            while order.is_active():
                ready += order.get_ready()
                ready.sort(key=lambda name: name not in urgent)
                while ready and len(running) < WORKERS:
                    running.add(pool.submit(self.one, ready.pop(0)))
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    done.append(future.result())
                    order.done(done[-1].reference)
        finally:
            # After a fault or Ctrl-C the other build is not waited for: it ends with its engine.
            pool.shutdown(wait=False, cancel_futures=True)
        return done

    def one(self, reference: str) -> Built:
        image = self.listed.get(reference)
        if is_there(image, self.present, self.listed, self.extra_ca):
            return Built(reference, skipped=True)
        began = time.monotonic()
        with closing(self.connect()) as client:
            make(client, image, self.listed, self.report, self.extra_ca)
            if self.push_to:
                # The first one last: where that is, all are.
                for name in reversed(image.references):
                    self.push_to(client, name, self.report)
        return Built(reference, time.monotonic() - began)


def _locked(report: Report) -> Report:
    """Two workers report; whoever listens expects one call at a time."""
    lock = Lock()

    def reported(step: str, done: float = 0, total: float | None = None) -> None:
        with lock:
            report(step, done, total)

    return reported
