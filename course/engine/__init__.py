"""Engines: the learner's own, and the disposable ones that the notebooks drive."""
