"""Seat: the place of a sandbox among the nodes of a lab."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Seat:
    """Where a sandbox sits.

    Attributes:
        node: Its host name, as "node2".
        network: The host-engine network that the nodes have to themselves; empty for one alone.
        ip: Its fixed address there.
        cluster: What its nodes have in common: a token.
    """

    node: str = "node1"
    network: str = ""
    ip: str = ""
    cluster: str = ""
