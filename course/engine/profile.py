"""How a sandbox's container is made: rights, limits, ports, and the nested engine's arguments."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Any

import psutil
from docker.types import Mount

from course.catalogue import catalogue
from course.engine import folder, ownership
from course.engine.capabilities import missing_here
from course.engine.host import HostEngine
from course.engine.seat import Seat

SPARE = "spare"
DATA_ROLE = "sandbox-data"
API_PORT = 2376
PIDS = 4096
ORPHAN_SECONDS = 45
SPARE_SECONDS = 12 * 3600
OFF_SECONDS = 4 * 3600
STOP_SECONDS = 25  # an engine gives its containers 15


# Label: through which mirror a sandbox pulls. Its engine is told when it starts.
MIRROR = f"{ownership.LABEL}.mirror"


def mirror_name(mirror: Any) -> str:
    """Value of that label: the source of the mirror's images; "none" without a mirror."""
    return "none" if mirror is None else str(mirror.source)


def memory_bytes() -> int:
    """At most half of this machine's memory, and no more than 4 GiB."""
    return min(4 << 30, psutil.virtual_memory().total // 2)


def nameservers(host: HostEngine) -> list[str]:
    """The resolvers that nested containers can reach: no loopback, no link-local address.

    A sandbox's own resolver is 127.0.0.11, which its containers cannot reach; the engine would
    replace it by public servers that many rooms block.
    """
    if not host.is_local_linux:
        return []
    for path in ("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"):
        with contextlib.suppress(OSError):
            if reachable := resolvers(Path(path).read_text()):
                return reachable
    return []


def resolvers(text: str) -> list[str]:
    """The addresses in a resolv.conf that a nested container can reach."""
    lines = [line.split() for line in text.splitlines()]
    found = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
    return list(filter(_is_reachable, found))


def _is_reachable(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return not (ip.is_loopback or ip.is_link_local)  # dockerd refuses the latter's "%eth0", too


def engine_arguments(host: HostEngine, mirror: Any) -> list[str]:
    """Arguments of the nested `dockerd`."""
    arguments = [
        "--host=unix:///var/run/docker.sock",
        f"--host=tcp://0.0.0.0:{API_PORT}",
        "--tlsverify",
        "--tlscacert=/course/tls/ca.pem",
        "--tlscert=/course/tls/cert.pem",
        "--tlskey=/course/tls/key.pem",
        "--log-level=warn",
    ]
    arguments += [f"--dns={ip}" for ip in nameservers(host)]
    return arguments + (mirror.engine_arguments() if mirror is not None else [])


def _free(port: int) -> bool:
    with socket.socket() as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _bindings(*, same_numbers: bool) -> dict[str, tuple[str, int | None]]:
    """Every port on 127.0.0.1 only; a course port keeps its number where that is free."""
    ports: dict[str, tuple[str, int | None]] = {f"{API_PORT}/tcp": ("127.0.0.1", None)}
    for port in catalogue().ports:
        number = port if same_numbers and _free(port) else None
        ports[f"{port}/tcp"] = ("127.0.0.1", number)
    return ports


def _host_config(
    host: HostEngine, ports: dict[str, tuple[str, int | None]], *, share: bool
) -> dict[str, Any]:
    lacking = missing_here() if host.is_local_linux else []
    modules = Path("/lib/modules")
    api: Any = host.client.api  # its published types lack half of what it takes
    config: dict[str, Any] = api.create_host_config(
        cap_add=["ALL"],
        cap_drop=lacking,
        security_opt=["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
        device_cgroup_rules=["a *:* rwm"],
        mem_limit=memory_bytes(),
        pids_limit=PIDS,
        auto_remove=True,
        init=True,
        port_bindings=ports,
        network_mode=network_name(),
        log_config={"type": "json-file", "config": {"max-size": "10m", "max-file": "2"}},
        # lets the nested engine load ip_vs on a Linux machine
        binds=["/lib/modules:/lib/modules:ro"] if host.is_local_linux and modules.is_dir() else [],
        mounts=[_data(), *(folder.mounts(host) if share else [])],
    )
    config["CgroupnsMode"] = "private"
    # What `--security-opt systempaths=unconfined` means on the wire.
    config["MaskedPaths"], config["ReadonlyPaths"] = [], []
    return config


def _data() -> Mount:
    """A volume without a name, so that it goes with its container; labelled, as it may stay.

    An engine that ends under a running sandbox removes the container when it is back, but not
    this (moby's restore does not know the volumes yet): the reaper does.
    """
    labels = ownership.labels(DATA_ROLE)
    return Mount("/var/lib/docker", None, labels=labels)


def network_name() -> str:
    """The host-engine network on which the sandboxes and the mirror meet."""
    return ownership.prefix()


def ensure_network(host: HostEngine) -> None:
    """Makes that network if it is not there."""
    if not host.client.networks.list(names=[network_name()], filters=ownership.mine()):
        host.client.networks.create(network_name(), labels=ownership.labels("network"))


def create(
    host: HostEngine,
    image: str,
    name: str,
    mirror: Any,
    seat: Seat,
    *,
    same_ports: bool,
    share: bool = True,
) -> str:
    """Creates (does not start) the container of a sandbox; returns its id.

    Args:
        host: The engine to nest it in.
        image: The engine image.
        name: The container's name.
        mirror: The `Mirror` it pulls through, or None.
        seat: Its place among the nodes of a lab.
        same_ports: Whether a course port keeps its number on 127.0.0.1 where that is free.
        share: Whether it sees the learner's folder (`engine/folder.py`).
    """
    ensure_network(host)
    ports = _bindings(same_numbers=same_ports)
    limits = {
        "COURSE_ORPHAN_SECONDS": ORPHAN_SECONDS,
        "COURSE_SPARE_SECONDS": SPARE_SECONDS,
        "COURSE_OFF_SECONDS": OFF_SECONDS,
        "COURSE_STOP_SECONDS": STOP_SECONDS,
    }
    made = host.client.api.create_container(
        image,
        command=engine_arguments(host, mirror),
        # The script comes with the archive calls, not with the image, and has no x bit on Windows.
        entrypoint=["sh", "/course/entrypoint.sh"],
        name=name,
        hostname=seat.node,
        labels=ownership.labels("sandbox")
        | {folder.LABEL: str(folder.place()), MIRROR: mirror_name(mirror)},
        ports=[(int(key.split("/")[0]), "tcp") for key in ports],
        environment={key: os.environ.get(key, str(value)) for key, value in limits.items()},
        host_config=_host_config(host, ports, share=share),
        stop_signal="SIGTERM",
    )
    if seat.network:
        api: Any = host.client.api
        api.connect_container_to_network(made["Id"], seat.network, ipv4_address=seat.ip)
    return str(made["Id"])
