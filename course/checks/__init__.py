"""Tasks: what they ask, whether the live engine meets it, hints, progress."""

from course.checks.container import ContainerAt
from course.checks.expect import At
from course.checks.lab import Lab
from course.checks.verdict import NotAttempted, NotYet, Outcome, Verdict

__all__ = ["At", "ContainerAt", "Lab", "NotAttempted", "NotYet", "Outcome", "Verdict"]
