"""The lab's way to look into a registry."""

from __future__ import annotations

import re
from typing import Any

from course.engine.attached import ATTACHED
from course.errors import CourseError
from course.notebook.pictures import Pictured
from course.views.registry import RegistryView
from course.views.view import View
from course.watch.registry import Registry
from course.watch.registry_reader import RegistryReader
from course.watch.sampler import Sampler

EVERY = 2.0  # seconds from a look to the next
SELDOM = 15.0  # on an engine of the class, where each question takes a container of its own
_ADDRESS = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


class Registries(Pictured):
    """A lab whose registries can be looked into."""

    def registry(self, address: str = "localhost:5000", storage: str = "") -> View[Any]:
        """What a registry holds, which blobs are shared, and what it stores, live.

        It is asked from the lab's Docker host, with the host's `curl`, in the engine's way: by
        HTTPS with the authority under `/etc/docker/certs.d`, on the loopback by plain HTTP too,
        and with what `docker login` left in `~/.docker/config.json`.

        Args:
            address: As images are named after it: "localhost:5000", "registry.lab:5443".
            storage: Folder of the Docker host where the registry keeps its data. The API lists no
                blobs; with the folder the picture also shows those that no tag reaches.

        Raises:
            CourseError: That is no address of a registry.
        """
        if not _ADDRESS.fullmatch(address):
            raise CourseError(
                f"Looked for a registry at {address!r}.",
                "A registry's address is a host's name or address, and a port.",
                'As in lab.registry("localhost:5000"), without http:// and without a path.',
            )
        reader = RegistryReader(self.run, address, storage)
        every = SELDOM if self.source == ATTACHED else EVERY
        sampler = Sampler(reader.read, Registry(address), every=every, let_go=reader.close)
        for view in [one for one in self._views if isinstance(one, RegistryView)]:
            if view.address == address:  # one live picture of each registry
                view.close()
                self._views.remove(view)
        self._views.append(found := RegistryView(address))
        return found.attach(sampler)
