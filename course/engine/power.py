"""What can befall a node of a lab: a power cut, a shutdown, a pulled cable, and the way back.

The sandbox itself stays: what is switched off is the engine in it and all that it runs. So its
address, its certificates and its disk are the same afterwards, as those of a real machine are.
"""

from __future__ import annotations

import time
from typing import Final

from docker.errors import DockerException

from course.engine.machine import Machine
from course.errors import CourseError

OFF_SECONDS: Final = 60  # more than the entry point leaves to an engine that does not end
ON_SECONDS: Final = 60

# The entry point of the sandbox does it: who asks may not outlive it.
_SWITCH = "rm -f /course/off; echo {how} >/course/power; kill -USR1 $(cat /course/pid)"
_IS_OFF = "test -e /course/off"
_SWITCH_ON = "rm -f /course/off /course/power"
_SWARM = "/var/lib/docker/swarm"
_IS_MEMBER = f"test -e {_SWARM}/docker-state.json"
_FORGET = f"rm -rf {_SWARM}"

# Silence on both ways, as from a cable that nobody holds: an interface that is down would say so.
# Before anything else looks at a packet, and after: what containers send and receive is meant too.
_CABLE = """
cable=$(ip -o -4 address show | awk -v ip={address} 'index($4, ip "/") == 1 {{ print $2; exit }}')
test -n "$cable" || exit 3
iptables -t raw -{change} PREROUTING -i "$cable" -j DROP
iptables -t mangle -{change} POSTROUTING -o "$cable" -j DROP
"""


def switch_off(machine: Machine, name: str, how: str) -> None:
    """Ends the engine and all its containers; the disk stays.

    Args:
        machine: The node's.
        name: Of the node, for what is said if it fails.
        how: "kill": everything dies at once; "stop": the engine ends its containers first.

    Raises:
        CourseError: It was still running after 60 s.
    """
    machine.run(
        _SWITCH.format(how=how)
    )  # the script dies with the rest: its exit code says nothing
    deadline = time.monotonic() + OFF_SECONDS
    while machine.run(_IS_OFF)[0]:
        if time.monotonic() > deadline:
            raise CourseError(
                f"Switched {name} off.",
                f"Its engine still ran after {OFF_SECONDS} s.",
                "Open the lab again: run the notebook's first cell.",
            )
        time.sleep(0.05)


def switch_on(machine: Machine, name: str) -> None:
    """Starts the engine again, and waits until it answers.

    Raises:
        CourseError: It did not answer in 60 s.
    """
    machine.run(_SWITCH_ON)
    deadline = time.monotonic() + ON_SECONDS
    while True:
        try:
            machine.client(timeout=5).close()
            return
        except (DockerException, OSError) as error:
            if time.monotonic() > deadline:
                raise CourseError(
                    f"Switched {name} on.",
                    f"Its engine did not answer in {ON_SECONDS} s: {error}",
                    "Open the lab again: run the notebook's first cell.",
                ) from error
            time.sleep(0.1)


def is_member(machine: Machine) -> bool:
    """Whether the engine is in a swarm, by its disk.

    The engine itself would ask the swarm first, and wait for 20 s where that has no leader.
    """
    return machine.run(_IS_MEMBER)[0] == 0


def forget_swarm(machine: Machine) -> None:
    """Removes from the disk what an engine that is off knows of its swarm."""
    machine.run(_FORGET)


def unplug(machine: Machine, name: str, address: str) -> None:
    """Lets nothing through between a node and the other nodes, in either direction.

    Raises:
        CourseError: The node's kernel refused.
    """
    _cable(machine, name, address, "I")


def plug_in(machine: Machine, name: str, address: str) -> None:
    """Undoes `unplug`.

    Raises:
        CourseError: The node's kernel refused.
    """
    _cable(machine, name, address, "D")


def _cable(machine: Machine, name: str, address: str, change: str) -> None:
    code, output = machine.run(_CABLE.format(address=address, change=change))
    if code:
        said = output.decode(errors="replace").strip() or f"exit code {code}"
        what = "off" if change == "I" else "back on"
        raise CourseError(f"Took {name} {what} the nodes' network.", f"Its kernel said: {said}")
