"""The flags that a trace may print, against what the `docker` command itself says it takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache

import pytest

from course.trace.endpoints import ENDPOINTS

COMMAND = re.compile(r"docker(?: (?!-)[a-z][a-z-]*)+")
FLAG = re.compile(r"--[a-z][\w-]*")
OFFERED = re.compile(r"^ +(?:-\w, )?(--[\w-]+)(?: (\S+))?", re.MULTILINE)
# An engine that answers would be asked which flags to leave out; buildx has flags of its own.
ALONE = {"DOCKER_HOST": "unix:///nowhere/docker.sock", "DOCKER_BUILDKIT": "0"}


def written() -> dict[str, set[str]]:
    """Each command to what its templates and their tables may write: "--rm", "--env {}"."""
    found: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        flags = {*FLAG.findall(endpoint.cli), *filter(None, endpoint.options.values())}
        for command in COMMAND.findall(endpoint.cli):
            found.setdefault(command, set()).update(flags)
    return found


WRITTEN = written()


@pytest.fixture(scope="module", autouse=True)
def docker() -> None:
    """The program, without an engine; where there is none, there is nothing to compare with."""
    if shutil.which("docker"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail("no docker command on PATH")
    pytest.skip("no docker command on PATH")


@cache
def said(*words: str) -> str:
    env = os.environ | ALONE
    done = subprocess.run([*words, "--help"], env=env, capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


@cache
def offered(command: str) -> dict[str, bool]:
    """Each flag of the command's help, and whether it takes a value."""
    return {flag: bool(kind) for flag, kind in OFFERED.findall(said(*command.split()))}


def test_there_are_flags_to_compare() -> None:
    assert sum(map(len, WRITTEN.values())) > 150
    assert offered("docker service update")["--label-add"]
    assert not takes("docker service update", "--label")


def takes(command: str, flag: str) -> bool:
    """Whether it is offered, or taken by an old name that the help does not tell any more."""
    return flag in offered(command) or "unknown flag" not in said(*command.split(), flag, "1")


@pytest.mark.parametrize("command", sorted(WRITTEN))
def test_the_command_takes_each_flag(command: str) -> None:
    assert "Usage:" in said(*command.split())
    assert [word for word in WRITTEN[command] if not takes(command, FLAG.findall(word)[0])] == []


@pytest.mark.parametrize("command", sorted(WRITTEN))
def test_a_flag_has_a_value_where_the_command_wants_one(command: str) -> None:
    known = offered(command)
    tables = [words for words in WRITTEN[command] if words.endswith("}")]
    assert [words for words in tables if not known.get(words.split()[0], True)] == []
