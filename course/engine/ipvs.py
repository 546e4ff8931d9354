"""Ipvs: whether a kernel has what virtual addresses and the routing mesh are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# A kernel that has it as a module loads it when somebody asks for it by its name: `genl` does, as
# an engine does. `modprobe` is in few images. Neither says by its exit code whether it is there.
_LOOK = """
test -e /proc/net/ip_vs || genl ctrl get name IPVS >/dev/null 2>&1
test -e /proc/net/ip_vs || modprobe ip_vs >/dev/null 2>&1
test -e /proc/net/ip_vs
"""


@dataclass(frozen=True, repr=False)
class Ipvs:
    """What a look found; true where a swarm's services answer on virtual addresses.

    Attributes:
        found: Whether the kernel has IPVS, its load balancer for TCP and UDP.
    """

    found: bool

    def __bool__(self) -> bool:
        return self.found

    def __repr__(self) -> str:
        if self.found:
            return "This lab's kernel has IPVS: virtual addresses and the routing mesh work."
        return (
            "This lab's kernel has no IPVS: virtual addresses and the routing mesh refuse "
            "connections; dnsrr and host mode work."
        )


def look(run: Callable[[str], tuple[int, bytes]]) -> Ipvs:
    """Looks whether the kernel of a Docker host has IPVS, and has it loaded where it can be.

    Args:
        run: Runs a shell script on that host; gives exit code and output.
    """
    code, _ = run(_LOOK)
    return Ipvs(code == 0)
