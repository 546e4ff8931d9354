"""How long complex-app takes: from nothing to its first answer, and after a change of a source."""

from __future__ import annotations

import contextlib
import time
import urllib.request
from collections.abc import Iterator
from statistics import median

from course.catalogue import ROOT, catalogue
from course.engine.cluster import Cluster
from course.engine.lab import Lab, take_sandbox
from course.engine.upload import upload
from course.images import supply
from tests.bench.row import Row, at_most

APP = ROOT / "exercises" / "complex-app"
BASES = ("node:24-alpine", "nginx:alpine", "postgres:17-alpine", "redis:alpine")
UP_BOUND, REBUILD_BOUND, PATIENCE = 60.0, 5.0, 300.0  # seconds
TURNS = 3
COMPOSE = "docker compose --ansi never --progress quiet -f"
PRODUCTION = f"POSTGRES_PASSWORD=harbour {COMPOSE} compose.production.yaml"
# A source of each, and a word in it that changes.
SOURCES = {"server": ("app.js", "whole number"), "client": ("src/App.jsx", "too many")}


def _run(lab: Lab, folder: str, script: str) -> float:
    """Returns the seconds that a script takes on the Docker host."""
    start = time.perf_counter()
    code, said = lab.run(f"cd {folder} && {script}")
    if code:
        raise RuntimeError(f"{script} ended with {code}: {said[-500:].decode(errors='replace')}")
    return time.perf_counter() - start


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):  # an HTTP error is one, too
            for path in ("/api/health", "/"):
                urllib.request.urlopen(url + path, timeout=5).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"complex-app did not answer within {PATIENCE:g} s.")


def _up(lab: Lab, folder: str, compose: str) -> float:
    start = time.perf_counter()
    _run(lab, folder, f"{compose} up -d --build")
    _until_it_answers(lab.url(3050))
    took = time.perf_counter() - start
    _run(lab, folder, f"{compose} down -v")
    return took


def _rebuild(lab: Lab, folder: str, service: str, turn: int) -> float:
    file, words = SOURCES[service]
    _run(lab, folder, f"sed -i 's/{words}[0-9]*/{words}{turn}/' {service}/{file}")
    return _run(lab, folder, f"{PRODUCTION} build {service}")


def measure() -> Iterator[Row]:
    """Starts it twice, for work and for production, and builds two images again, three times."""
    have = supply.ensure()
    box = take_sandbox(have.host, have.image, have.mirror, "bench")
    lab = Lab(catalogue().chapter("01"), Cluster.of(box), have.source)
    try:
        for image in BASES:
            lab.client.images.pull(image)
        folder = upload(box, APP)
        for kind, compose in (("work", f"{COMPOSE} compose.yaml"), ("production", PRODUCTION)):
            what = f"complex-app for {kind}, from nothing to its first answer, base images there"
            yield at_most(what, _up(lab, folder, compose), UP_BOUND, "s")
        for service in SOURCES:
            took = [_rebuild(lab, folder, service, turn) for turn in range(TURNS)]
            what = f"complex-app's {service} built again after a change of its source"
            yield at_most(what, max(took), REBUILD_BOUND, "s", f"median {median(took):.2g} s")
    finally:
        lab.close()
