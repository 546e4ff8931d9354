"""exercises/frontend/deploy.sh and pipeline.sh where things go wrong; chapter 10 shows the rest."""

from __future__ import annotations

import pytest

from course.catalogue import ROOT
from course.engine.sandbox import Sandbox
from course.engine.upload import upload

TEST = "HEALTHCHECK --interval=1s --retries=2 CMD wget -q -O - http://127.0.0.1/ | grep -q "
PUSH = """
    image=localhost:5000/frontend:{tag}
    printf 'FROM nginx:alpine\\nRUN echo {tag} > /usr/share/nginx/html/version.txt\\n{more}\\n' |
        docker build -q -t $image - 2>&1 && docker push -q $image
    """


class Host:
    """A Docker host with the project on it, and a registry."""

    def __init__(self, box: Sandbox) -> None:
        self.box, self.place = box, upload(box, ROOT / "exercises" / "frontend")
        self.run("docker run -d --name registry -p 5000:5000 registry:3 2>&1")
        self.run("curl -s --retry 40 --retry-delay 1 --retry-all-errors localhost:5000/v2/")

    def run(self, script: str, fails: bool = False) -> str:
        code, output = self.box.run(f"cd {self.place}\n{script}")
        said = output.decode(errors="replace")
        assert bool(code) == fails, f"{script} ended with {code}: {said[-2000:]}"
        return said

    def push(self, tag: str, more: str = "") -> None:
        self.run(PUSH.format(tag=tag, more=more))

    def deploy(self, tag: str, fails: bool = False) -> str:
        return self.run(f"./deploy.sh localhost:5000/frontend:{tag} 2>&1", fails)

    def version(self) -> str:
        return self.run("curl -s localhost:8080/version.txt").strip()

    def versions(self) -> list[str]:
        return self.run("docker ps -a --filter label=app=frontend --format '{{.Names}}'").split()


@pytest.fixture(scope="module")
def host(box: Sandbox) -> Host:
    found = Host(box)
    found.push("good", TEST + "nginx")
    found.push("newer", TEST + "nginx")
    found.push("ill", TEST + "nonsense")
    found.push("untested")
    return found


def test_a_first_version_that_is_ill_leaves_nothing_behind(host: Host) -> None:
    assert "web-ill is unhealthy, and is removed" in host.deploy("ill", fails=True)
    assert host.versions() == []
    assert "front" not in host.run("docker ps -a --format '{{.Names}}'").split()


def test_a_version_takes_the_place_of_another(host: Host) -> None:
    host.deploy("good")
    assert host.version() == "good"
    host.deploy("newer")
    assert (host.version(), host.versions()) == ("newer", ["web-newer"])
    assert "web-newer serves already" in host.deploy("newer")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("ill", "unhealthy"),
        ("untested", "without a health check"),
        ("nowhere", "nowhere"),
    ],
)
def test_what_cannot_serve_is_not_switched_to(host: Host, tag: str, words: str) -> None:
    before = host.version(), host.versions()
    assert words in host.deploy(tag, fails=True)
    assert (host.version(), host.versions()) == before


def test_front_finds_its_version_again_after_a_restart(host: Host) -> None:
    before = host.version()
    host.run("docker restart --time 1 front")
    host.run("curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-all-errors localhost:8080")
    assert host.version() == before


def test_the_pipeline_wants_a_commit(host: Host) -> None:
    host.run("git init -q 2>&1")
    said = host.run("./pipeline.sh 2>&1", fails=True)
    assert "Commit first" in said
    assert "==" not in said
