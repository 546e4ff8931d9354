"""Url: where a browser reaches a port of the lab, as text and as a link in a notebook."""

from __future__ import annotations

from html import escape
from typing import Self


class Url(str):
    """An address such as `http://127.0.0.1:3050`; it is a str, and a notebook shows it as a link.

    Args:
        address: Of the port, as the learner's browser reaches it.
        port: Its number on the lab's Docker host, which the address may lack: where a port of
            this machine is taken, the lab publishes another number.
    """

    __slots__ = ("port",)
    port: int

    def __new__(cls, address: str, port: int) -> Self:
        """Makes one; a str takes its text here."""
        made = super().__new__(cls, address)
        made.port = port
        return made

    def _repr_html_(self) -> str:
        address = escape(self)
        told = f"port {self.port} of the Docker host"
        return (
            f'<a class="lab-url" href="{address}" target="_blank" rel="noopener" '
            f'title="{told}">{address}</a>'
        )
