"""The regression tests of the notebooks: what a learner sees must not change unseen."""
