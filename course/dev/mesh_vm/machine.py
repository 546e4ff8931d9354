"""Machine: a virtual machine while it runs, and how this machine reaches the engine in it."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException

from course.dev.mesh_vm.disk import FIRST, Disk
from course.engine.certificates import Identity, make_identity
from course.engine.files import tar
from course.engine.sandbox import connect
from course.errors import CourseError
from course.report import Report, silent

BOOT_SECONDS = 300  # an emulated processor beside other work
MEMORY_MIB = 5120
PORTS = 200  # of the engine, and of the sandboxes nested in it
KERNEL = (
    f"root=/dev/vda rw init=/{FIRST} console=ttyS0 net.ifnames=0",
    "quiet loglevel=3 panic=-1 mitigations=off",
    "no_timer_check",  # beside other work an emulated timer may tick too late for that check
)
FIRST_PORTS = range(20000, 31000, PORTS)  # below those that outgoing connections take


class Machine:
    """A running virtual machine.

    Args:
        process: The emulator.
        folder: Its certificates and `console.log`.
        first: Port of its engine on 127.0.0.1, and the first of those that are forwarded.
    """

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, first: int) -> None:
        self.process, self.folder, self.first = process, folder, first

    def client(self, timeout: int = 120) -> DockerClient:
        """A new docker-py client of its engine."""
        return connect(f"https://127.0.0.1:{self.first}", self.folder, timeout)

    def environment(self, data: Path, source: str) -> dict[str, str]:
        """The environment of a program that is to take this engine for its host engine.

        Args:
            data: The folder of the files of that course.
            source: Where its images come from: "kit", "hub" or "room".
        """
        # They would take the place of the engine's own authority.
        others = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "DOCKER_CONTEXT"}
        kept = {name: value for name, value in os.environ.items() if name not in others}
        # An emulated processor is slow, most of all beside other work; tests wait these seconds.
        patience = {"COURSE_PATIENCE": os.environ.get("COURSE_PATIENCE", "300")}
        return (
            kept
            | patience
            | {
                "DOCKER_HOST": f"tcp://127.0.0.1:{self.first}",
                "DOCKER_TLS_VERIFY": "1",
                "DOCKER_CERT_PATH": str(self.folder),
                "COURSE_DATA": str(data),
                "COURSE_IMAGES": source,
                "COURSE_THROWAWAY": "yes",  # nobody needs to tidy up
                "CI": "true",  # every port is one of those that are forwarded
            }
        )

    def wait(self, report: Report = silent) -> None:
        """Waits until its engine answers.

        Raises:
            CourseError: It did not in 300 s, or the emulator ended.
        """
        step = "boot the virtual machine"
        deadline = time.monotonic() + BOOT_SECONDS
        report(step)
        while True:
            try:
                self.client(timeout=10).close()
            except (DockerException, OSError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise self._silent() from None
                time.sleep(0.5)
            else:
                return report(step, 1, 1)

    def _silent(self) -> CourseError:
        console = (self.folder / "console.log").read_text(errors="replace").strip()
        last = " | ".join(console.splitlines()[-5:])
        return CourseError("Waited for the virtual machine.", f"Its console's last words: {last}")


@contextmanager
def running(disk: Disk, *, online: bool = False) -> Iterator[Machine]:
    """Starts a machine (not yet waited for), and ends it whatever happens.

    Args:
        disk: What it boots from.
        online: Whether it may reach other machines than this one's forwarded ports.
    """
    with tempfile.TemporaryDirectory(prefix="mesh-vm-") as place:
        folder = Path(place)
        identity = make_identity("127.0.0.1", "localhost")
        identity.save_client(folder)
        first = _free_ports()
        (folder / "boot.tar").write_bytes(_told(identity, first, online=online))
        with (folder / "console.log").open("wb") as console:
            process = subprocess.Popen(
                _command(disk, folder, first, online=online),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        try:
            yield Machine(process, folder, first)
        finally:
            process.kill()
            process.wait()


def _told(identity: Identity, first: int, *, online: bool) -> bytes:
    """What this boot is told, and what it is to do: the machine reads it from a second disk."""
    return tar(
        {
            "boot.sh": Path(__file__).with_name("boot.sh").read_bytes(),
            "ca.pem": identity.authority,
            "cert.pem": identity.server.certificate,
            "key.pem": identity.server.key,
            "ports": f"{first} {first + PORTS - 1} {'online' if online else 'offline'}\n".encode(),
        }
    )


def _free_ports() -> int:
    """The first of a row of free ports on 127.0.0.1."""
    for first in FIRST_PORTS:
        if all(_free(port) for port in range(first, first + PORTS)):
            return first
    raise CourseError(f"Looked for {PORTS} free ports in a row.", "There are none above 20000.")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _command(disk: Disk, folder: Path, first: int, *, online: bool) -> list[str]:
    ports = range(first, first + PORTS)
    forwards = "".join(f",hostfwd=tcp:127.0.0.1:{n}-10.0.2.15:{n}" for n in ports)
    # If this process is killed, so is the emulator.
    command = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-nodefaults"]
    command += [
        "-display",
        "none",
        "-machine",
        "q35",
        "-smp",
        str(min(os.cpu_count() or 1, 4)),
        "-m",
        str(MEMORY_MIB),
    ]
    command += ["-cpu", "max", *_accelerator(), "-no-reboot", "-serial", "stdio"]
    command += ["-snapshot"]  # each run begins with the same disk
    command += ["-kernel", str(disk.kernel), "-initrd", str(disk.initrd), "-append"]
    command += [" ".join(KERNEL)]
    command += ["-drive", f"file={disk.image},if=virtio,format=raw,cache=unsafe"]
    command += ["-drive", f"file={folder}/boot.tar,if=virtio,format=raw,readonly=on"]
    command += ["-netdev", f"user,id=net,restrict={'off' if online else 'on'}{forwards}"]
    command += ["-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"]
    return command


def _accelerator() -> list[str]:
    """The processor's own help, where it has any: a kernel that is not made for it needs that."""
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        flags = []
    if {"vmx", "svm"} & set(flags) and os.access("/dev/kvm", os.R_OK | os.W_OK):
        return ["-accel", "kvm"]
    return ["-accel", "tcg,thread=multi"]
