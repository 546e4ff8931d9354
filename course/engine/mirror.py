"""The registry on the host engine that every sandbox pulls through.

Two ways, one path for the learner's `docker pull nginx:alpine`:

- *hub*: a pull-through cache of Docker Hub; each image crosses the network once.
- *kit* and *room*: it holds the kit's images, or Docker Hub's out of a file, and answers under
  Docker Hub's own name, inside our network only, with an authority that only sandboxes trust. So
  an image it lacks is a true 404 at once, and a push works.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import requests
from docker.errors import DockerException, NotFound
from docker.models.containers import Container

from course.engine import hub_login, ownership
from course.engine.certificates import Identity, make_identity
from course.engine.files import tar
from course.engine.host import HostEngine
from course.engine.profile import ensure_network, network_name
from course.errors import CourseError

HUB_NAME = "registry-1.docker.io"
CACHE_NAME = "mirror"
READY_SECONDS = 30
_MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)

_CONFIG = """version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: /var/lib/registry}}
  delete: {{enabled: true}}
http:
  addr: :443
  tls: {{certificate: /course/tls/cert.pem, key: /course/tls/key.pem}}
{proxy}"""


def hub_url() -> str:
    """Where Docker Hub is: `COURSE_HUB` for a room with a registry that stands for it."""
    return os.environ.get("COURSE_HUB", f"https://{HUB_NAME}")


def hub_url_inside() -> str:
    """The same as a container of ours reaches it: `COURSE_HUB_INSIDE` where that differs."""
    return os.environ.get("COURSE_HUB_INSIDE", hub_url())


class Mirror:
    """The running mirror.

    Args:
        host: The engine that holds it.
        container: Its container.
        source: "kit", "hub" or "room".
    """

    def __init__(self, host: HostEngine, container: Container, source: str) -> None:
        self.host, self.container, self.source = host, container, source

    @property
    def authority(self) -> bytes:
        """PEM of the authority that signed the mirror's certificate."""
        return (folder() / "ca.pem").read_bytes()

    @property
    def url(self) -> str:
        """Its address on this machine."""
        self.container.reload()
        bound = self.container.attrs["NetworkSettings"]["Ports"]["443/tcp"][0]
        return f"https://127.0.0.1:{bound['HostPort']}"

    def engine_arguments(self) -> list[str]:
        """What the nested `dockerd` must be told to pull through this mirror."""
        if self.source != "hub":
            return []  # it answers under Docker Hub's own name
        return [f"--registry-mirror=https://{CACHE_NAME}"]

    def _get(self, path: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False  # neither a proxy nor another CA bundle is for 127.0.0.1
            return session.get(
                f"{self.url}/v2/{path}",
                headers={"Accept": ", ".join(_MANIFESTS)},
                verify=str(folder() / "ca.pem"),
                timeout=10,
            )

    def labels(self, repository: str, tag: str) -> dict[str, str] | None:
        """Labels of an image in the mirror; None if the mirror does not hold it.

        Args:
            repository: As the registry names it, "library/nginx".
            tag: As "alpine".
        """
        answer = self._get(f"{repository}/manifests/{tag}")
        if answer.status_code != requests.codes.ok:
            return None
        config = self._get(f"{repository}/blobs/{answer.json()['config']['digest']}")
        if config.status_code != requests.codes.ok:
            return None
        found: dict[str, str] = config.json().get("config", {}).get("Labels") or {}
        return found

    def size(self, repository: str, tag: str) -> int | None:
        """Bytes that a pull of this image takes (compressed layers); None if it is not held."""
        answer = self._get(f"{repository}/manifests/{tag}")
        if answer.status_code != requests.codes.ok:
            return None
        sizes: list[int] = [layer["size"] for layer in answer.json().get("layers", [])]
        return sum(sizes)

    def tags(self) -> list[str]:
        """Every `repository:tag` that the mirror holds."""
        catalog = self._get("_catalog?n=1000").json().get("repositories") or []
        return [
            f"{repository}:{tag}"
            for repository in catalog
            for tag in self._get(f"{repository}/tags/list").json().get("tags") or []
        ]


def folder() -> Path:
    """Where the mirror's certificates are kept."""
    return ownership.data_dir() / "mirror"


def _identity() -> Identity:
    """The same as before, if there is one: sandboxes that wait since then trust it."""
    if kept := Identity.load(folder()):
        return kept
    identity = make_identity(HUB_NAME, CACHE_NAME, "127.0.0.1", "localhost")
    identity.save(folder())
    return identity


def name() -> str:
    """Name of the mirror's container and of the volume with its data."""
    return f"{ownership.prefix()}-mirror"


def find(host: HostEngine) -> Mirror | None:
    """The mirror that runs on this host engine, if any."""
    found = host.client.containers.list(filters=ownership.mine("mirror") | {"status": ["running"]})
    if not found or not (folder() / "ca.pem").exists():
        return None
    return Mirror(host, found[0], found[0].labels[f"{ownership.LABEL}.source"])


def start(host: HostEngine, image: str, source: str) -> Mirror:
    """Starts the mirror, or returns the one that runs with this source.

    Args:
        host: The engine to run it on.
        image: An image with a `registry` or `docker-registry` program.
        source: "kit", "hub" or "room".

    Raises:
        CourseError: It did not answer in 30 s.
    """
    running = find(host)
    if running and running.source == source:
        return running
    _remove_container(host)
    mirror = Mirror(host, _create(host, image, source), source)
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            mirror._get("")
            return mirror
        except (requests.RequestException, DockerException, KeyError, TypeError) as error:
            if time.monotonic() > deadline:
                log = mirror.container.logs(tail=3).decode(errors="replace")
                raise CourseError(
                    "Started the registry that sandboxes pull through.",
                    f"It did not answer: {error}. Its last words: {log.strip()}",
                    _HUB_ADVICE if source == "hub" else "Run `course down` and `course up`.",
                ) from error
            time.sleep(0.1)


# It asks Docker Hub for its terms when it starts.
_HUB_ADVICE = "Is Docker Hub reachable? `COURSE_IMAGES=kit course up` does without it."


def _create(host: HostEngine, image: str, source: str) -> Container:
    ensure_network(host)
    proxy = hub_login.proxy(hub_url_inside()) if source == "hub" else ""
    identity = _identity()
    volume = f"{name()}-{source}"
    host.client.volumes.create(volume, labels=ownership.labels("mirror-data"))
    container = host.client.containers.get(_create_container(host, image, source, volume))
    files = {
        "course/registry.yml": _CONFIG.format(proxy=proxy).encode(),
        "course/tls/cert.pem": identity.server.certificate,
        "course/tls/key.pem": identity.server.key,
    }
    container.put_archive("/", tar(files))
    container.start()
    return container


def _create_container(host: HostEngine, image: str, source: str, volume: str) -> str:
    api: Any = host.client.api  # its published types lack half of what it takes
    alias = CACHE_NAME if source == "hub" else HUB_NAME
    endpoint = api.create_endpoint_config(aliases=[alias])
    made: dict[str, Any] = api.create_container(
        image,
        entrypoint=["sh", "-c"],
        command=[
            "exec $(command -v registry || command -v docker-registry) serve /course/registry.yml"
        ],
        name=name(),
        labels=ownership.labels("mirror") | {f"{ownership.LABEL}.source": source},
        ports=[(443, "tcp")],
        networking_config=api.create_networking_config({network_name(): endpoint}),
        host_config=api.create_host_config(
            binds=[f"{volume}:/var/lib/registry"],
            network_mode=network_name(),
            port_bindings={"443/tcp": ("127.0.0.1", None)},
            restart_policy={"Name": "unless-stopped"},
            log_config={"type": "json-file", "config": {"max-size": "10m"}},
        ),
    )
    return str(made["Id"])


def _remove_container(host: HostEngine) -> None:
    try:
        host.client.containers.get(name()).remove(force=True)
    except NotFound:
        return
