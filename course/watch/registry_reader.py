"""RegistryReader: reads a registry, as far as its API and its storage tell."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace

from course.watch.registry import Manifest, Registry, Tag
from course.watch.registry_http import CREDENTIALS, Answer, Door, Run, ask, kept_login
from course.watch.registry_parse import Storage, manifest, names, storage

CATALOG = "_catalog?n=200"
MOST = 200  # repositories, tags and manifests that are read, each
UNAUTHORIZED = 401


class RegistryReader:
    """Reads a registry again and again; what a digest names is read once.

    Args:
        run: Runs a script on the lab's Docker host.
        address: As the engine would call it: "localhost:5000".
        folder: Of the Docker host, where the registry keeps its data; empty for none to look at.
    """

    def __init__(self, run: Run, address: str, folder: str = "") -> None:
        self._run, self._address, self._folder = run, address, folder
        self._door: Door | None = None
        self._known: dict[str, Manifest] = {}

    def read(self) -> Registry:
        """Reads it.

        Raises:
            OSError: It does not answer, or does not let us in: says which.
        """
        config, listing = self._look()
        login = kept_login(config, self._address)
        door, catalog = self._enter(login)
        repositories = names(catalog.body, "repositories")
        names_only = self._tags(door, repositories[:MOST])
        tags = self._pointed(door, names_only[:MOST])
        found = storage(listing) if self._folder else None
        manifests = self._manifests(door, tags, found)
        return Registry(
            self._address,
            door.scheme,
            door.user,
            tuple(repositories[:MOST]),
            tuple(tags),
            tuple(manifests[:MOST]),
            found.blobs if found else None,
            found.uploads if found else (),
            max(len(repositories), len(names_only), len(manifests)) > MOST,
        )

    def close(self) -> None:
        """Forgets how it was reached: another reading tries all ways again."""
        self._door = None

    def _look(self) -> tuple[bytes, bytes]:
        """The CLI's credentials file, and the files in the storage with their sizes."""
        mark = secrets.token_hex(16)
        script = f"cat {CREDENTIALS} 2>/dev/null; echo; echo {mark}"
        if self._folder:
            wanted = r"\( -path '*/blobs/*' -o -path '*/revisions/*' -o -path '*/_uploads/*' \)"
            files = f"find . -type f {wanted} -exec stat -c '%s %n' {{}} +"
            script += f"; cd {shlex.quote(self._folder)} 2>/dev/null && {files} 2>/dev/null"
        _, output = self._run(f"{script}; true")
        config, _, listing = output.partition(mark.encode())
        return config, listing

    def _enter(self, login: str) -> tuple[Door, Answer]:
        said = [Answer()]
        for door in self._doors(login):
            said = ask(self._run, door, [CATALOG])
            if said[0].status == 200:
                self._door = door
                return door, said[0]
            if said[0].status:
                break
        self._door = None
        raise OSError(self._refusal(said[0].status, login))

    def _doors(self, login: str) -> Iterable[Door]:
        """As the engine tries them: encrypted first; plain only on the loopback."""
        if self._door:
            return (replace(self._door, login=login),)
        safe = Door(self._address, "https", login)
        return (safe, replace(safe, scheme="http")) if safe.is_local else (safe,)

    def _refusal(self, status: int, login: str) -> str:
        if status == UNAUTHORIZED:
            who = "does not accept what `docker login` kept" if login else "asks who you are"
            return f"The registry {self._address} {who} (401)."
        if status:
            return f"The registry {self._address} answers {status} to the question for its catalog."
        return f"Nobody answers at {self._address}, or not in a way that the engine would accept."

    def _tags(self, door: Door, repositories: Sequence[str]) -> list[Tag]:
        answers = ask(self._run, door, [f"{name}/tags/list" for name in repositories])
        return [
            Tag(repository, tag)
            for repository, answer in zip(repositories, answers, strict=True)
            for tag in names(answer.body, "tags")
        ]

    def _pointed(self, door: Door, tags: Sequence[Tag]) -> list[Tag]:
        """Returns the tags with the digests that they point to, and keeps what is there."""
        answers = ask(self._run, door, [f"{one.repository}/manifests/{one.name}" for one in tags])
        found = [manifest(answer.body) if answer.status == 200 else None for answer in answers]
        self._known |= {one.digest: one for one in found if one}
        return [
            replace(tag, digest=one.digest) if one else tag
            for tag, one in zip(tags, found, strict=True)
        ]

    def _manifests(self, door: Door, tags: Sequence[Tag], found: Storage | None) -> list[Manifest]:
        """Returns what tags reach, then what only the storage tells."""
        wanted = [(tag.repository, child) for tag in tags for child in self._children(tag.digest)]
        self._fetch(door, wanted)
        order: dict[str, Manifest] = {}
        index_of = {child: tag.digest for tag in tags for child in self._children(tag.digest)}
        for tag in tags:
            self._add(order, index_of.get(tag.digest, tag.digest))
        rest = [pair for pair in (found.revisions if found else ()) if pair[1] not in order]
        self._fetch(door, rest)
        loose = [self._known[digest] for _, digest in rest if digest in self._known]
        for one in sorted(loose, key=lambda one: (len(one.blobs), one.size, one.digest)):
            self._add(order, one.digest)
        self._known = dict(order)  # what is gone is forgotten
        return list(order.values())

    def _children(self, digest: str) -> tuple[str, ...]:
        return self._known[digest].children if digest in self._known else ()

    def _add(self, order: dict[str, Manifest], digest: str) -> None:
        if digest in self._known and digest not in order:
            order[digest] = self._known[digest]
            for child in self._known[digest].children:
                self._add(order, child)

    def _fetch(self, door: Door, pairs: Sequence[tuple[str, str]]) -> None:
        """Reads manifests by their digests; what is not what its digest says is left out."""
        missing = [pair for pair in dict.fromkeys(pairs) if pair[1] not in self._known][:MOST]
        answers = ask(self._run, door, [f"{name}/manifests/{digest}" for name, digest in missing])
        for (_, digest), answer in zip(missing, answers, strict=True):
            if answer.status == 200 and (one := manifest(answer.body)).digest == digest:
                self._known[digest] = one
