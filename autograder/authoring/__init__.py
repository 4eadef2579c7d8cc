"""Authoring: from the instructor's sources under `solutions/` to what learners get. Never installed with a learner."""

from autograder.authoring.sources import claim, equivalent, mistake, variant

__all__ = ["claim", "equivalent", "mistake", "variant"]
