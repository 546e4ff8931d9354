"""A lab's way to ask a published port of every node, and to know what its kernel can do."""

from __future__ import annotations

from course.engine.ipvs import Ipvs, look
from course.errors import CourseError
from course.notebook.swarm import Swarmed
from course.views.mesh import MeshView
from course.watch.mesh_reader import Asking

MOST = 200  # requests to a node: more would draw a thin line thicker


class Meshed(Swarmed):
    """A lab whose published ports can be asked."""

    def has_ipvs(self) -> Ipvs:
        """Whether the lab's kernel can do virtual addresses and the routing mesh; true or false.

        It is the kernel's own answer, for it is asked to load IPVS (the load balancer of both).
        """
        return look(self.run)

    def mesh(self, port: int, requests: int = 10, path: str = "/") -> MeshView:
        """Sends requests to a published port of every node: who took them, who answered, live.

        Each goes to a node's address on the nodes' network. Who answered, the first line of the
        page says: the host name of its container, or the name of its task.

        Args:
            port: As it is published.
            requests: How many each node gets, one after the other; up to 200.
            path: What is asked for.

        Raises:
            CourseError: That is no port, or no such number of requests.
        """
        if not (0 < port < 65536 and 0 < requests <= MOST):
            raise CourseError(
                f"Sent {requests} requests to port {port} of each node.",
                f"A port is 1 to 65535, and {MOST} requests are the most.",
                "As in lab.mesh(8080, requests=10).",
            )
        nodes = [node for node in self.nodes if node.is_on]
        asking = Asking(nodes, lambda: self._swarm_sampler.settle().value, port, requests, path)
        view = MeshView(asking)
        self._keep(view)
        asking.start()
        return view
