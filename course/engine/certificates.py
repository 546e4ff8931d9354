"""Certificates: one throw-away authority for each sandbox, one for the mirror."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme

# docker-py and dockerd take files, so every key is a file that only its owner may read.


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True)
class Identity:
    """What a TLS server and its one client need: both are signed by the same authority."""

    authority: bytes
    server: Pair
    client: Pair

    def save_client(self, folder: Path) -> None:
        """Writes ca.pem, cert.pem and key.pem, as `DOCKER_CERT_PATH` expects them."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(folder / "ca.pem", self.authority)
        write_private(folder / "cert.pem", self.client.certificate)
        write_private(folder / "key.pem", self.client.key)

    def save(self, folder: Path) -> None:
        """Writes `save_client`'s files, and server.pem and server.key."""
        self.save_client(folder)
        write_private(folder / "server.pem", self.server.certificate)
        write_private(folder / "server.key", self.server.key)

    @classmethod
    def load(cls, folder: Path) -> Identity | None:
        """What `save` wrote; None if a file of it is missing."""
        names = ("ca.pem", "server.pem", "server.key", "cert.pem", "key.pem")
        try:
            authority, *pairs = (folder.joinpath(name).read_bytes() for name in names)
        except OSError:
            return None
        return cls(authority, Pair(*pairs[:2]), Pair(*pairs[2:]))


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that nobody but its owner can read, not even for a moment."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(data)


def _pair(leaf: trustme.LeafCert) -> Pair:
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    return Pair(chain, leaf.private_key_pem.bytes())


def make_identity(*names: str) -> Identity:
    """Makes a new authority, a server certificate for `names` and a client certificate.

    Args:
        names: Host names and IP addresses by which clients will call the server.
    """
    authority = trustme.CA(organization_name="Learning Docker")
    return Identity(
        authority.cert_pem.bytes(),
        _pair(authority.issue_cert(*names)),
        _pair(authority.issue_cert("client")),
    )
