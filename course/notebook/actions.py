"""What a view's buttons do to a container."""

from __future__ import annotations

from collections.abc import Callable

import docker
from docker.errors import APIError, NotFound

from course.errors import CourseError

ACTIONS = ("start", "stop", "kill", "pause", "unpause", "restart", "remove")


class Actions:
    """Called with an action and a container's name, on the view's own thread.

    Args:
        connect: Makes a client for that thread: docker-py's are not to be shared.
    """

    def __init__(self, connect: Callable[[], docker.DockerClient]) -> None:
        self._connect = connect

    def __call__(self, action: str, name: str) -> None:
        """Does one of `ACTIONS`.

        Raises:
            CourseError: The engine refused it, or the container has gone.
        """
        if action not in ACTIONS:
            raise CourseError(f"Tried to {action} {name}.", f"A button knows {', '.join(ACTIONS)}.")
        client = self._connect()
        try:
            getattr(client.containers.get(name), action)()
        except NotFound as error:
            raise CourseError(f"Tried to {action} {name}.", "It has gone.") from error
        except APIError as error:
            raise CourseError(f"Tried to {action} {name}.", str(error.explanation)) from error
        finally:
            client.close()
