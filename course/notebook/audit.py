"""The audit as a notebook asks for it."""

from __future__ import annotations

from docker.errors import NotFound

from course.checks.audit import Audit, audit
from course.engine.lab import Lab
from course.errors import CourseError


class Audited(Lab):
    """A lab whose containers can be audited."""

    def audit(self, name: str) -> Audit:
        """What a container's `inspect` data says about its walls; it changes and starts nothing.

        Args:
            name: Of the container, running or not.

        Returns:
            The findings, the worst first; `.table()` gives them as a DataFrame.

        Raises:
            CourseError: There is no such container.
        """
        try:
            return audit(self.client.api.inspect_container(name))
        except NotFound:
            names = sorted(one.name or "" for one in self.client.containers.list(all=True))
            raise CourseError(
                f"You asked for an audit of the container {name!r}.",
                f"The lab's engine has none of this name; it has {', '.join(names) or 'none'}.",
                "Start it first, or look at `lab.ps(all=True)`.",
            ) from None
