"""The engine image built on Docker Hub's Debian: the same packages as the bootstrapped one.

So a notebook shows the same on every operating system and from either source. `docker:dind` would
not do: its tools are busybox's, and it lacks much of what the chapters use on a Docker host.
"""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterable
from typing import Any

import docker

from course.engine import ownership
from course.images import adopt, debian
from course.images.inventory import Engine
from course.images.stream import follow, told
from course.report import Report

_COUNT = re.compile(r"^\d+ upgraded, (\d+) newly installed")
_DONE = re.compile(r"^(Unpacking|Setting up) ")
_APT = "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q"


def base(engine: Engine, suite: str) -> str:
    """Reference of the Debian image that a suite's engine image is built on."""
    return engine.hub.format(suite=suite)


def dockerfile(engine: Engine, suite: str) -> str:
    """Text of the Dockerfile; its FROM lines name Docker Hub's images."""
    own = engine.suites[suite]
    packages = shlex.join([*engine.packages, *own.get("packages", [])])
    without = [*debian.EXCLUDED, *engine.without, *own.get("without", [])]
    lines = _borrowed(engine, own.get("borrowed", []))
    lines += [f"FROM {base(engine, suite)}"]
    lines += [_file("/etc/dpkg/dpkg.cfg.d/course", [f"path-exclude={path}" for path in without])]
    if options := own.get("aptopt"):
        lines += [_file("/etc/apt/apt.conf.d/course", [f"{option};" for option in options])]
    lines += [
        f"RUN {_APT} install -y --no-install-recommends {packages} && rm -rf /var/lib/apt/lists/*"
    ]
    lines += ["COPY --from=borrowed /borrowed/ /"] if own.get("borrowed") else []
    lines += [f"ENV {one}" for one in own.get("env", [])]
    return "\n".join([*lines, f"LABEL {ownership.LABEL}=engine-image", 'CMD ["dockerd"]', ""])


def _borrowed(engine: Engine, borrowed: Iterable[str]) -> list[str]:
    """A stage with packages of another suite ("package/suite"), without what they depend on."""
    lines = []
    for package, suite in (one.split("/") for one in borrowed):
        lines += [f"FROM {base(engine, suite)} AS borrowed"]
        steps = f"download {package} && dpkg-deb -x {package}_*.deb /borrowed"
        lines += ["WORKDIR /tmp", f"RUN {_APT} {steps}"]
    return lines


def _file(path: str, lines: Iterable[str]) -> str:
    return f"RUN printf '%s\\n' {shlex.join(lines)} >{path}"


def build(
    client: docker.DockerClient, engine: Engine, suite: str, name: str, report: Report
) -> None:
    """Builds a suite's engine image on the host engine (about a minute).

    Args:
        client: Of the host engine.
        engine: What is in the image.
        suite: Debian release.
        name: The new image's reference.
        report: Told how many packages are in place.

    Raises:
        CourseError: Docker Hub or Debian's package mirror was out of reach, or a step failed.
    """
    text = dockerfile(engine, suite)
    for reference in sorted(set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))):
        ours = adopt.take(client, reference, "engine-base", report)
        text = re.sub(rf"^FROM {re.escape(reference)}\b", f"FROM {ours}", text, flags=re.MULTILINE)
    step = f"engine image ({suite})"
    report(step)
    with told(
        f"Built the engine image on {base(engine, suite)}.",
        "It needs Debian's package mirror. Look at the network and the proxy; or use the offline "
        "kit: set COURSE_IMAGES=kit and run `course up`.",
    ):
        messages: Any = client.api.build(
            fileobj=io.BytesIO(text.encode()), tag=name, rm=True, forcerm=True, decode=True
        )
        _watch(follow(messages), step, report)


def _watch(messages: Iterable[dict[str, Any]], step: str, report: Report) -> None:
    done = total = 0
    for message in messages:
        for line in message.get("stream", "").splitlines():
            if found := _COUNT.match(line):
                done, total = 0, 2 * int(found[1])
            elif total and _DONE.match(line):
                done += 1
                report(step, min(done, total - 1), total)
    report(step, 1, 1)
