"""Authoring: from the instructor's sources under `solutions/` to what learners get. Never installed with a learner."""

from autograder.authoring.sources import also, claim, equivalent, mistake, variant

__all__ = ["also", "claim", "equivalent", "mistake", "variant"]
