"""The one folder that the learner's machine and a lab's Docker host share.

Its place on the Docker host is the same everywhere, so that what a notebook shows names no path of
anybody's machine, and a bind mount of it is written alike on Linux, macOS and Windows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docker.errors import APIError
from docker.types import Mount

from course.catalogue import ROOT
from course.engine.host import HostEngine

INSIDE = "/lab"
"""Its path on the Docker host."""

LABEL = "dev.learning-docker.folder"
"""Label of a sandbox: the folder that it was made to share. Two clones of the course have two."""

_REFUSALS = ("bind source path", "mounts denied", "not shared", "directory sharing")


@dataclass(frozen=True, repr=False)
class Folder:
    """The shared folder, as the learner's machine and as the Docker host see it.

    Attributes:
        path: On the learner's machine; git ignores it, and nothing of ours deletes in it.
        host: On the lab's Docker host: what a bind mount names.
        shared: Whether the two are one folder. They are not where the engine is elsewhere.
    """

    path: Path
    host: str
    shared: bool

    def __repr__(self) -> str:
        if self.shared:
            return (
                f"The folder {self.path.name} in the file browser is {self.host} "
                "on the Docker host: one folder, seen from two machines."
            )
        return (
            f"Your folder {self.path.name} is not shared with this lab's Docker host, which is on "
            f"another machine. Make your files there, in {self.host}, with %%host."
        )


def place() -> Path:
    """Where the folder is on the learner's machine: beside the notebooks."""
    return ROOT / "work"


def here() -> Path:
    """The folder on the learner's machine; made if it is not there."""
    path = place()
    path.mkdir(exist_ok=True)
    return path


def mounts(host: HostEngine) -> list[Mount]:
    """The mount that shows the folder to a sandbox; none where the engine cannot see it.

    A bind mount asked for as a `Mount` is refused where its source is missing. As a `bind` the
    engine would make an empty folder on a machine that is not ours.
    """
    if not host.endpoint.url.startswith(("unix://", "npipe://")):
        return []
    try:
        return [Mount(INSIDE, str(here()), type="bind")]
    except OSError:  # the course is installed where this learner may not write
        return []


def is_refusal(error: APIError) -> bool:
    """Whether an engine refused a sandbox because of that mount."""
    return any(words in str(error).lower() for words in _REFUSALS)


def find(run: Callable[[str], tuple[int, bytes]]) -> Folder:
    """Looks whether the Docker host sees a file that is made here.

    An engine in a virtual machine may accept the mount and yet show a folder of its own.

    Args:
        run: Runs a shell script on the lab's Docker host.
    """
    with tempfile.NamedTemporaryFile(dir=here(), prefix=".shared-") as probe:
        code, _ = run(f"test -e {INSIDE}/{Path(probe.name).name}")
    return Folder(here(), INSIDE, shared=code == 0)
